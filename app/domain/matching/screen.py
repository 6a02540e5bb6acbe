"""Hard conditions: who may be offered this order at all. They are never traded for score.

They are tried in the order of `Exclusion`, cheap and telling ones first, and each only on the teams that the
earlier ones left; so a team is excluded once, under the first condition it fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.geo import distance_km
from app.domain.matching.features import Bools, Exclusion, Moment, Need, Rows, TeamTable

Verdicts = NDArray[np.int8]
"""For each team 0, or the position, counted from 1, of its exclusion among all `Exclusion`."""

Condition = Callable[[TeamTable, Need, Moment, Rows], Bools]
"""For each of some rows, whether the team satisfies it."""


@dataclass(frozen=True, eq=False, slots=True)
class Shortlist:
    """The M teams that passed: their rows, ascending, their kilometres, and when each could start.

    `starts` is bool[M, P]: whether the whole service fits from each of the P half hours in which it could
    begin and still end inside the window.
    """

    rows: Rows
    distance_km: NDArray[np.float64]
    starts: Bools


def screen(table: TeamTable, need: Need, moment: Moment) -> tuple[Verdicts, Shortlist]:
    """A verdict on every team, and what is known of those that remain."""
    verdicts = np.zeros(table.size, np.int8)
    rows = np.arange(table.size)
    for code, holds in enumerate(CONDITIONS.values(), 1):
        kept = holds(table, need, moment, rows)
        verdicts[rows[~kept]] = code
        rows = rows[kept]
    return verdicts, Shortlist(rows, _distances(table, need, rows), _starts(need, moment.room(rows)))


def _skilled(table: TeamTable, need: Need, _: Moment, rows: Rows) -> Bools:
    return np.asarray((table.levels(rows, need.required) > 0).all(axis=1))


def _proven(table: TeamTable, need: Need, _: Moment, rows: Rows) -> Bools:
    return np.asarray((table.proofs(rows, need.proven) >= need.day).all(axis=1))


def _near(table: TeamTable, need: Need, _: Moment, rows: Rows) -> Bools:
    return (_distances(table, need, rows) <= table.radius_km[rows]) | (need.place is None)


def _grown_up(table: TeamTable, need: Need, _: Moment, rows: Rows) -> Bools:
    return table.adults_only[rows] | (not need.risky)


def _insured(table: TeamTable, need: Need, _: Moment, rows: Rows) -> Bools:
    return np.asarray((table.insured_until[rows] >= need.day) | (not need.risky))


def _available(_: TeamTable, need: Need, moment: Moment, rows: Rows) -> Bools:
    return np.asarray(_starts(need, moment.on_duty[rows]).any(axis=1))


def _not_full(_: TeamTable, need: Need, moment: Moment, rows: Rows) -> Bools:
    return np.asarray(_starts(need, moment.room(rows)).any(axis=1))


CONDITIONS: Final[Mapping[Exclusion, Condition]] = {
    Exclusion.OUT_OF_SCOPE: lambda table, need, moment, rows: moment.in_scope[rows],
    Exclusion.INACTIVE: lambda table, need, moment, rows: table.active[rows],
    Exclusion.DECLINED_BEFORE: lambda table, need, moment, rows: ~moment.declined[rows],
    Exclusion.MISSING_SPECIALTY: _skilled,
    Exclusion.PROOF_MISSING: _proven,
    Exclusion.TOO_FAR: _near,
    Exclusion.MINORS_AT_RISK: _grown_up,
    Exclusion.NOT_INSURED: _insured,
    Exclusion.NO_FREE_TIME: _available,
    Exclusion.NO_CAPACITY: _not_full,
}


def _distances(table: TeamTable, need: Need, rows: Rows) -> NDArray[np.float64]:
    """Kilometres in whole metres: no address is known better, and neighbours tie on every machine."""
    if need.place is None:
        return np.zeros(len(rows))
    return np.round(distance_km(*need.place, table.lat[rows], table.lon[rows]), 3)


def _starts(need: Need, free: Bools) -> Bools:
    """bool[M, P], P = W - duration + 1 or 0: whether a run of free half hours begins at each."""
    teams, window = free.shape
    if window < need.duration_slots:
        return np.zeros((teams, 0), np.bool_)
    counted = np.zeros((teams, window + 1), np.int32)
    np.cumsum(free, axis=1, out=counted[:, 1:])
    run = counted[:, need.duration_slots :] - counted[:, : -need.duration_slots]
    return np.asarray(run == need.duration_slots)
