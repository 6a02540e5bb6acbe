"""Centers and orders for the tests: some made by hand, many at random on coarse grids, so that ties abound."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np

from app.domain.hours import Interval, pack_week, week_rows
from app.domain.matching.columns import TeamColumns, Tree
from app.domain.matching.features import NO_DAY, NO_END, Need, Rows, Standing, Wish, Work
from app.domain.matching.index import TeamIndex

HOME = (28.2280, 112.9390)
KM = 1 / 111.195
"""Degrees of latitude."""

TODAY = 20_785
"""2026-11-28, a Saturday."""

NAMES = ("保洁", "电工证", "律师", "生活照料")
PARENTS = (3, -1, -1, -1)
LANGUAGES = ("普通话", "本地方言", "手语")
TREE = Tree(
    paths=("/q/", "/q/l/", "/q/l/t/", "/q/y/", "/q/y/b/", "/q/y/s/", "/q/y/s/p/"),
    levels=("center", "office", "station", "office", "station", "station", "point"),
)
STATION, POINT, OTHER, STREET, CENTER = 5, 6, 2, 3, 0
ALWAYS = pack_week(Interval(day, 0, 24 * 60) for day in range(1, 8))
MORNINGS = pack_week(Interval(day, 8 * 60, 12 * 60) for day in range(1, 8))


@dataclass(frozen=True)
class Team:
    """One team that could serve `need()`; a test changes what it is about."""

    km: float = 1.0
    radius_m: int = 8_000
    skills: dict[int, tuple[int, int]] = field(default_factory=lambda: {0: (2, NO_DAY)})
    organisation: int = STATION
    lends: bool = True
    active: bool = True
    adults_only: bool = True
    two: bool = True
    women: bool = True
    men: bool = True
    languages: int = 3
    insured_until: int = NO_END
    capacity: int = 2
    travel: int = 1
    week: str = ALWAYS
    reliability: int = 8_000
    recent: int = 0
    areas: tuple[int, ...] = ()
    exceptions: tuple[tuple[int, bytes], ...] = ()
    prices: tuple[tuple[int, int], ...] = ()
    open_work: int = 0
    taken: int = 0


def need(**asked: Any) -> Need:
    """Two half hours on Saturday between 9 and 12, at HOME, ordered at STATION."""
    wanted: dict[str, Any] = {
        "required": (0,),
        "levels": (1,),
        "needs_proof": (False,),
        "place": HOME,
        "organisation": STATION,
        "handler": STATION,
        "first_day": TODAY,
        "first_slot": 18,
        "slots": 6,
        "duration_slots": 2,
        "day": TODAY,
    }
    return Need(**wanted | asked)


def id_of(number: int) -> UUID:
    return UUID(int=(number * 0x9E3779B97F4A7C15 + 12345) % 2**128)


def columns(teams: list[Team], tree: Tree = TREE) -> TeamColumns:
    def each(name: str, kind: Any) -> Any:
        return np.array([getattr(team, name) for team in teams], kind)

    skills = [(n, s, *held) for n, team in enumerate(teams) for s, held in team.skills.items()]
    areas = [(n, area) for n, team in enumerate(teams) for area in team.areas]
    prices = [(n, *price) for n, team in enumerate(teams) for price in team.prices]
    return TeamColumns(
        ids=np.frombuffer(b"".join(id_of(n).bytes for n in range(len(teams))), np.uint8).reshape(-1, 16),
        lat=np.array([HOME[0] + team.km * KM for team in teams], np.float64),
        lon=np.full(len(teams), HOME[1]),
        radius_m=each("radius_m", np.int64),
        organisation=each("organisation", np.int64),
        lends=each("lends", np.bool_),
        active=each("active", np.bool_),
        adults_only=each("adults_only", np.bool_),
        two=each("two", np.bool_),
        women=each("women", np.bool_),
        men=each("men", np.bool_),
        languages=each("languages", np.uint8),
        insured_until=each("insured_until", np.int64),
        capacity=each("capacity", np.int64),
        travel=each("travel", np.int64),
        weeks=week_rows([team.week for team in teams]),
        reliability=each("reliability", np.int64),
        recent=each("recent", np.int64),
        **{
            f"skill_{name}": np.array(column, np.int64)
            for name, column in zip(("team", "specialty", "level", "until"), _turned(skills, 4), strict=True)
        },
        **{
            f"area_{name}": np.array(column, np.int64)
            for name, column in zip(("team", "organisation"), _turned(areas, 2), strict=True)
        },
        **{
            f"price_{name}": np.array(column, np.int64)
            for name, column in zip(("team", "day", "permille"), _turned(prices, 3), strict=True)
        },
        exceptions=tuple((n, *dated) for n, team in enumerate(teams) for dated in team.exceptions),
    )


def _turned(rows: Sequence[tuple[int, ...]], width: int) -> list[list[int]]:
    return [[row[n] for row in rows] for n in range(width)]


@dataclass(frozen=True)
class Case:
    """Teams, what they have promised, and their index."""

    teams: list[Team]
    index: TeamIndex
    open_work: Any
    taken: Any
    """By team; int[N] and int[N, slots]."""

    slot_price: Any = None

    @property
    def number(self) -> list[int]:
        """Which team stands in each row."""
        known = {id_of(n): n for n in range(len(self.teams))}
        return [known[self.index.id_of(row)] for row in range(self.index.size)]

    def standing(self, asked: list[int] | None = None) -> Standing:
        number = np.array(self.number, np.intp)

        def read(rows: Rows) -> Work:
            if asked is not None:
                asked.extend(number[rows].tolist())
            chosen = number[rows]
            priced = None if self.slot_price is None else self.slot_price[chosen]
            return Work(self.open_work[chosen], self.taken[chosen], priced)

        return read


def case(teams: list[Team], slots: int = 6, tree: Tree = TREE) -> Case:
    index = TeamIndex.build(columns(teams, tree), tree, PARENTS)
    taken = np.array([[team.taken] * slots for team in teams], np.int16).reshape(len(teams), slots)
    return Case(teams, index, np.array([team.open_work for team in teams], np.int16), taken)


def random_case(seed: int, most: int = 40) -> tuple[Case, Need]:
    """Up to `most` teams before a random order; every condition fails now and then, and scores tie."""
    dice = np.random.default_rng(seed)
    size, slots = int(dice.integers(most + 1)), int(dice.choice([0, 1, 3, 6, 12, 60, 400]))

    def maybe(part: float) -> bool:
        return bool(dice.random() < part)

    def team() -> Team:
        held = dice.permutation(4)[: int(dice.integers(1, 4))].tolist()
        day = (TODAY + int(dice.integers(0, 3)), bytes(dice.choice([0, 255], 6).astype(np.uint8)))
        return Team(
            km=float(dice.integers(-8, 9)),
            radius_m=int(dice.choice([0, 3_000, 8_000, 20_000, 70_000])),
            skills={
                s: (int(dice.integers(1, 4)), int(dice.choice([NO_DAY, TODAY - 1, TODAY, NO_END])))
                for s in held
            },
            organisation=int(dice.integers(7)),
            lends=maybe(0.7),
            active=maybe(0.9),
            adults_only=maybe(0.8),
            two=maybe(0.8),
            women=maybe(0.7),
            men=maybe(0.7),
            languages=int(dice.integers(8)),
            insured_until=int(dice.choice([NO_DAY, TODAY - 1, TODAY + 9, NO_END])),
            capacity=int(dice.choice([1, 2, 3])),
            travel=int(dice.integers(3)),
            week=str(dice.choice([ALWAYS, MORNINGS])),
            reliability=int(dice.choice([7_000, 8_000, 9_000])),
            recent=int(dice.integers(4)),
            areas=(int(dice.integers(7)),) if maybe(0.1) else (),
            exceptions=(day,) if maybe(0.15) else (),
            prices=((TODAY, int(dice.choice([300, 900]))),) if maybe(0.2) else (),
        )

    teams = [team() for _ in range(size)]
    required = tuple(dice.permutation(4)[: int(dice.choice([0, 1, 2], p=[0.2, 0.6, 0.2]))].tolist())
    chosen = TeamIndex.build(columns(teams), TREE, PARENTS)
    rows = dice.permutation(size).tolist()
    asked = need(
        required=required,
        levels=tuple(dice.integers(1, 3, len(required)).tolist()),
        needs_proof=tuple((dice.random(len(required)) < 0.2).tolist()),
        place=None if maybe(0.15) else (HOME[0] + int(dice.integers(-2, 3)) * KM, HOME[1]),
        organisation=int(dice.integers(7)),
        handler=int(dice.choice([0, 3, 5])),
        first_slot=int(dice.integers(48)),
        slots=slots,
        duration_slots=int(dice.integers(1, 5)),
        day=TODAY + slots // 48,
        risky=maybe(0.2),
        two=maybe(0.2),
        gender=Wish(int(dice.integers(3))),
        language=int(dice.integers(-1, 3)),
        wish_must=maybe(0.2),
        declined=frozenset(rows[:1]),
        blocked=frozenset(rows[1:2]),
        served={row: (2, int(dice.integers(2, 11))) for row in rows[2:5]},
    )
    taken = (dice.integers(0, 4, (size, slots)) * (dice.random((size, slots)) < 0.2)).astype(np.int16)
    priced = (dice.integers(0, 1500, (size, slots)) * (dice.random((size, slots)) < 0.2)).astype(np.int64)
    work = dice.integers(0, 4, size).astype(np.int16)
    return Case(teams, chosen, work, taken, priced if maybe(0.5) else None), asked
