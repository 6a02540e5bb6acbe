"""The numbers that a place sets for itself, and those in force there."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import InitErrorDetails

from app.domain.policy import Policy
from app.schemas.base import Output, broken
from app.schemas.team import TITLE_LENGTH

Path = tuple[int | str, ...]

MOST_TITLES = 10
LARGEST = 1_000_000
"""No number of a policy means anything beyond this; minutes, metres and points all stay far below."""

_WORDS = {
    "extra_forbidden": "没有这项规则",
    "greater_than_equal": "不能小于{ge}",
    "less_than_equal": "不能大于{le}",
}


def _normal(change: dict[str, Any]) -> dict[str, Any]:
    """Every value of its own kind and within its bounds, and nothing that was not sent."""
    try:
        policy = Policy.model_validate(change)
    except ValidationError as error:
        found = [
            (one["loc"], _WORDS.get(one["type"], "取值不正确").format_map(one.get("ctx", {})))
            for one in error.errors()
        ]
    else:
        found = list(_beyond_types(policy))
    if found:
        raise ValidationError.from_exception_data("policy", [_fault(*one) for one in found])
    return _sent(policy.model_dump(mode="json"), change)


def _fault(path: Path, words: str) -> InitErrorDetails:
    problem = broken("policy_invalid", f"{'.'.join(map(str, path))}：{words}")
    return InitErrorDetails(type=problem, loc=path, input=None)


def _beyond_types(policy: Policy) -> Iterator[tuple[Path, str]]:
    try:
        ZoneInfo(policy.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("time_zone",), "没有这个时区"
    titles = policy.team_titles
    if len(titles) > MOST_TITLES or not all(0 < len(title) <= TITLE_LENGTH for title in titles):
        yield ("team_titles",), f"最多{MOST_TITLES}个，每个1至{TITLE_LENGTH}个字"
    for path, number in _numbers(policy.model_dump(), ()):
        if not number <= LARGEST:
            yield path, f"不能大于{LARGEST}"


def _numbers(values: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, float]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, (*path, name))
        elif isinstance(value, int | float):
            yield (*path, name), value


def _sent(values: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _sent(values[name], below) if isinstance(below, Mapping) else values[name]
        for name, below in change.items()
    }


PolicyChange = Annotated[
    dict[str, Any],
    AfterValidator(_normal),
    Field(
        description="Only what this place changes, in the shape of `effective`. "
        "It replaces all that was set here before.",
        examples=[{"auto_approve": True, "times": {"normal": {"accept": 720}}}],
    ),
]


class PolicyOut(Output):
    """`changes` is what this place itself sets, `effective` what is in force with what is set above it.

    `revision` is the center's: send it as `If-Match` to change only what you have seen.
    """

    organisation_id: UUID
    revision: int
    changes: dict[str, Any]
    effective: Policy
