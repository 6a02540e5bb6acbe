"""Every kind of change about teams that a ranking has to know, as the people make it."""

from dataclasses import dataclass, field
from typing import Any

Step = tuple[str, str, str, Any]
"""Who, how, where and what; `{team}`, `{station}` and the ids of people by their names are filled in."""

FEMALE = {"wish": {"gender": "female", "must": True}}
SIGNS = {"wish": {"language": "sign", "must": True}}
ALONE = {"circumstances": ["lone_elderly"]}
NO_ONE: dict[str, Any] = {"free": []}
TOO_SMALL = ("admin", "PATCH", "/teams/{team}", {"radius_km": 0.05})
WOMAN = ("admin", "PATCH", "/volunteers/{volunteer's number}", {"gender": "female"})
LEAVING = [("admin", "DELETE", f"/teams/{{team}}/members/{{{who}}}", None) for who in ("helper", "volunteer")]


@dataclass(frozen=True)
class Change:
    """After `before` the leader's team fails `failed`; after `steps` it fails `fails`."""

    steps: list[Step]
    fails: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    before: list[Step] = field(default_factory=list)
    order: dict[str, Any] = field(default_factory=dict)


CHANGES = {
    "team": Change([("admin", "PATCH", "/teams/{team}", {"active": False})], ["inactive"]),
    "team's place": Change(
        [("admin", "PATCH", "/teams/{team}", {"location": {"lat": 29.2, "lon": 112.98}})], ["too_far"]
    ),
    "radius": Change([("admin", "PATCH", "/teams/{team}", {"radius_km": 8})], [], ["too_far"], [TOO_SMALL]),
    "area": Change(
        [("admin", "PATCH", "/teams/{team}", {"area_ids": ["{station}"]})], [], ["too_far"], [TOO_SMALL]
    ),
    "skills": Change(
        [("admin", "PUT", "/teams/{team}/specialties", {"specialties": []})], ["missing_specialty"]
    ),
    "week": Change([("leader", "PUT", "/teams/{team}/availability", {"weekly": []})], ["no_free_time"]),
    "exception": Change([("leader", "PUT", "/teams/{team}/exceptions/2026-11-28", NO_ONE)], ["no_free_time"]),
    "exception taken back": Change(
        [("leader", "DELETE", "/teams/{team}/exceptions/2026-11-28", None)],
        [],
        ["no_free_time"],
        [("leader", "PUT", "/teams/{team}/exceptions/2026-11-28", NO_ONE)],
    ),
    "members leave": Change(LEAVING, ["needs_two"], order=ALONE),
    "a member joins": Change(
        [("admin", "PUT", "/teams/{team}/members/{outsider}", None)],
        [],
        ["needs_two"],
        LEAVING,
        order=ALONE,
    ),
    "a leader is appointed": Change(
        [("admin", "PUT", "/teams/{team}/leaders/{outsider}", None)],
        [],
        ["needs_two"],
        LEAVING,
        order=ALONE,
    ),
    "a volunteer's gender": Change([WOMAN], [], ["gender"], order=FEMALE),
    "a volunteer's language": Change(
        [("admin", "PATCH", "/volunteers/{volunteer's number}", {"languages": ["mandarin", "sign"]})],
        [],
        ["language"],
        order=SIGNS,
    ),
    "a volunteer no longer serves": Change(
        [("admin", "PATCH", "/volunteers/{volunteer's number}", {"active": False})],
        ["gender"],
        [],
        [WOMAN],
        order=FEMALE,
    ),
    "a member is registered as volunteer": Change(
        [
            (
                "admin",
                "POST",
                "/volunteers",
                {"person_id": "{newcomer}", "organisation_id": "{station}", "gender": "female"},
            )
        ],
        [],
        ["gender"],
        [("admin", "PUT", "/teams/{team}/members/{newcomer}", None)],
        order=FEMALE,
    ),
    "a member closes the account": Change(
        [("volunteer", "DELETE", "/me", None)], ["gender"], [], [WOMAN], order=FEMALE
    ),
    "a member's account is gone": Change(
        [(who, "DELETE", "/me", None) for who in ("volunteer", "helper")], ["needs_two"], order=ALONE
    ),
    "lends": Change([("admin", "PATCH", "/teams/{lent}", {"lends": False})], ["out_of_scope"]),
}


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(names)
    if isinstance(value, dict):
        return {name: filled(inner, names) for name, inner in value.items()}
    return [filled(inner, names) for inner in value] if isinstance(value, list) else value
