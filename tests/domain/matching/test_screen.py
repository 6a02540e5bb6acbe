from dataclasses import replace
from typing import Any

import pytest

from app.domain.matching.features import EXCLUSION_ZH, Exclusion, Need
from app.domain.matching.screen import CONDITIONS, Shortlist, screen
from tests.domain.matching.cases import HOME, NEED, Team, tables

STRICT = replace(NEED, needs_proof=(True,), risky=True)
ABLE = Team(proof_until=(NEED.day, -1, -1), insured_until=NEED.day)


def verdict(team: Team, need: Need = NEED) -> Exclusion | None:
    table, moment = tables(team)
    codes, _ = screen(table, need, moment)
    return tuple(Exclusion)[codes[0] - 1] if codes[0] else None


def shortlist(team: Team, need: Need = NEED) -> Shortlist:
    table, moment = tables(team)
    return screen(table, need, moment)[1]


FAILING: dict[Exclusion, dict[str, Any]] = {
    Exclusion.OUT_OF_SCOPE: {"in_scope": False},
    Exclusion.INACTIVE: {"active": False},
    Exclusion.DECLINED_BEFORE: {"declined": True},
    Exclusion.MISSING_SPECIALTY: {"level": (0, 3, 3)},
    Exclusion.PROOF_MISSING: {"proof_until": (NEED.day - 1, -1, -1)},
    Exclusion.TOO_FAR: {"km": 8.01, "radius_km": 8},
    Exclusion.MINORS_AT_RISK: {"adults_only": False},
    Exclusion.NOT_INSURED: {"insured_until": NEED.day - 1},
    Exclusion.NO_FREE_TIME: {"on_duty": "101010", "free": "101010"},
    Exclusion.NO_CAPACITY: {"on_duty": "111000", "free": "101000"},
}


@pytest.mark.parametrize("exclusion", Exclusion)
def test_each_condition_alone_excludes(exclusion: Exclusion) -> None:
    assert verdict(ABLE, STRICT) is None
    assert verdict(replace(ABLE, **FAILING[exclusion]), STRICT) is exclusion


def test_the_first_failing_condition_is_the_one_told() -> None:
    """A team that fails everything, then one repair after another."""
    changes: dict[str, Any] = {}
    for failing in reversed(FAILING.values()):
        changes |= failing
    changes |= {"on_duty": "000000"}
    told = []
    for failing in FAILING.values():
        told.append(verdict(replace(ABLE, **changes), STRICT))
        changes |= {name: getattr(ABLE, name) for name in failing}
        changes |= {"free": "000000"} if "on_duty" in failing else {}
    assert told == list(Exclusion)


def test_every_exclusion_has_its_condition_and_its_sentence_in_one_order() -> None:
    assert list(CONDITIONS) == list(EXCLUSION_ZH) == list(Exclusion)


@pytest.mark.parametrize(
    "change",
    [
        FAILING[reason]
        for reason in (Exclusion.PROOF_MISSING, Exclusion.MINORS_AT_RISK, Exclusion.NOT_INSURED)
    ],
)
def test_harmless_work_asks_for_no_papers(change: dict[str, Any]) -> None:
    assert verdict(replace(ABLE, **change)) is None


def test_all_that_is_required_must_be_there_and_all_that_needs_it_proven() -> None:
    both = replace(NEED, required=(0, 1), needs_proof=(False, True))
    assert verdict(Team(level=(1, 0, 0)), both) is Exclusion.MISSING_SPECIALTY
    assert verdict(Team(level=(1, 1, 0), proof_until=(NEED.day, -1, -1)), both) is Exclusion.PROOF_MISSING
    assert verdict(Team(level=(1, 1, 0), proof_until=(-1, NEED.day, -1)), both) is None


def test_nobody_is_far_online() -> None:
    assert verdict(Team(km=500), replace(NEED, place=None)) is None


def test_the_very_edge_of_the_radius_is_near() -> None:
    assert verdict(Team(km=8, radius_km=8)) is None
    assert verdict(Team(km=8.001, radius_km=8)) is Exclusion.TOO_FAR


def test_without_radius_only_the_own_door_is_near() -> None:
    assert verdict(Team(km=0, radius_km=0)) is None
    assert verdict(Team(km=0.001, radius_km=0)) is Exclusion.TOO_FAR


@pytest.mark.parametrize("place", [(90.0, 0.0), (-90.0, 180.0), (HOME[0], -180.0), (HOME[1] - 90, HOME[0])])
def test_a_place_at_the_end_of_the_world_is_only_far(place: tuple[float, float]) -> None:
    assert verdict(Team(), replace(NEED, place=place)) is Exclusion.TOO_FAR


@pytest.mark.parametrize(
    ("on_duty", "free", "starts"),
    [
        ("111111", "222222", "11111"),
        ("111111", "102011", "00001"),
        ("110111", "110111", "10011"),
        ("111101", "119911", "11100"),
        ("111111", "010101", None),
        ("11", "11", "1"),
        ("1", "1", None),
        ("", "", None),
    ],
)
def test_the_whole_service_must_fit_without_a_break(on_duty: str, free: str, starts: str | None) -> None:
    team = Team(on_duty=on_duty, free=free)
    found = shortlist(team).starts
    assert [("".join(str(int(start)) for start in row)) for row in found] == ([starts] if starts else [])


def test_free_time_off_duty_does_not_count() -> None:
    assert verdict(Team(on_duty="000000", free="222222")) is Exclusion.NO_FREE_TIME
