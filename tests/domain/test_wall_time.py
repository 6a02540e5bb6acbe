"""A time of day is what stands on the wall, in the contract and in what is taken."""

import re
from datetime import UTC, time

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.policy import NoticePolicy, WavePolicy
from app.domain.wall_time import PATTERN, WallTime

TAKEN: TypeAdapter[time] = TypeAdapter(WallTime)


@pytest.mark.parametrize("given", ["08:30", "21:00:00", "00:00", time(23, 59)])
def test_hours_and_minutes_are_taken(given: object) -> None:
    assert TAKEN.validate_python(given).tzinfo is None
    assert re.fullmatch(PATTERN, TAKEN.dump_python(TAKEN.validate_python(given), mode="json"))


@pytest.mark.parametrize(
    "given", ["24:00", "8:30", "08:30Z", "08:30:00+08:00", "08:30:00.5", 30600, "٠٨:٣٠", time(8, tzinfo=UTC)]
)
def test_nothing_else_is(given: object) -> None:
    with pytest.raises(ValidationError):
        TAKEN.validate_python(given)


def test_an_hour_of_another_zone_is_refused_and_not_compared() -> None:
    with pytest.raises(ValidationError, match="awake_until"):
        WavePolicy.model_validate({"awake_until": "21:00:00Z"})
    assert NoticePolicy.model_json_schema()["properties"]["quiet_from"]["pattern"] == PATTERN
