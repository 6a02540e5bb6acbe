"""Orders to rank teams for: as residents place them, with a few of every unusual kind among them.

Teams are named by their row in TeamColumns.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.matching.columns import TeamColumns
from app.domain.matching.features import Need, Wish
from benchmarks.matching.teams import TODAY, proofs
from benchmarks.matching.terrain import Terrain

WINDOWS = (
    *((16, 8), (18, 6), (24, 10), (28, 8), (18, 18), (16, 20)),
    *((16, 8), (18, 6), (24, 10), (28, 8), (18, 18), (18, 18 + DAY_SLOTS)),
)
"""First half hour and length: mornings, afternoons, whole days, and a day with the next."""


def orders(
    random: Generator, terrain: Terrain, teams: TeamColumns, popular: NDArray[np.float64], many: int
) -> list[Need]:
    """`many` orders; those without or with two required specialties, and those online, are spread among them."""
    return [_order(random, terrain, teams, popular, number) for number in range(many)]


def _order(
    random: Generator, terrain: Terrain, teams: TeamColumns, popular: NDArray[np.float64], number: int
) -> Need:
    office = terrain.pick(random, 1)
    lat, lon = terrain.near(random, office)
    station = int(random.choice(terrain.stations[office[0]]))
    organisation = int(random.choice([station, station, station, station, int(terrain.offices[office[0]])]))
    first_slot, slots = WINDOWS[random.integers(len(WINDOWS))]
    first_day = TODAY + int(random.integers(1, 10))
    required = _required(random, teams, popular, number)
    gender, language = _wishes(random)
    near = _some_near(random, teams, float(lat[0]), float(lon[0]), required)
    refused, served = near[:3], near[3:6]
    times = [int(one) for one in random.integers(1, 6, len(served))]
    return Need(
        required=required,
        levels=tuple(int(level) for level in random.choice([1, 1, 1, 2, 3], len(required))),
        needs_proof=tuple(bool(proofs()[one]) for one in required),
        place=None if number % 20 == 7 else (float(lat[0]), float(lon[0])),
        organisation=organisation,
        handler=int(random.choice([0, 0, 0, int(terrain.offices[office[0]]), organisation])),
        first_day=first_day,
        first_slot=first_slot,
        slots=slots,
        duration_slots=int(random.choice([2, 3, 4, 6])),
        day=first_day + (first_slot + slots - 1) // DAY_SLOTS,
        risky=bool(random.random() < 0.1),
        two=bool(random.random() < 0.1),
        gender=gender,
        language=language,
        wish_must=bool(random.random() < 0.3),
        declined=frozenset(refused[:2]),
        blocked=frozenset(refused[2:]),
        served={
            team: (many, many * int(random.integers(2, 6))) for team, many in zip(served, times, strict=True)
        },
    )


def _required(
    random: Generator, teams: TeamColumns, popular: NDArray[np.float64], number: int
) -> tuple[int, ...]:
    """One specialty; every twentieth order none, every twentieth two that some team has both of."""
    if number % 20 == 3:
        return ()
    if number % 20 != 12:
        return (int(random.choice(len(popular), p=popular)),)
    while True:
        team = random.integers(teams.size)
        rows = slice(*np.searchsorted(teams.skill_team, [team, team + 1]))
        held = teams.skill_specialty[rows]
        if len(held) > 1:
            return int(held[0]), int(held[1])


def _wishes(random: Generator) -> tuple[Wish, int]:
    gender = random.choice([Wish.NONE, Wish.NONE, Wish.NONE, Wish.NONE, Wish.FEMALE, Wish.MALE])
    language = int(random.choice([1, 2, 3])) if random.random() < 0.1 else -1
    return Wish(gender), language


def _some_near(
    random: Generator, teams: TeamColumns, lat: float, lon: float, required: tuple[int, ...]
) -> list[int]:
    """Up to six teams of those that are near and could serve: who refused, and who came before."""
    if required:
        rows = teams.skill_team[teams.skill_specialty == required[0]]
    else:
        rows = np.arange(teams.size, dtype=np.int32)
    near = rows[(np.abs(teams.lat[rows] - lat) < 0.05) & (np.abs(teams.lon[rows] - lon) < 0.05)]
    picked = random.choice(near, min(6, len(near)), replace=False) if len(near) else near
    return [int(one) for one in picked]
