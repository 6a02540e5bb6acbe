"""The county's teams: founded around what the menu needs, placed, manned, and free when such people are free.

1,000 teams share 260,000 registered volunteers and hold 18,000 activities of their own a year (耒阳, S4.5). Of the
registered a small part comes when called; that part decides how many orders a team can serve at once.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import Interval, pack_week, week_rows
from app.domain.matching.columns import TeamColumns
from app.domain.matching.features import NO_DAY, NO_END
from app.domain.taxonomy import specialties
from app.domain.travel import NUMBER, TravelMode
from app.lab.almanac import DAY_ZERO, YEAR_DAYS
from app.lab.deeds import STORM_SHARE, deeds
from app.lab.territory import Territory, near

VOLUNTEERS_A_TEAM: Final = 260
"""26万 volunteers (S4.5) over 1,000 teams."""

ACTIVE_SHARE: Final = 0.06
"""Of the registered, those who can be had on an ordinary week: about 16 of 260."""

GROUP: Final = 6
"""Active members behind each order that a team can serve at the same time; one to four orders."""

LEVELS: Final = (0.06, 0.14, 0.80)
"""Teams of the center, of townships, of stations: S5.4 asks at least five of a township, villages have the rest."""

RADIUS_M: Final = (40_000, 12_000, 8_000)
"""As in the demonstration district, where stations have 4 to 10 km and townships 10 to 12; a county is wider."""
ON_FOOT_M: Final = 3_000
"""Nobody walks farther to help."""

TRAVEL: Final = ((0.0, 0.2, 0.8), (0.0, 0.6, 0.4), (0.3, 0.6, 0.1))
"""Shares of walk, e-bike, car by level."""

LENDS: Final = 0.6
"""Station teams that neighbours may ask (S5.7)."""

INSURED: Final = 0.85
ADULTS_ONLY: Final = 0.8
PAPERS_END: Final = 0.05
"""Proofs that run out during the year and are not renewed in time."""

PROFESSIONAL: Final = (2.5, 2.5, 0.4)
"""By level, how much more often than others items that need papers have a team: lawyers and nurses are gathered
by the center and the townships (S4.16: 13 professional brigades of a district), hardly by a village."""

SUPPLY: Final = 0.7
"""Teams are founded where they are wanted, but not in proportion: supply follows demand to this power."""

COMMON: Final = (
    *(
        "housekeeping",
        "caregiving",
        "companionship",
        "cooking",
        "meal_delivery",
        "errands",
        "hardship_support",
    ),
    *(
        "reading_companion",
        "event_organisation",
        "health_education",
        "donation_advocacy",
        "policy_talk",
        "dialect",
    ),
    *(
        "party_education",
        "waste_sorting",
        "tree_care",
        "traffic_guidance",
        "civility_persuasion",
        "civil_tourism",
    ),
)
COMMONLY: Final = 0.3
"""Among 260 neighbours there are some who clean, cook, keep company, carry meals, plant trees or guide traffic:
each of these is found in so many of all teams, at the lowest level, besides what they were founded for."""

SKILLED: Final = (0.50, 0.35, 0.15)
ITEMS: Final = (0.20, 0.35, 0.30, 0.15)
"""How many menu items a team was founded to serve: one to four, as in the demonstration district."""

DROPPED: Final = 0.15
"""Of the hours of its kind, a team keeps each day but for so many."""

_WORKDAY, _EVENING, _DAY = (510, 1050), (1110, 1260), (510, 1200)
WEEKS: Final[tuple[tuple[str, float, tuple[tuple[int, tuple[int, int]], ...]], ...]] = (
    ("retired", 0.35, tuple((day, _WORKDAY) for day in range(1, 8))),
    ("employed", 0.30, (*((day, _EVENING) for day in range(1, 6)), (6, _DAY), (7, _DAY))),
    ("office", 0.20, tuple((day, _WORKDAY) for day in range(1, 6))),
    ("students", 0.08, ((5, (960, 1200)), (6, _DAY), (7, _DAY))),
    ("standby", 0.07, tuple((day, (0, 1440)) for day in range(1, 8))),
)
STANDBY: Final = 4
WALK: Final = NUMBER[TravelMode.WALK]


@dataclass(frozen=True, eq=False)
class Force:
    """The teams as the engine sees them, besides what only the county knows: how many people each has."""

    columns: TeamColumns
    volunteers: NDArray[np.int64]


def muster(teams: int, territory: Territory, rng: np.random.Generator) -> Force:
    level = rng.choice(3, teams, p=LEVELS)
    station = rng.choice(len(territory.stations), teams, p=territory.weight)
    rows = np.array([np.zeros(len(station), np.int64), territory.office_rows[territory.office_of[station]]])
    organisation = np.choose(level, [*rows, territory.station_rows[station]])
    homes = near(territory.stations[station], np.choose(level, [2.0, 1.5, 0.8]), rng)
    items = _founded_for(level, rng)
    kind = rng.choice(len(WEEKS), teams, p=[share for _, share, _ in WEEKS])
    kind[[bool(deeds().stormy[list(one)].any()) for one in items]] = STANDBY
    volunteers = np.maximum(5, np.rint(rng.lognormal(np.log(VOLUNTEERS_A_TEAM) - 0.32, 0.8, teams))).astype(
        np.int64
    )
    active = np.maximum(2, np.rint(volunteers * ACTIVE_SHARE)).astype(np.int64)
    insured = np.where(rng.random(teams) < INSURED, DAY_ZERO + 2 * YEAR_DAYS, NO_DAY)
    travel = _travel(level, rng)
    women, men = rng.random((2, teams)) < 0.9
    columns = TeamColumns(
        ids=_ids(teams, rng),
        lat=homes[:, 0],
        lon=homes[:, 1],
        radius_m=np.minimum(np.array(RADIUS_M)[level], np.where(travel == WALK, ON_FOOT_M, RADIUS_M[0])),
        organisation=organisation,
        lends=(level < 2) | (rng.random(teams) < LENDS),
        active=np.ones(teams, np.bool_),
        adults_only=(rng.random(teams) < ADULTS_ONLY) | (kind == STANDBY),
        two=active >= 2,
        women=women | ~men,
        men=men,
        languages=np.ones(teams, np.uint8),
        insured_until=np.where(kind == STANDBY, DAY_ZERO + 2 * YEAR_DAYS, insured),
        capacity=np.clip(active // GROUP, 1, 4),
        travel=travel,
        weeks=week_rows([_week(int(one), rng) for one in kind]),
        reliability=np.zeros(teams, np.int64),
        recent=np.zeros(teams, np.int64),
        **_skills(items, rng),
    )
    return Force(columns, volunteers)


def _founded_for(level: NDArray[np.int64], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """The menu items each team was founded to serve."""
    menu = deeds()
    share = np.where(menu.stormy, menu.share.max(initial=0.0, where=menu.stormy) / STORM_SHARE, menu.share)
    wanted = np.where([bool(one) for one in menu.required], share**SUPPLY, 0.0)
    papers = np.array([any(one) for one in menu.needs_proof])
    found = []
    for one in level.tolist():
        odds = wanted * np.where(papers, PROFESSIONAL[one], 1.0)
        how_many = 1 + int(rng.choice(len(ITEMS), p=ITEMS))
        found.append(tuple(rng.choice(len(odds), how_many, replace=False, p=odds / odds.sum()).tolist()))
    return found


def _skills(items: list[tuple[int, ...]], rng: np.random.Generator) -> dict[str, Any]:
    """Each specialty of each item once, with a level, and a proof where the taxonomy asks for one."""
    menu = deeds()
    columns = {code: number for number, code in enumerate(specialties())}
    common = [columns[code] for code in COMMON]
    rows: list[tuple[int, int, int, int]] = []
    for number, one in enumerate(items):
        held = {c: proof for i in one for c, proof in zip(menu.required[i], menu.needs_proof[i], strict=True)}
        for column, proof in held.items():
            ends = DAY_ZERO + int(rng.integers(YEAR_DAYS)) if rng.random() < PAPERS_END else NO_END
            rows.append((number, column, 1 + int(rng.choice(3, p=SKILLED)), ends if proof else NO_DAY))
        some = np.flatnonzero(rng.random(len(common)) < COMMONLY).tolist()
        rows += [(number, common[n], 1, NO_DAY) for n in some if common[n] not in held]
    team, specialty, grade, until = np.array(rows).T
    return {
        "skill_team": team.astype(np.int32),
        "skill_specialty": specialty.astype(np.int32),
        "skill_level": grade.astype(np.int8),
        "skill_until": until.astype(np.int32),
    }


def _travel(level: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    modes = np.array([NUMBER[mode] for mode in TravelMode])
    drawn = rng.random(len(level))
    return np.asarray(modes[(drawn[:, np.newaxis] > np.cumsum(TRAVEL, axis=1)[level][:, :2]).sum(axis=1)])


def _week(kind: int, rng: np.random.Generator) -> str:
    spans = WEEKS[kind][2]
    kept = rng.random(8) >= DROPPED if kind != STANDBY else np.ones(8, np.bool_)
    return pack_week(Interval(day, *span) for day, span in spans if kept[day])


def _ids(teams: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    raw = np.frombuffer(rng.bytes(16 * teams), np.uint8).reshape(teams, 16).copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    return raw
