"""The best teams for one order, in words: hard conditions first, then score, then the few at the top."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.matching.features import Exclusion, Moment, Need, Rows, TeamTable
from app.domain.matching.score import Case, FactorName, Values, Weights, sentences, values
from app.domain.matching.screen import Verdicts, screen


@dataclass(frozen=True, slots=True)
class Factor:
    """`contribution` is `value` times `weight`, the factor's share of all weights."""

    name: FactorName
    value: float
    weight: float
    contribution: float
    reason: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of the team table; `score` in [0, 1] is the sum of the contributions.

    `earliest_start` is the first half hour of the window, from 0, at which the whole service fits.
    """

    index: int
    score: float
    earliest_start: int
    factors: tuple[Factor, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """The top, best first, and a verdict on every team, so that "why not this one?" has an answer."""

    items: tuple[Ranked, ...]
    verdicts: Verdicts
    weights_version: str

    @property
    def considered(self) -> int:
        return len(self.verdicts)

    @property
    def excluded(self) -> Mapping[Exclusion, tuple[int, ...]]:
        """The rows that failed, ascending, each once, under the first condition it failed."""
        by_reason = ((reason, np.flatnonzero(self.verdicts == n)) for n, reason in enumerate(Exclusion, 1))
        return {reason: tuple(rows.tolist()) for reason, rows in by_reason if rows.size}

    def why_not(self, index: int) -> Exclusion | None:
        """What excludes one team; None for one that could serve, ranked or below the limit."""
        verdict = int(self.verdicts[index])
        return tuple(Exclusion)[verdict - 1] if verdict else None


def rank(
    table: TeamTable,
    need: Need,
    moment: Moment,
    weights: Weights,
    limit: int,
    specialties: tuple[str, ...],
) -> Ranking:
    """The `limit` best of the teams that satisfy every hard condition; equal scores go by row.

    `specialties` names the columns of the table, for the sentences. Raises ValueError when the arguments do
    not speak of the same teams and specialties, or the limit is negative.
    """
    _check(table, need, moment, limit, specialties)
    verdicts, shortlist = screen(table, need, moment)
    case = Case(table, need, moment, shortlist, specialties)
    measured, shares = values(case), weights.shares
    contributions = measured * np.array(shares)[:, np.newaxis]
    scores = contributions.sum(axis=0)
    items = tuple(
        Ranked(
            index=int(shortlist.rows[position]),
            score=float(scores[position]),
            earliest_start=int(shortlist.starts[position].argmax()),
            factors=tuple(
                map(
                    Factor,
                    FactorName,
                    measured[:, position].tolist(),
                    shares,
                    contributions[:, position].tolist(),
                    sentences(case, position),
                )
            ),
        )
        for position in _top(scores, limit).tolist()
    )
    return Ranking(items, verdicts, weights.version)


def _top(scores: Values, limit: int) -> Rows:
    """Positions of the best, best first, equal ones in their own order; only possible ones are sorted."""
    if limit == 0:
        return np.zeros(0, np.intp)
    last = len(scores) - limit
    worst = np.partition(scores, last)[last] if last > 0 else -np.inf
    able = np.flatnonzero(scores >= worst)
    return able[np.argsort(-scores[able], kind="stable")][:limit]


def _check(table: TeamTable, need: Need, moment: Moment, limit: int, specialties: tuple[str, ...]) -> None:
    if moment.size != table.size:
        raise ValueError("the moment speaks of other teams")
    if len(specialties) != table.level.shape[1] or max(need.required, default=-1) >= len(specialties):
        raise ValueError("a specialty has no column or no name")
    if limit < 0:
        raise ValueError("a limit is not negative")
