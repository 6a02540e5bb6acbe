"""Teams and orders for the tests: some made by hand, many at random on coarse grids, so that ties abound."""

from dataclasses import dataclass, replace

import numpy as np

from app.domain.matching.features import NO_DAY, NO_END, Moment, Need, TeamTable

HOME = (28.2280, 112.9390)
KM = 1 / 111.195
"""Degrees of latitude."""

TODAY = 20_515
NAMES = ("保洁", "电工证", "律师")

NEED = Need(required=(0,), needs_proof=(False,), place=HOME, day=TODAY, duration_slots=2, risky=False)


@dataclass(frozen=True)
class Team:
    """One team that could serve NEED; a test changes what it is about."""

    km: float = 1.0
    radius_km: float = 8.0
    level: tuple[int, ...] = (2, 0, 0)
    proof_until: tuple[int, ...] = (NO_DAY, NO_DAY, NO_DAY)
    active: bool = True
    adults_only: bool = True
    insured_until: int = NO_END
    capacity: int = 2
    on_duty: str = "111111"
    free: str = "222222"
    open_work: int = 0
    declined: bool = False
    in_scope: bool = True


def tables(*teams: Team) -> tuple[TeamTable, Moment]:
    def digits(attribute: str) -> list[list[int]]:
        return [[int(digit) for digit in getattr(team, attribute)] for team in teams]

    size, window = len(teams), len(teams[0].free) if teams else 6
    table = TeamTable(
        lat=np.array([HOME[0] + team.km * KM for team in teams]),
        lon=np.full(size, HOME[1]),
        radius_km=np.array([team.radius_km for team in teams], np.float32),
        level=np.array([team.level for team in teams], np.int8).reshape(size, len(NAMES)),
        proof_until=np.array([team.proof_until for team in teams], np.int32).reshape(size, len(NAMES)),
        active=np.array([team.active for team in teams], np.bool_),
        adults_only=np.array([team.adults_only for team in teams], np.bool_),
        insured_until=np.array([team.insured_until for team in teams], np.int32),
        capacity=np.array([team.capacity for team in teams], np.int16),
    )
    moment = Moment(
        on_duty=np.array(digits("on_duty"), np.bool_).reshape(size, window),
        free=np.array(digits("free"), np.int16).reshape(size, window),
        open_work=np.array([team.open_work for team in teams], np.int16),
        declined=np.array([team.declined for team in teams], np.bool_),
        in_scope=np.array([team.in_scope for team in teams], np.bool_),
    )
    return table, moment


def random_case(seed: int, most: int = 40) -> tuple[TeamTable, Need, Moment]:
    """Up to `most` teams, 0-3 specialties, 0-12 half hours; every condition fails now and then."""
    dice = np.random.default_rng(seed)
    size, columns, window = int(dice.integers(most + 1)), int(dice.integers(4)), int(dice.integers(13))
    on_duty = dice.random((size, window)) < dice.uniform(0.6, 1)
    capacity = dice.choice([0, 1, 2, 3], size, p=[0.05, 0.45, 0.3, 0.2])
    taken = dice.integers(0, 3, (size, window)) * (dice.random((size, window)) < 0.3)
    table = TeamTable(
        lat=HOME[0] + dice.integers(-4, 5, size) * 0.02,
        lon=HOME[1] + dice.integers(-4, 5, size) * 0.02,
        radius_km=dice.choice([0, 3, 8, 12, 20], size, p=[0.1, 0.1, 0.2, 0.3, 0.3]).astype(np.float32),
        level=dice.choice([0, 1, 2, 3, 4], (size, columns), p=[0.1, 0.4, 0.2, 0.2, 0.1]).astype(np.int8),
        proof_until=dice.choice([NO_DAY, TODAY - 1, TODAY, NO_END], (size, columns)).astype(np.int32),
        active=dice.random(size) < 0.95,
        adults_only=dice.random(size) < 0.7,
        insured_until=dice.choice([NO_DAY, TODAY - 1, TODAY, NO_END], size, p=[0.1, 0.1, 0.5, 0.3]).astype(
            np.int32
        ),
        capacity=capacity.astype(np.int16),
    )
    moment = Moment(
        on_duty=on_duty,
        free=np.where(on_duty, capacity[:, np.newaxis] - taken, 0).astype(np.int16),
        open_work=dice.integers(0, 5, size).astype(np.int16),
        declined=dice.random(size) < 0.05,
        in_scope=dice.random(size) < 0.95,
    )
    required = tuple(dice.permutation(columns)[: int(dice.integers(columns + 1))].tolist())
    need = Need(
        required=required,
        needs_proof=tuple((dice.random(len(required)) < 0.3).tolist()),
        place=None if dice.random() < 0.2 else (HOME[0] + 0.02 * int(dice.integers(-2, 3)), HOME[1]),
        day=TODAY,
        duration_slots=int(dice.integers(1, 5)),
        risky=bool(dice.random() < 0.3),
    )
    return table, need, moment


def lit(table: TeamTable, moment: Moment, rows: list[int]) -> tuple[TeamTable, Moment]:
    """The same tables with only these rows, in this order."""
    picked = np.array(rows, np.intp)
    return (
        replace(table, **{name: getattr(table, name)[picked] for name in TeamTable.__slots__}),
        replace(moment, **{name: getattr(moment, name)[picked] for name in Moment.__slots__}),
    )
