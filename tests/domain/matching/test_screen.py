"""Each hard condition excludes for its own reason, and a single team hears of all that it fails."""

import pytest

from app.domain.matching.features import NO_DAY, Exclusion, Ring, Wish
from app.domain.matching.rank import Ranking, rank
from app.domain.matching.score import Weights
from app.domain.matching.screen import failing
from tests.domain.matching.cases import (
    CENTER,
    NAMES,
    OTHER,
    POINT,
    STATION,
    STREET,
    TODAY,
    Team,
    case,
    need,
)
from tests.domain.matching.exclusions import ALL, MORE, Excluded


def ranked(excluded: Excluded) -> tuple[Ranking, list[int]]:
    one, asked, _ = excluded.planted()
    found = rank(one.index, asked, one.standing(), Weights(), 10, NAMES)
    return found, [one.number[item.row] for item in found.items]


@pytest.mark.parametrize("reason", Exclusion)
def test_each_condition_excludes_alone(reason: Exclusion) -> None:
    found, teams = ranked(ALL[reason])
    assert teams == [0]
    assert found.excluded == {reason: 1}


@pytest.mark.parametrize(("reason", "excluded"), [*ALL.items(), *MORE])
def test_one_team_hears_the_same(reason: Exclusion, excluded: Excluded) -> None:
    one, asked, row = excluded.planted()
    assert failing(one.index, asked, row, excluded.work_of(one, row)) == [reason]


def test_a_team_hears_of_everything_it_fails_in_the_order_of_the_conditions() -> None:
    hopeless = Team(
        km=50,
        skills={0: (1, NO_DAY)},
        organisation=OTHER,
        lends=False,
        active=False,
        adults_only=False,
        insured_until=NO_DAY,
        two=False,
        women=False,
        languages=0,
        week="0" * 84,
    )
    one = case([hopeless])
    asked = need(
        required=(0, 2),
        levels=(3, 1),
        needs_proof=(True, False),
        risky=True,
        two=True,
        gender=Wish.FEMALE,
        language=1,
        wish_must=True,
        declined=frozenset({0}),
        blocked=frozenset({0}),
    )
    failed = failing(one.index, asked, 0, Excluded.work_of(one, 0))
    assert failed == [reason for reason in Exclusion if reason is not Exclusion.NO_CAPACITY]
    counted = rank(one.index, asked, one.standing(), Weights(), 10, NAMES).excluded
    assert counted == {Exclusion.MISSING_SPECIALTY: 1}, "a team is counted once, under the first"


def test_full_is_said_only_of_a_team_whose_work_is_known() -> None:
    one, asked, row = ALL[Exclusion.NO_CAPACITY].planted()
    assert failing(one.index, asked, row, None) == []


def test_who_fails_nothing_may_serve() -> None:
    one = case([Team()])
    assert failing(one.index, need(), 0, Excluded.work_of(one, 0)) == []


def test_wishes_exclude_nobody_unless_they_must() -> None:
    one = case([Team(women=False, languages=0), Team(km=2)])
    for asked in (
        need(gender=Wish.FEMALE, language=1),
        need(wish_must=True),
        need(gender=Wish.MALE, wish_must=True),
    ):
        found = rank(one.index, asked, one.standing(), Weights(), 10, NAMES)
        assert (len(found.items), found.excluded) == (2, {})


@pytest.mark.parametrize(
    ("organisation", "lends", "handler", "ring"),
    [
        (STATION, False, STATION, Ring.OWN),
        (POINT, False, STATION, Ring.OWN),
        (STREET, False, STATION, Ring.STREET),
        (CENTER, False, STATION, Ring.CENTER),
        (4, True, STATION, Ring.LENT),
        (4, False, STATION, None),
        (4, False, STREET, Ring.LENT),
        (OTHER, False, STREET, None),
        (OTHER, True, STREET, Ring.LENT),
        (OTHER, False, CENTER, Ring.LENT),
        (1, True, STATION, Ring.LENT),
        (1, False, STATION, None),
    ],
)
def test_rings(organisation: int, lends: bool, handler: int, ring: Ring | None) -> None:
    one = case([Team(organisation=organisation, lends=lends)])
    found = rank(one.index, need(handler=handler), one.standing(), Weights(), 10, NAMES)
    assert [item.ring for item in found.items] == ([] if ring is None else [ring])
    assert found.excluded == ({Exclusion.OUT_OF_SCOPE: 1} if ring is None else {})


@pytest.mark.parametrize("area", [POINT, STATION, STREET, CENTER])
def test_a_named_area_reaches_whom_no_radius_reaches(area: int) -> None:
    one = case([Team(km=60, radius_m=10, areas=(area,)), Team(km=60, radius_m=10)])
    found = rank(one.index, need(organisation=POINT), one.standing(), Weights(), 10, NAMES)
    assert [one.number[item.row] for item in found.items] == [0]
    assert failing(one.index, need(organisation=POINT), found.items[0].row, None) == []
    elsewhere = rank(one.index, need(organisation=OTHER, handler=OTHER), one.standing(), Weights(), 10, NAMES)
    assert len(elsewhere.items) == (area == CENTER)


def test_online_nobody_is_too_far() -> None:
    one = case([Team(km=80, radius_m=0)])
    assert rank(one.index, need(place=None), one.standing(), Weights(), 10, NAMES).items
    assert failing(one.index, need(place=None), 0, None) == []


@pytest.mark.parametrize(("metres", "within"), [(4_995, True), (5_000, True), (5_010, False)])
def test_the_radius_is_the_last_place_that_is_reached(metres: int, within: bool) -> None:
    one = case([Team(km=metres / 1000, radius_m=5_000)])
    assert bool(rank(one.index, need(), one.standing(), Weights(), 10, NAMES).items) == within


@pytest.mark.parametrize(("until", "holds"), [(TODAY - 1, False), (TODAY, True), (TODAY + 1, True)])
def test_papers_hold_on_their_last_day(until: int, holds: bool) -> None:
    one = case([Team(skills={0: (2, until)}, insured_until=until)])
    for asked in (need(needs_proof=(True,)), need(risky=True)):
        assert bool(rank(one.index, asked, one.standing(), Weights(), 10, NAMES).items) == holds
