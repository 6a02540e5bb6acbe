"""What the county orders in a year: when it is placed, for whom, where, and within which window."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS, HALF_HOUR
from app.domain.matching.features import Need
from app.domain.policy import Urgency
from app.lab import almanac
from app.lab.almanac import DAY, HOURS
from app.lab.deeds import FESTIVE_TILT, STORM_TILT, deeds
from app.lab.territory import HOME_SPREAD_KM, Territory, near

STORM_BUSY: Final = 1.0
"""What a storm adds to the orders of its day, relative to an ordinary one."""

URGENT: Final = 0.08
"""Of ordinary orders; work in a storm is an emergency, and nothing else is."""

ORDERS_A_HOME: Final = 4
"""Orders of a household that orders at all; a third of the households give half of the orders."""

LEAD_DAYS: Final = (0.10, 0.22, 0.20, 0.15, 0.11, 0.09, 0.06, 0.04, 0.03)
"""From the day of the order to the first day on which help is wanted: tomorrow, the day after …"""

DAYPARTS: Final = ((16, 24), (28, 36), (36, 42), (16, 40))
DAYPART_SHARES: Final = (0.14, 0.12, 0.10, 0.64)
"""Half hours of a morning, an afternoon, an evening, or any time of the day."""

LONG: Final = 5
"""A service of more half hours than that is left to any time of the day."""

DAYS_WANTED: Final = (0.55, 0.25, 0.20)
"""One day, two or three in a row: a window goes from the first daypart to the last."""


@dataclass(frozen=True, eq=False)
class Demand:
    """N orders by time of placing. Minutes and half hours count from the county's first midnight.

    `home` is a household, `office` the one (of County.offices) whose clerk answers for the order. The window has
    `slots` half hours from `first`, the service takes `duration`; what else it needs stands in `needs`.
    """

    placed: NDArray[np.int64]
    urgency: NDArray[np.int64]
    vulnerable: NDArray[np.bool_]
    home: NDArray[np.int64]
    office: NDArray[np.int64]
    first: NDArray[np.int64]
    slots: NDArray[np.int64]
    duration: NDArray[np.int64]
    needs: tuple[Need, ...]

    @property
    def size(self) -> int:
        return len(self.placed)

    @property
    def latest(self) -> NDArray[np.int64]:
        """The minute at which each service must begin at the latest."""
        return (self.first + self.slots - self.duration) * HALF_HOUR

    @cached_property
    def on_site(self) -> NDArray[np.bool_]:
        return np.array([need.place is not None for need in self.needs], np.bool_)


URGENCIES: Final = tuple(Urgency)
NORMAL, URGENT_RANK, EMERGENCY = range(3)


def wanted(orders: int, days: int, territory: Territory, rng: np.random.Generator) -> Demand:
    """The township answers for its orders; an emergency is the center's, which may ask every team."""
    menu, storm, festive = deeds(), almanac.stormy(days, rng), almanac.near_festival(days)
    odds = almanac.busyness(days) + STORM_BUSY * storm
    day = np.sort(rng.choice(days, orders, p=odds / odds.sum()))
    hours = np.array(HOURS) / sum(HOURS)
    minute = rng.choice(24, orders, p=hours) * 60 + rng.integers(60, size=orders)
    placed = np.sort(day * DAY + minute)
    item = _items(placed // DAY, storm, festive, rng)
    homes = max(1, orders // ORDERS_A_HOME)
    lives_at = rng.choice(len(territory.stations), homes, p=territory.weight)
    where = near(territory.stations[lives_at], HOME_SPREAD_KM, rng)
    keen = rng.lognormal(0, 1, homes)
    home = rng.choice(homes, orders, p=keen / keen.sum())
    drawn = rng.random(orders)
    urgency = np.where(menu.stormy[item], EMERGENCY, np.where(drawn < URGENT, URGENT_RANK, NORMAL))
    first, slots = _windows(placed, urgency, menu.slots[item], rng)
    vulnerable = rng.random(orders) < menu.vulnerable[item]
    two = vulnerable & menu.home_visit[item]
    office, station = territory.office_of[lives_at[home]], territory.station_rows[lives_at[home]]
    return Demand(
        placed=placed,
        urgency=urgency,
        vulnerable=vulnerable,
        home=home,
        office=office,
        first=first,
        slots=slots,
        duration=menu.slots[item],
        needs=tuple(
            Need(
                required=menu.required[i],
                levels=(1,) * len(menu.required[i]),
                needs_proof=menu.needs_proof[i],
                place=None if menu.items[i].mode == "online" else (lat, lon),
                organisation=at,
                handler=0 if rank == EMERGENCY else by,
                first_day=almanac.DAY_ZERO + begin // DAY_SLOTS,
                first_slot=begin % DAY_SLOTS,
                slots=length,
                duration_slots=int(menu.slots[i]),
                day=almanac.DAY_ZERO + (begin + length - 1) // DAY_SLOTS,
                risky=menu.items[i].risk == "risky",
                two=pair,
            )
            for i, (lat, lon), at, by, rank, begin, length, pair in zip(
                item.tolist(),
                where[home].tolist(),
                station.tolist(),
                territory.office_rows[office].tolist(),
                urgency.tolist(),
                first.tolist(),
                slots.tolist(),
                two.tolist(),
                strict=True,
            )
        ),
    )


def _items(
    day: NDArray[np.int64], storm: NDArray[np.bool_], festive: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Which menu item each order is for, tilted by what the day brings."""
    menu = deeds()
    found = np.zeros(len(day), np.int64)
    for is_storm in (False, True):
        for is_festive in (False, True):
            some = np.flatnonzero((storm[day] == is_storm) & (festive[day] == is_festive))
            odds = menu.share * np.where(menu.stormy & is_storm, STORM_TILT, 1.0)
            odds = odds * np.where(menu.festive & is_festive, FESTIVE_TILT, 1.0)
            found[some] = rng.choice(len(odds), len(some), p=odds / odds.sum())
    return found


def _windows(
    placed: NDArray[np.int64],
    urgency: NDArray[np.int64],
    duration: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first half hour of each window and how many it has, never too few for the service."""
    count = len(placed)
    part = rng.choice(len(DAYPARTS), count, p=DAYPART_SHARES)
    begins, ends = np.array(DAYPARTS)[np.where(duration > LONG, len(DAYPARTS) - 1, part)].T
    tomorrow = (placed // DAY + 1 + rng.choice(len(LEAD_DAYS), count, p=LEAD_DAYS)) * DAY_SLOTS
    more_days = rng.choice(len(DAYS_WANTED), count, p=DAYS_WANTED) * DAY_SLOTS
    normal = tomorrow + begins, more_days + ends - begins
    soon = -(-placed // HALF_HOUR) + 1
    urgent = soon + rng.integers(2, 5, count), duration + rng.integers(8, 24, count)
    emergency = soon, duration + rng.integers(6, 16, count)
    first, slots = (np.choose(urgency, parts) for parts in zip(normal, urgent, emergency, strict=True))
    return first, np.maximum(slots, duration)
