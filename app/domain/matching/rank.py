"""The best teams for one order: hard conditions, then a bound for each team, then the work of the few.

What changes by the minute is read only for teams that can still reach the top: each has a bound, its score had it
nothing promised, and the reading stops when the next bound lies below the last of the top. So the top is exact,
and what a database must be asked does not grow with the center.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Exclusion, Need, Ring, Rows, Standing, Work
from app.domain.matching.index import TeamIndex
from app.domain.matching.measure import as_it_is, at_best, frame_of
from app.domain.matching.score import FactorName, Features, Frame, Values, Weights, scores, values
from app.domain.matching.screen import screen
from app.domain.matching.sentences import sentences

READ_AT_ONCE = 64
"""Teams whose work is read together; when no more than this are able, all of it is read."""


@dataclass(frozen=True, eq=False, slots=True)
class Top:
    """The best, best first, as numbers. `first` is the half hour of the window, from 0, to begin at: the earliest
    of those at which the plan loses least."""

    rows: Rows
    scores: Values
    first: NDArray[np.intp]
    features: Features
    frame: Frame
    excluded: Mapping[Exclusion, int]
    unread: int


@dataclass(frozen=True, slots=True)
class Factor:
    """`contribution` is `value` times `weight`; the weight of scarcity is negative."""

    name: FactorName
    value: float
    weight: float
    contribution: float
    reason: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of the index; `score` is the sum of the contributions, at most 1.

    `earliest_start` is the first half hour of the window, from 0, at which the whole service fits and the plan of
    the queue loses least.
    """

    row: int
    score: float
    earliest_start: int
    ring: Ring
    features: Mapping[str, int]
    factors: tuple[Factor, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """The top, best first, and how many teams each condition excluded, each team once, under the first it failed.

    `unread` teams met every static condition but could not reach the top whatever their work, so nobody asked
    whether they are full.
    """

    items: tuple[Ranked, ...]
    excluded: Mapping[Exclusion, int]
    considered: int
    unread: int
    frame: Frame
    weights: Weights


def rank(
    index: TeamIndex, need: Need, standing: Standing, weights: Weights, limit: int, names: tuple[str, ...]
) -> Ranking:
    """The `limit` best teams that satisfy every hard condition, in words; `names` are those of the specialties.

    Equal scores go by team id. Raises ValueError for a negative limit or an unknown specialty.
    """
    return _answered(index, need, standing, weights, limit).ranking(names)


def top(index: TeamIndex, need: Need, standing: Standing, weights: Weights, limit: int) -> Top:
    """The numbers of `rank`, without words."""
    return _answered(index, need, standing, weights, limit).top()


def worths(index: TeamIndex, need: Need, weights: Weights) -> tuple[Rows, Values]:
    """Every team that could serve if nothing were promised, in the order of the index, and its score then: what a
    plan of the whole queue chooses from."""
    able, _ = screen(index, need)
    return able.rows, scores(at_best(index, need, able), frame_of(index, need), weights)


def _answered(index: TeamIndex, need: Need, standing: Standing, weights: Weights, limit: int) -> "Search":
    search = Search(index, need, weights, limit)
    while (rows := search.wanted()) is not None:
        search.told(standing(rows))
    return search


class Search:
    """One ranking under way. It asks (`wanted`) for the work of some teams, is `told`, and asks again until it
    need not; so whoever must wait for a database can.

    `only` looks at a single team. Raises ValueError for a negative limit or an unknown specialty.
    """

    def __init__(
        self, index: TeamIndex, need: Need, weights: Weights, limit: int, only: int | None = None
    ) -> None:
        if limit < 0:
            raise ValueError("a limit is not negative")
        if max(need.required, default=-1) >= len(index.parents):
            raise ValueError("an unknown specialty is required")
        self._index, self._need, self._weights, self._limit = index, need, weights, limit
        self._frame = frame_of(index, need)
        able, self._excluded = screen(index, need)
        self._able = able if only is None else able.take(np.flatnonzero(able.rows == only))
        self._best = at_best(index, need, self._able)
        size = len(self._able.rows)
        self._order = np.arange(size)
        if size > READ_AT_ONCE and limit:
            self._bounds = scores(self._best, self._frame, weights)
            self._order = np.argsort(-self._bounds, kind="stable")
        self._read = self._full = 0
        self._asked = self._order[:0]
        self._found: list[_Found] = []

    def wanted(self) -> Rows | None:
        """Rows whose work must be known next; None when the top is certain."""
        rest = self._order[self._read :]
        if not len(rest) or (len(self._order) > READ_AT_ONCE and not self._may_matter(rest[0])):
            return None
        self._asked = np.sort(rest[:READ_AT_ONCE])
        return self._able.rows[self._asked]

    def told(self, work: Work) -> None:
        """The work of the rows that were `wanted`. Raises ValueError when it is not that of these rows."""
        if work.taken.shape != (len(self._asked), self._need.slots):
            raise ValueError("the work is not that of the teams that were asked for")
        asked, self._asked = self._asked, self._order[:0]
        self._read += len(asked)
        all_asked = len(asked) == len(self._order)
        able = self._able if all_asked else self._able.take(asked)
        best = self._best if all_asked else self._best.take(asked)
        begin, rows = able.duty.begin(self._index, self._need, able.rows, work.taken), able.rows
        features, first = as_it_is(best, self._need, work, begin)
        if not features.starts.all():
            free = np.flatnonzero(features.starts)
            self._full += len(asked) - len(free)
            rows, first, features = rows[free], first[free], features.take(free)
        if len(rows):
            points = scores(features, self._frame, self._weights)
            self._found.append(_Found(rows, points, first, features))

    def top(self) -> Top:
        """What has been found: exact once nothing more is wanted."""
        found = _Found.all_of(self._found)
        chosen = self._first(found)
        excluded = self._excluded | ({Exclusion.NO_CAPACITY: self._full} if self._full else {})
        return Top(
            rows=found.rows[chosen],
            scores=found.scores[chosen],
            first=found.first[chosen],
            features=found.features.take(chosen),
            frame=self._frame,
            excluded=excluded,
            unread=len(self._order) - self._read,
        )

    def ranking(self, names: tuple[str, ...]) -> Ranking:
        """The same in words; `names` are those of the specialties."""
        found = self.top()
        measured = values(found.features, found.frame)
        items = []
        for position, row in enumerate(found.rows.tolist()):
            features = found.features.of(position)
            told = sentences(self._index, self._need, row, features, found.frame, names)
            items.append(
                Ranked(
                    row=row,
                    score=float(found.scores[position]),
                    earliest_start=int(found.first[position]),
                    ring=Ring(features["ring"]),
                    features=features,
                    factors=_factors(measured[:, position].tolist(), self._weights, told),
                )
            )
        size = self._index.size
        return Ranking(tuple(items), found.excluded, size, found.unread, found.frame, self._weights)

    def _may_matter(self, position: int) -> bool:
        """Whether this team could still be among the first, or tie with the last of them."""
        if not self._limit:
            return False
        points = np.concatenate([one.scores for one in self._found] or [np.zeros(0)])
        last = len(points) - self._limit
        return last < 0 or bool(self._bounds[position] >= np.partition(points, last)[last])

    def _first(self, found: "_Found") -> NDArray[np.intp]:
        """Positions of the best, best first; equal scores by id."""
        points, last = found.scores, len(found.scores) - self._limit
        if not self._limit:
            return np.zeros(0, np.intp)
        able = (
            np.flatnonzero(points >= np.partition(points, last)[last]) if last > 0 else np.arange(len(points))
        )
        high, low = self._index.ids_of(found.rows[able])
        return np.asarray(able[np.lexsort((low, high, -points[able]))][: self._limit], np.intp)


@dataclass(frozen=True, eq=False, slots=True)
class _Found:
    """Teams whose work was read and that have time."""

    rows: Rows
    scores: Values
    first: NDArray[np.intp]
    features: Features

    @classmethod
    def all_of(cls, parts: list["_Found"]) -> "_Found":
        if len(parts) == 1:
            return parts[0]
        nothing = np.zeros(0, np.int32)
        parts = parts or [cls(nothing, np.zeros(0), np.zeros(0, np.intp), Features.of_nobody())]
        rows, points, first = (
            np.concatenate([getattr(one, name) for one in parts]) for name in ("rows", "scores", "first")
        )
        return cls(rows, points, first, Features.joined([one.features for one in parts]))


def _factors(measured: list[float], weights: Weights, told: tuple[str, ...]) -> tuple[Factor, ...]:
    weighed = zip(FactorName, measured, weights.shares, told, strict=True)
    return tuple(Factor(name, value, share, value * share, reason) for name, value, share, reason in weighed)
