"""The static part of a center's teams, packed: some 115 bytes a team, however often it is asked.

Teams stand in the order of grid.py. For each specialty there is a list of the rows that hold it, ascending, each
with its level and the last day of its proof in two bytes. Built anew when the center's revision changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any, Final, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.domain.geo import distance_km
from app.domain.matching.columns import Bytes, TeamColumns, Tree
from app.domain.matching.features import NO_DAY, NO_END, Bools, Need, Rows
from app.domain.matching.grid import UNIT, Grid, grid, units

Words = NDArray[np.uint16]
Kept = TypeVar("Kept")

ACTIVE, LENDS, ADULTS_ONLY, TWO, WOMEN, MEN = 1, 2, 4, 8, 16, 32
TRAVEL_SHIFT: Final = 6
RADIUS_STEP_M: Final = 10
DAY_0: Final = 18_262
"""2020-01-01 in days since 1970: packed days count from the day before, so that 0 is none."""

LAST_DAY: Final = 2**14 - 2
LAST_INSURED: Final = 2**16 - 2
MOST_KEPT: Final = 500


@dataclass(frozen=True, eq=False, slots=True)
class Holders:
    """Who has all of some specialties: their rows, ascending, and uint16[n, rows] of `skill_word`."""

    rows: Rows
    skills: Words


@dataclass(frozen=True, slots=True)
class Kin:
    """Specialties as bits: those required, and those related to them by the taxonomy."""

    required: Bytes
    related: Bytes


@dataclass(frozen=True, eq=False)
class TeamIndex:
    """Read-only once built; safe to share between threads. `parents` names the group of each specialty, -1 none."""

    tree: Tree
    parents: tuple[int, ...]
    grid: Grid
    ids: Bytes
    by_id: NDArray[np.uint32]
    lat: NDArray[np.int32]
    radius: Words
    weeks: Bytes
    capacity: Bytes
    insured: Words
    organisation: Words
    flags: Bytes
    languages: Bytes
    held: Bytes
    reliability: Words
    recent: Words
    mean_recent: int
    holders: tuple[Holders, ...]
    areas: Mapping[int, Rows]
    exceptions: Mapping[int, tuple[Rows, Bytes]]
    prices: Mapping[int, tuple[Rows, Words]]
    _memory: dict[tuple[Any, ...], Any]

    @classmethod
    def build(cls, columns: TeamColumns, tree: Tree, parents: Sequence[int]) -> "TeamIndex":
        """Index the teams of one center; `parents` gives each specialty's group. Raises ValueError."""
        specialties = len(parents)
        if specialties > 256 or not _all_below(columns.skill_specialty, specialties):
            raise ValueError("a skill names an unknown specialty")
        if not _all_below(columns.organisation, len(tree.paths)):
            raise ValueError("a team stands in an unknown organisation")
        metres = np.minimum(-(-columns.radius_m.astype(np.int64) // RADIUS_STEP_M), 2**16 - 1)
        cells, order = grid(columns.lat, columns.lon, metres * RADIUS_STEP_M)
        row_of = np.empty(columns.size, np.int32)
        row_of[order] = np.arange(columns.size, dtype=np.int32)
        ids = np.ascontiguousarray(columns.ids[order])
        active = columns.active
        skill_rows, words = row_of[columns.skill_team], skill_word(columns.skill_level, columns.skill_until)
        return cls(
            tree=tree,
            parents=tuple(parents),
            grid=cells,
            ids=ids,
            by_id=np.lexsort((ids.view(">u8")[:, 1], ids.view(">u8")[:, 0])).astype(np.uint32),
            lat=units(columns.lat[order]).astype(np.int32),
            radius=metres[order].astype(np.uint16),
            weeks=np.ascontiguousarray(columns.weeks[order]),
            capacity=np.minimum(columns.capacity, 255)[order].astype(np.uint8),
            insured=_packed_day(columns.insured_until, LAST_INSURED)[order],
            organisation=columns.organisation[order].astype(np.uint16),
            flags=_flags(columns)[order],
            languages=columns.languages[order].astype(np.uint8),
            held=_bits(skill_rows, columns.skill_specialty, columns.size, specialties),
            reliability=np.clip(columns.reliability, 0, 10_000)[order].astype(np.uint16),
            recent=np.minimum(columns.recent, 2**16 - 1)[order].astype(np.uint16),
            mean_recent=1000 * int(columns.recent[active].sum()) // max(1, int(active.sum())),
            holders=_holders(skill_rows, columns.skill_specialty, words, specialties),
            areas=_grouped(columns.area_organisation, row_of[columns.area_team]),
            exceptions=_exceptions(columns.exceptions, row_of),
            prices=_by_day(
                columns.price_day, row_of[columns.price_team], columns.price_permille.astype(np.uint16)
            ),
            _memory={},
        )

    @property
    def size(self) -> int:
        return len(self.lat)

    @property
    def nbytes(self) -> int:
        """Bytes of all static columns; what is dated (exceptions, prices) or cached is not counted."""
        flat = (
            self.ids,
            self.by_id,
            self.lat,
            self.radius,
            self.weeks,
            self.capacity,
            self.insured,
            self.held,
        )
        more = (self.organisation, self.flags, self.languages, self.reliability, self.recent)
        lists = sum(one.rows.nbytes + one.skills.nbytes for one in self.holders)
        return self.grid.nbytes + sum(column.nbytes for column in flat + more) + lists

    def row_of(self, team_id: UUID) -> int | None:
        """The row of a team; None when it is not of this center."""
        wanted = np.frombuffer(team_id.bytes, "S16")
        place = int(np.searchsorted(self.ids.view("S16").ravel(), wanted, sorter=self.by_id)[0])
        if place == self.size or self.ids[self.by_id[place]].tobytes() != team_id.bytes:
            return None
        return int(self.by_id[place])

    def id_of(self, row: int) -> UUID:
        return UUID(bytes=self.ids[row].tobytes())

    def ids_of(self, rows: Rows) -> NDArray[Any]:
        """Big-endian halves of the ids, uint64[2, rows]: what ties are broken by."""
        return self.ids[rows].view(">u8").T

    def who_holds(self, required: tuple[int, ...]) -> Holders:
        """The teams that have every one of `required`: all of them, when nothing is."""
        if len(required) == 1:
            return self.holders[required[0]]
        return self._remembered(("holders", required), lambda: self._with_all(required))

    def _with_all(self, required: tuple[int, ...]) -> Holders:
        if not required:
            return Holders(np.arange(self.size, dtype=np.int32), np.zeros((0, self.size), np.uint16))
        lists = [self.holders[column] for column in required]
        rows = min(lists, key=lambda one: len(one.rows)).rows
        for one in lists:
            rows = one.rows[places_of(rows, one.rows)]
        skills = [one.skills[0][np.searchsorted(one.rows, rows)] for one in lists]
        return Holders(rows, np.stack(skills))

    def rings(self, placed: int, handler: int) -> tuple[Bytes, Bools]:
        """Tree.rings, remembered."""
        return self._remembered(("rings", placed, handler), lambda: self.tree.rings(placed, handler))

    def metres(self, rows: Rows, place: tuple[float, float]) -> NDArray[np.int64]:
        """Great-circle metres from a place, whole ones: no address is known better, and neighbours tie."""
        km = distance_km(*place, self.lat[rows] * UNIT, self.grid.lon(rows))
        return np.rint(km * 1000).astype(np.int64)

    def named(self, organisation: int) -> Rows:
        """Rows, ascending, of the teams that name this organisation, or one above it, as their area."""
        return self._remembered(("named", organisation), lambda: self._named(organisation))

    def _named(self, organisation: int) -> Rows:
        lists = [self.areas[one] for one in self.tree.above(organisation) if one in self.areas]
        return reduce(merged, lists, np.zeros(0, np.int32))

    def price(self, rows: Rows, need: Need) -> NDArray[np.int64]:
        """The least shadow price, in permille and at most 1000, over the window's days: int64[rows]."""
        least = np.full(len(rows), 1000, np.int64)
        for day in need.days:
            if day not in self.prices:
                return np.zeros(len(rows), np.int64)
            priced, permille = self.prices[day]
            place = np.minimum(np.searchsorted(priced, rows), len(priced) - 1)
            least = np.minimum(least, np.where(priced[place] == rows, permille[place], 0))
        return least

    def kin(self, required: tuple[int, ...]) -> Kin:
        """The required specialties and their relatives (same group, group, or member) as bits of `held`."""
        return self._remembered(("kin", required), lambda: self._kin(required))

    def _kin(self, required: tuple[int, ...]) -> Kin:
        near = {self.parents[one] for one in required if self.parents[one] >= 0} | set(required)
        related = [one for one, parent in enumerate(self.parents) if parent in near or one in near]
        return Kin(self._mask(required), self._mask(sorted(set(related) - set(required))))

    def _remembered(self, key: tuple[Any, ...], make: Callable[[], Kept]) -> Kept:
        """What follows from the index alone, made once; forgotten when there is much of it."""
        if key not in self._memory:
            if len(self._memory) >= MOST_KEPT:
                self._memory.clear()
            self._memory[key] = make()
        found: Kept = self._memory[key]
        return found

    def _mask(self, columns: Sequence[int]) -> Bytes:
        bits = np.zeros(len(self.parents), np.uint8)
        bits[list(columns)] = 1
        return np.packbits(bits)


def skill_word(level: NDArray[Any], until: NDArray[Any]) -> Words:
    """Level in the two lowest bits, the last day of the proof above: 0 none, 2^14 - 1 one without an end."""
    return np.asarray((_packed_day(until, LAST_DAY) << 2) | np.clip(level, 0, 3).astype(np.uint16), np.uint16)


def packed(day: int, most: int) -> int:
    """One day as packed columns keep it: to be compared with them."""
    return min(max(day - DAY_0 + 1, 1), most)


def _packed_day(days: NDArray[Any], most: int) -> Words:
    kept = np.clip(days.astype(np.int64) - DAY_0 + 1, 1, most)
    return np.where(days == NO_DAY, 0, np.where(days == NO_END, most + 1, kept)).astype(np.uint16)


def _flags(columns: TeamColumns) -> Bytes:
    flags = columns.travel.astype(np.uint8) << TRAVEL_SHIFT
    told = {ACTIVE: columns.active, LENDS: columns.lends, ADULTS_ONLY: columns.adults_only}
    told |= {TWO: columns.two, WOMEN: columns.women, MEN: columns.men}
    for bit, column in told.items():
        flags |= np.where(column, bit, 0).astype(np.uint8)
    return np.asarray(flags)


def _bits(rows: Rows, specialty: NDArray[Any], teams: int, specialties: int) -> Bytes:
    bits = np.zeros((teams, specialties), np.bool_)
    bits[rows, specialty] = True
    return np.packbits(bits, axis=1)


def _holders(rows: Rows, specialty: NDArray[Any], words: Words, specialties: int) -> tuple[Holders, ...]:
    order = np.lexsort((rows, specialty))
    ends = np.searchsorted(specialty[order], np.arange(specialties + 1))
    rows, words = rows[order].astype(np.int32), words[order]
    return tuple(Holders(rows[a:b], words[np.newaxis, a:b]) for a, b in pairwise(ends))


def _grouped(keys: NDArray[Any], rows: Rows) -> dict[int, Rows]:
    return {int(key): np.unique(rows[keys == key]) for key in np.unique(keys)}


def _by_day(days: NDArray[Any], rows: Rows, values: NDArray[Any]) -> dict[int, tuple[Rows, Any]]:
    found = {}
    for day in np.unique(days):
        picked = np.flatnonzero(days == day)
        order = picked[np.argsort(rows[picked], kind="stable")]
        found[int(day)] = rows[order], values[order]
    return found


def _exceptions(given: Sequence[tuple[int, int, bytes]], row_of: Rows) -> dict[int, tuple[Rows, Bytes]]:
    if not given:
        return {}
    teams, days, bits = zip(*given, strict=True)
    free = np.frombuffer(b"".join(bits), np.uint8).reshape(-1, 6)
    return _by_day(np.array(days), row_of[np.array(teams, np.intp)], free)


def places_of(few: Rows, among: Rows) -> NDArray[np.intp]:
    """Where those of `few` that are in `among` stand in it; both ascending."""
    if not len(among):
        return np.zeros(0, np.intp)
    places = among.searchsorted(few)
    return np.asarray(places[among[np.minimum(places, len(among) - 1)] == few], np.intp)


def merged(these: NDArray[Any], those: NDArray[Any]) -> NDArray[Any]:
    """Both, ascending, each once; both ascending. (numpy's own union hashes, which costs more than it saves.)"""
    every = np.sort(np.concatenate((these, those)), kind="stable")
    return every[np.flatnonzero(np.diff(every, prepend=-1))]


def _all_below(values: NDArray[Any], limit: int) -> bool:
    return not len(values) or bool(values.min() >= 0 and values.max() < limit)
