"""The county has the seeds' figures, the rhythm of a year, and is the same for the same seed."""

from dataclasses import fields

import numpy as np
import pytest

from app.domain.hours import HALF_HOUR
from app.lab import almanac
from app.lab.almanac import DAY
from app.lab.county import ACTIVITIES_A_TEAM, ORDERS, TEAMS, County, generate
from app.lab.deeds import MEDIATION, deeds
from app.lab.demand import EMERGENCY, URGENT, URGENT_RANK
from tests.lab.conftest import SEED


def test_it_has_the_figures_of_the_seeds(whole: County) -> None:
    assert (whole.demand.size, whole.teams, whole.days) == (ORDERS, TEAMS, almanac.YEAR_DAYS)
    assert whole.volunteers.sum() == pytest.approx(260_000, rel=0.1)
    begun = (np.diff(whole.engaged, axis=1, prepend=0) > 0).sum()
    assert begun == pytest.approx(TEAMS * ACTIVITIES_A_TEAM, rel=0.05), "neighbouring activities may touch"


def test_the_same_seed_is_the_same_county() -> None:
    one, again, other = (generate(seed, orders=50, teams=60, days=14) for seed in (SEED, SEED, SEED + 1))
    for field in fields(one.demand):
        same = getattr(one.demand, field.name), getattr(again.demand, field.name)
        assert np.array_equal(*same) if isinstance(same[0], np.ndarray) else same[0] == same[1], field.name
    assert np.array_equal(one.index.ids, again.index.ids)
    assert np.array_equal(one.engaged, again.engaged)
    assert not np.array_equal(one.demand.placed, other.demand.placed)
    assert not np.array_equal(one.index.lat, other.index.lat)


def test_windows_follow_their_order_and_hold_the_service(whole: County) -> None:
    demand = whole.demand
    assert (demand.first * HALF_HOUR > demand.placed).all()
    assert (demand.slots >= demand.duration).all()
    assert (np.diff(demand.placed) >= 0).all()
    for n in range(0, demand.size, 97):
        need = demand.needs[n]
        begin = (need.first_day - whole.day_zero) * 48 + need.first_slot
        assert (begin, need.slots) == (demand.first[n], demand.slots[n])
        assert need.duration_slots == demand.duration[n]
    assert demand.first.max() + demand.slots.max() < whole.engaged.shape[1]


def test_orders_follow_the_week_and_the_festivals(whole: County) -> None:
    by_day = np.bincount(whole.demand.placed // DAY, minlength=whole.days)
    weekday = np.array([almanac.weekday(day) for day in range(whole.days)])
    plain = ~almanac.near_festival(whole.days)
    assert by_day[plain & (weekday == 0)].mean() > 1.2 * by_day[plain & (weekday == 6)].mean()
    assert by_day[~plain].mean() > 1.4 * by_day[plain].mean()
    spring = almanac.festival_days()["spring_festival"]
    assert by_day[spring + 1 : spring + 7].mean() < 0.7 * by_day[plain].mean()


def test_orders_follow_the_day(whole: County) -> None:
    hour = whole.demand.placed % DAY // 60
    assert ((hour >= 8) & (hour < 12)).mean() > 0.3
    assert ((hour >= 1) & (hour < 6)).mean() < 0.03


def test_shares_are_what_was_said(whole: County) -> None:
    demand = whole.demand
    assert (demand.urgency == URGENT_RANK).mean() == pytest.approx(URGENT, abs=0.01)
    assert 0.2 < demand.vulnerable.mean() < 0.4
    item = deeds().items
    mediation = next(n for n, one in enumerate(item) if one.code == MEDIATION[0])
    required = [need.required for need in demand.needs]
    share = np.mean([one == deeds().required[mediation] for one in required])
    assert share == pytest.approx(MEDIATION[1], abs=0.02)


def test_emergencies_come_with_storms(whole: County) -> None:
    emergencies = whole.demand.placed[whole.demand.urgency == EMERGENCY] // DAY
    counts = np.bincount(emergencies, minlength=whole.days)
    assert np.sort(counts)[-12:].sum() > 0.5 * counts.sum() > 10


def test_every_menu_item_finds_a_team(whole: County) -> None:
    for item, required in zip(deeds().items, deeds().required, strict=True):
        if required:
            assert len(whole.index.who_holds(tuple(required)).rows) >= 3, item.code


@pytest.mark.parametrize(
    "figures", [{"orders": 0}, {"orders": 10**6}, {"teams": 1}, {"teams": 10**6}, {"days": 1}, {"days": 366}]
)
def test_impossible_figures_are_refused(figures: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(figures))):
        generate(SEED, **figures)
