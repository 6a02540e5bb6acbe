"""A center as columns: its tree of organisations and its teams, in any order, before they are indexed."""

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import TOP_LEVEL, Bools, Ints, Ring, Rows
from app.domain.travel import TravelMode

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]

MOST_ORGANISATIONS: Final = 2**16
LANGUAGES: Final = 8
"""Languages are bits of one byte."""

_RING_OF: Final = {"center": Ring.CENTER, "office": Ring.STREET}


@dataclass(frozen=True)
class Tree:
    """The organisations of one center by their paths, which are sorted, and their levels (S1.1)."""

    paths: tuple[str, ...]
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        if list(self.paths) != sorted(set(self.paths)) or len(self.paths) != len(self.levels):
            raise ValueError("paths are sorted, each once, each with a level")
        if len(self.paths) > MOST_ORGANISATIONS:
            raise ValueError("a center has at most 65,536 organisations")

    @cached_property
    def rows(self) -> dict[str, int]:
        return {path: row for row, path in enumerate(self.paths)}

    def below(self, row: int) -> slice:
        """An organisation and everything under it: a subtree is contiguous, because paths are sorted.

        It ends before the first path that is greater than any with this beginning: `0` follows `/`.
        """
        return slice(row, bisect_left(self.paths, self.paths[row][:-1] + "0", row))

    def above(self, row: int) -> tuple[int, ...]:
        """An organisation and its ancestors, nearest first."""
        steps = self.paths[row].strip("/").split("/")
        chain = ("/" + "/".join(steps[:length]) + "/" for length in range(len(steps), 0, -1))
        return tuple(self.rows[path] for path in chain if path in self.rows)

    def rings(self, placed: int, handler: int) -> tuple[NDArray[np.uint8], Bools]:
        """For every organisation: its ring as seen from where an order was placed, and whether the handler
        may ask its teams without their being lent (S1.23: who is whistled for mobilises the whole subtree).
        """
        ring = np.full(len(self.paths), Ring.LENT, np.uint8)
        for row in reversed(self.above(placed)):
            ring[row] = _RING_OF.get(self.levels[row], Ring.OWN)
        ring[self.below(self._station(placed))] = Ring.OWN
        mobilised = np.zeros(len(self.paths), np.bool_)
        mobilised[self.below(handler)] = True
        return ring, mobilised

    def _station(self, row: int) -> int:
        """The station of a point or base, which shares its teams; any other organisation is its own."""
        chain = self.above(row)
        if self.levels[row] in ("point", "base") and len(chain) > 1 and self.levels[chain[1]] == "station":
            return chain[1]
        return row


def _none() -> Rows:
    return np.zeros(0, np.int32)


_ONE_EACH: Final = (
    *(
        "lon",
        "radius_m",
        "organisation",
        "lends",
        "active",
        "adults_only",
        "two",
        "women",
        "men",
        "languages",
    ),
    *("insured_until", "capacity", "travel", "reliability", "recent"),
)
_COUNTS: Final = ("radius_m", "capacity", "travel", "reliability", "recent", "price_permille")
_LISTS: Final = (
    ("skill_team", "skill_specialty", "skill_level", "skill_until"),
    ("area_team", "area_organisation"),
    ("price_team", "price_day", "price_permille"),
)


@dataclass(frozen=True, eq=False)
class TeamColumns:
    """N teams. Degrees, metres, days since 1970, rows of the tree; see features.py for NO_DAY and NO_END.

    `ids` is uint8[N, 16]; `weeks` comes from hours.week_rows; `two`, `women`, `men`, `languages` say whom the
    team could send; `reliability` is in basis points (reliability.py), `recent` the services of the last 30
    days. Of the K skills `skill_team` is the row of the team, likewise for areas (an organisation that the team
    serves besides its radius) and prices (permille of what serving one order is worth, planning/prices.py).
    `exceptions` are (team, day, the day's 6 bytes). Raises ValueError for what does not fit together.
    """

    ids: Bytes
    lat: Floats
    lon: Floats
    radius_m: Ints
    organisation: Ints
    lends: Bools
    active: Bools
    adults_only: Bools
    two: Bools
    women: Bools
    men: Bools
    languages: Bytes
    insured_until: Ints
    capacity: Ints
    travel: Ints
    weeks: Bytes
    reliability: Ints
    recent: Ints
    skill_team: Ints = field(default_factory=_none)
    skill_specialty: Ints = field(default_factory=_none)
    skill_level: Ints = field(default_factory=_none)
    skill_until: Ints = field(default_factory=_none)
    area_team: Ints = field(default_factory=_none)
    area_organisation: Ints = field(default_factory=_none)
    price_team: Ints = field(default_factory=_none)
    price_day: Ints = field(default_factory=_none)
    price_permille: Ints = field(default_factory=_none)
    exceptions: tuple[tuple[int, int, bytes], ...] = ()

    def __post_init__(self) -> None:
        size = self.size
        if self.ids.shape != (size, 16) or self.weeks.shape != (size, 42):
            raise ValueError("an id has 16 bytes and a week 42")
        for name in _ONE_EACH:
            if getattr(self, name).shape != (size,):
                raise ValueError(f"{name} has another length")
        if not (np.isfinite(self.lat).all() and np.isfinite(self.lon).all()):
            raise ValueError("a team's place is not a number")
        if (np.abs(self.lat) > 90).any() or (np.abs(self.lon) > 180).any():
            raise ValueError("a team's place is not on the earth")
        if any(getattr(self, name).min(initial=0) < 0 for name in _COUNTS):
            raise ValueError("a radius, a capacity or another count is negative")
        if self.travel.max(initial=0) >= len(TravelMode):
            raise ValueError("nobody travels so")
        self._check_lists()

    def _check_lists(self) -> None:
        for first, *others in _LISTS:
            rows = getattr(self, first)
            if any(getattr(self, name).shape != rows.shape for name in others):
                raise ValueError(f"{first} and {', '.join(others)} have other lengths")
            if rows.min(initial=0) < 0 or rows.max(initial=-1) >= self.size:
                raise ValueError(f"{first} names no team")
        if any(not 0 <= team < self.size or len(bits) != 6 for team, _, bits in self.exceptions):
            raise ValueError("an exception is a team, a day and 48 bits")
        if self.skill_level.min(initial=1) < 1 or self.skill_level.max(initial=1) > TOP_LEVEL:
            raise ValueError("who has a specialty has it at level 1, 2 or 3")

    @property
    def size(self) -> int:
        return len(self.lat)
