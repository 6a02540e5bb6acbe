"""A team's attributes packed into bytes, as they are fetched from a store that knows only bytes, and back."""

from typing import Final

import numpy as np

from benchmarks.matching.formulas import Array
from benchmarks.matching.promises import MOST
from benchmarks.matching.scene import Scene
from benchmarks.matching.teams import HORIZON, MOST_SKILLS

LENDS, ACTIVE, ADULTS_ONLY, TWO, WOMEN, MEN, DATED, PRICED = (1 << bit for bit in range(8))

TEAM: Final = np.dtype(
    [
        ("id", ">u8", 2),
        ("lat", "<f8"),
        ("lon", "<f8"),
        ("team", "<i4"),
        ("organisation", "<u2"),
        ("radius", "<u2"),
        ("insured_until", "<u2"),
        ("reliability", "<u2"),
        ("until", "<u2", MOST_SKILLS),
        ("skill", "u1", MOST_SKILLS),
        ("level", "u1", MOST_SKILLS),
        ("flags", "u1"),
        ("languages", "u1"),
        ("capacity", "u1"),
        ("travel", "u1"),
        ("recent", "u1"),
        ("week", "u1", 42),
    ]
)
"""Days are days since 1970, 0 for none and LAST for no end; a skill that is not there has the level 0."""

WORK: Final = np.dtype([("open_work", "u1"), ("first", "<u2", MOST), ("length", "u1", MOST)])
"""Promises not there have the length 0."""

PRICES: Final = np.dtype([("permille", "<u2", HORIZON + 2)])
"""By day from TODAY on."""

LAST: Final = 65_535


def team_records(scene: Scene) -> Array:
    columns, size = scene.teams, scene.size
    records = np.zeros(size, TEAM)
    records["id"], records["team"] = scene.halves, np.arange(size)
    for name in ("lat", "lon", "organisation", "reliability", "languages", "capacity", "travel", "recent"):
        records[name] = getattr(columns, name)
    records["week"], records["radius"] = columns.weeks, -(-columns.radius_m // 10) * 10
    records["insured_until"] = _days(columns.insured_until)
    begin = np.searchsorted(columns.skill_team, np.arange(size))
    place = np.arange(len(columns.skill_team)) - begin[columns.skill_team]
    records["skill"][columns.skill_team, place] = columns.skill_specialty
    records["level"][columns.skill_team, place] = columns.skill_level
    records["until"][columns.skill_team, place] = _days(columns.skill_until)
    flags = np.zeros(size, np.uint8)
    for bit, name in (
        (LENDS, "lends"),
        (ACTIVE, "active"),
        (ADULTS_ONLY, "adults_only"),
        (TWO, "two"),
        (WOMEN, "women"),
        (MEN, "men"),
    ):
        flags |= np.where(getattr(columns, name), bit, 0).astype(np.uint8)
    flags[[team for team, _, _ in columns.exceptions]] |= DATED
    flags[columns.price_team] |= PRICED
    records["flags"] = flags
    return records


def work_records(scene: Scene) -> Array:
    promises = scene.promises
    records = np.zeros(scene.size, WORK)
    records["open_work"] = promises.open_work
    team = promises.team
    place = np.arange(len(team)) - promises.begin[team]
    records["first"][team, place], records["length"][team, place] = promises.first, promises.length
    return records


def price_records(scene: Scene) -> tuple[Array, Array]:
    """The teams that have prices, and these."""
    columns = scene.teams
    teams = np.unique(columns.price_team)
    records = np.zeros(len(teams), PRICES)
    records["permille"] = columns.price_permille.reshape(len(teams), -1)
    return teams, records


def _days(days: Array) -> Array:
    return np.clip(days, 0, LAST).astype(np.uint16)
