"""A center's teams as columns: how far they go, what they can do, when, and how they have done so far.

The specialties and which of them need proof are the real taxonomy's; the rest is drawn. The shares are rough
guesses at a large center: a few common specialties and many rare ones, weeks free a third of the time.
"""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS, WEEK_SLOTS
from app.domain.matching.columns import TeamColumns
from app.domain.matching.features import NO_DAY, NO_END
from app.domain.taxonomy.loader import specialties
from benchmarks.matching.terrain import Terrain

TODAY = 20_780
"""Monday 2026-11-23, in days since 1970."""

HORIZON = 14
"""Days ahead for which teams have made promises, exceptions and prices."""

MOST_SKILLS = 5
WEEKS = 512


def popularity(random: Generator) -> NDArray[np.float64]:
    """How often each specialty is held and asked for, summing to 1."""
    weight = 1 / random.permutation(np.arange(1, len(specialties()) + 1)) ** 0.9
    return np.asarray(weight / weight.sum())


def parents() -> tuple[int, ...]:
    """The group of each specialty as a row of the taxonomy, -1 for a group."""
    rows = {code: row for row, code in enumerate(specialties())}
    return tuple(rows[one.parent] if one.parent else -1 for one in specialties().values())


def proofs() -> NDArray[np.bool_]:
    return np.array([one.needs_proof for one in specialties().values()])


def teams(random: Generator, terrain: Terrain, size: int, popular: NDArray[np.float64]) -> TeamColumns:
    """N = `size` teams in no order."""
    office = terrain.pick(random, size)
    lat, lon = terrain.near(random, office)
    return TeamColumns(
        ids=random.integers(0, 256, (size, 16), np.uint8),
        lat=lat,
        lon=lon,
        radius_m=random.integers(3_000, 25_001, size),
        organisation=_organisations(random, terrain, office),
        lends=random.random(size) < 0.4,
        active=random.random(size) < 0.97,
        adults_only=random.random(size) < 0.85,
        two=random.random(size) < 0.85,
        women=random.random(size) < 0.8,
        men=random.random(size) < 0.75,
        languages=_languages(random, size),
        insured_until=_days(random, size, none=0.03, endless=0.0),
        capacity=1 + random.choice(3, size, p=[0.5, 0.35, 0.15]),
        travel=random.choice(3, size, p=[0.2, 0.5, 0.3]),
        weeks=_weeks(random, size),
        reliability=np.where(
            random.random(size) < 0.2, 8_400, np.clip(random.normal(8_500, 700, size), 0, 10_000)
        ).astype(np.int64),
        recent=np.minimum(random.geometric(0.2, size) - 1, 60),
        **_skills(random, size, popular),
        **_areas(random, terrain, office),
        **_prices(random, size),
        exceptions=_exceptions(random, size),
    )


def _organisations(random: Generator, terrain: Terrain, office: NDArray[np.intp]) -> NDArray[np.int32]:
    station = random.integers(0, terrain.stations.shape[1], len(office))
    row = terrain.stations[office, station]
    level = random.choice(4, len(office), p=[0.05, 0.15, 0.65, 0.15])
    point = np.where(station % 2 == 0, row + 1, row)
    return np.choose(level, [np.zeros_like(row), terrain.offices[office], row, point]).astype(np.int32)


def _languages(random: Generator, size: int) -> NDArray[np.uint8]:
    """Bit 0 the common language, 1 the dialect, 2 a foreign one, 3 signs."""
    spoken = random.random((size, 4)) < [1.0, 0.6, 0.1, 0.03]
    return np.packbits(spoken, axis=1, bitorder="little").ravel()


def _days(random: Generator, size: int, none: float, endless: float) -> NDArray[np.int32]:
    days = TODAY + random.integers(-20, 900, size)
    kind = random.random(size)
    return np.where(kind < none, NO_DAY, np.where(kind < none + endless, NO_END, days)).astype(np.int32)


def _weeks(random: Generator, size: int) -> NDArray[np.uint8]:
    """Each week is two of a few hundred laid over each other: some days, from an hour to an hour."""
    bits = np.zeros((WEEKS, 7, DAY_SLOTS), np.bool_)
    begin = random.integers(14, 38, (WEEKS, 7))
    length = random.integers(5, 17, (WEEKS, 7))
    slot = np.arange(DAY_SLOTS)
    inside = (slot >= begin[..., np.newaxis]) & (slot < (begin + length)[..., np.newaxis])
    bits |= inside & (random.random((WEEKS, 7, 1)) < 0.4)
    packed = np.packbits(bits.reshape(WEEKS, WEEK_SLOTS), axis=1)
    return np.asarray(packed[random.integers(0, WEEKS, size)] | packed[random.integers(0, WEEKS, size)])


def _skills(random: Generator, size: int, popular: NDArray[np.float64]) -> dict[str, Any]:
    held = random.choice(len(popular), (size, MOST_SKILLS), p=popular)
    many = random.choice(MOST_SKILLS, (size, 1), p=[0.2, 0.3, 0.25, 0.15, 0.1]) + 1
    kept = np.arange(MOST_SKILLS) < many
    for later in range(1, MOST_SKILLS):
        kept[:, later] &= (held[:, :later] != held[:, later : later + 1]).all(axis=1)
    team, column = np.nonzero(kept)
    specialty = held[team, column].astype(np.int32)
    papers = _days(random, len(team), none=0.1, endless=0.2)
    return {
        "skill_team": team.astype(np.int32),
        "skill_specialty": specialty,
        "skill_level": (1 + random.choice(3, len(team), p=[0.4, 0.4, 0.2])).astype(np.int8),
        "skill_until": np.where(proofs()[specialty], papers, NO_DAY).astype(np.int32),
    }


def _areas(random: Generator, terrain: Terrain, office: NDArray[np.intp]) -> dict[str, Any]:
    """A few teams also serve a station, or a whole office, whatever the distance."""
    team = np.flatnonzero(random.random(len(office)) < 0.02).astype(np.int32)
    elsewhere = terrain.pick(random, len(team))
    station = terrain.stations[elsewhere, random.integers(0, terrain.stations.shape[1], len(team))]
    whole = random.random(len(team)) < 0.3
    area = np.where(whole, terrain.offices[elsewhere], station).astype(np.int32)
    return {"area_team": team, "area_organisation": area}


def _prices(random: Generator, size: int) -> dict[str, Any]:
    team = np.flatnonzero(random.random(size) < 0.02).astype(np.int32)
    days = TODAY + np.arange(HORIZON + 2, dtype=np.int32)
    price = np.minimum(random.geometric(0.004, (len(team), len(days))), 1000).astype(np.int32)
    return {
        "price_team": np.repeat(team, len(days)),
        "price_day": np.tile(days, len(team)),
        "price_permille": price.ravel(),
    }


def _exceptions(random: Generator, size: int) -> tuple[tuple[int, int, bytes], ...]:
    """One day each of a few teams is another than its week says: off, or free all day."""
    team = np.flatnonzero(random.random(size) < 0.02).tolist()
    day = (TODAY + random.integers(0, HORIZON, len(team))).tolist()
    off = (random.random(len(team)) < 0.6).tolist()
    bits = [bytes(6) if one else bytes.fromhex("0001fffff000") for one in off]
    return tuple(zip(team, day, bits, strict=True))
