"""Hard conditions: who may be offered this order at all. They are never traded for score.

They are tried in the order of `Exclusion`, and a team is counted once, under the first that it fails. The first
two are answered by the index without touching the teams they exclude; `failing` asks every condition of one team.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Bools, Exclusion, Need, Ring, Rows, Wish, Work
from app.domain.matching.freetime import Duty, duty_of
from app.domain.matching.index import (
    ACTIVE,
    ADULTS_ONLY,
    LAST_DAY,
    LAST_INSURED,
    LENDS,
    MEN,
    RADIUS_STEP_M,
    TWO,
    WOMEN,
    TeamIndex,
    Words,
    merged,
    packed,
    places_of,
)

Counts = dict[Exclusion, int]


@dataclass(frozen=True, eq=False, slots=True)
class Able:
    """The M teams that meet every condition that can be answered without reading their work."""

    rows: Rows
    metres: NDArray[np.int64]
    skills: Words
    ring: NDArray[np.uint8]
    duty: Duty

    def take(self, positions: NDArray[np.intp]) -> "Able":
        return Able(
            self.rows[positions],
            self.metres[positions],
            self.skills[:, positions],
            self.ring[positions],
            self.duty.take(positions),
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Near:
    """Who has the specialties and can reach the place: all that the other conditions look at."""

    rows: Rows
    metres: NDArray[np.int64]
    skills: Words


def screen(index: TeamIndex, need: Need) -> tuple[Able, Counts]:
    """Who passes the static conditions, and how many failed each."""
    near, counts = _near(index, need)
    alive = np.ones(len(near.rows), np.bool_)
    left = len(near.rows)
    rings, mobilised = index.rings(need.organisation, need.handler)
    ring = rings[index.organisation[near.rows]]
    for reason, ok in _conditions(index, need, near, ring, mobilised):
        alive &= ok
        kept = int(np.count_nonzero(alive))
        if kept < left:
            counts[reason], left = left - kept, kept
    chosen = alive.nonzero()[0]
    duty = duty_of(index, need, near.rows[chosen])
    if not duty.starts.all():
        free = duty.starts.nonzero()[0]
        counts[Exclusion.NO_FREE_TIME] = len(chosen) - len(free)
        chosen, duty = chosen[free], duty.take(free)
    return Able(near.rows[chosen], near.metres[chosen], near.skills[:, chosen], ring[chosen], duty), counts


def _near(index: TeamIndex, need: Need) -> tuple[_Near, Counts]:
    holders = index.who_holds(need.required)
    total = len(holders.rows)
    counts = {Exclusion.MISSING_SPECIALTY: index.size - total} if total < index.size else {}
    if need.place is None:
        return _Near(holders.rows, np.zeros(total, np.int64), holders.skills), counts
    first, last = (holders.rows.searchsorted(ends) for ends in index.grid.runs(*need.place))
    picked = _picked(first, last)
    named = index.named(need.organisation)
    if len(named):
        picked = merged(picked, places_of(named, holders.rows))
    rows = holders.rows[picked]
    metres = index.metres(rows, need.place)
    near = metres <= index.radius[rows].astype(np.int64) * RADIUS_STEP_M
    if len(named):
        near[places_of(named, rows)] = True
    chosen = near.nonzero()[0]
    if len(chosen) < total:
        counts[Exclusion.TOO_FAR] = total - len(chosen)
    return _Near(rows[chosen], metres[chosen], holders.skills[:, picked[chosen]]), counts


def _conditions(
    index: TeamIndex, need: Need, near: _Near, ring: NDArray[np.uint8], mobilised: Bools
) -> Iterator[tuple[Exclusion, Bools]]:
    """Those that this order makes, in the order of `Exclusion`, each with who fulfils it."""
    rows, flags = near.rows, index.flags[near.rows]
    if max(need.levels, default=1) > 1:
        least = np.array(need.levels, np.uint16)[:, np.newaxis]
        yield Exclusion.LEVEL_TOO_LOW, np.asarray(((near.skills & 3) >= least).all(axis=0))
    if any(need.needs_proof):
        proven = near.skills[np.array(need.needs_proof)] >> 2
        yield Exclusion.PROOF_MISSING, np.asarray((proven >= packed(need.day, LAST_DAY)).all(axis=0))
    asked = mobilised[index.organisation[rows]]
    yield Exclusion.OUT_OF_SCOPE, (ring != Ring.LENT) | ((flags & LENDS) != 0) | asked
    yield Exclusion.INACTIVE, (flags & ACTIVE) != 0
    if need.declined:
        yield Exclusion.DECLINED_BEFORE, _all_but(rows, need.declined)
    if need.blocked:
        yield Exclusion.BLOCKED, _all_but(rows, need.blocked)
    if need.risky:
        yield Exclusion.MINORS_AT_RISK, (flags & ADULTS_ONLY) != 0
        yield Exclusion.NOT_INSURED, index.insured[rows] >= packed(need.day, LAST_INSURED)
    if need.two:
        yield Exclusion.NEEDS_TWO, (flags & TWO) != 0
    if need.wish_must and need.gender is not Wish.NONE:
        yield Exclusion.GENDER, (flags & (WOMEN if need.gender is Wish.FEMALE else MEN)) != 0
    if need.wish_must and need.language >= 0:
        yield Exclusion.LANGUAGE, (index.languages[rows] >> need.language & 1) == 1


def _all_but(rows: Rows, few: frozenset[int]) -> Bools:
    others = np.ones(len(rows), np.bool_)
    others[places_of(np.array(sorted(few), np.int32), rows)] = False
    return others


def _picked(first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.intp]:
    """The positions of all runs, ascending."""
    lengths = last - first
    total = int(lengths.sum())
    if not total:
        return np.zeros(0, np.intp)
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(total) + np.repeat(first - (ends - lengths), lengths), np.intp)


def failing(index: TeamIndex, need: Need, row: int, work: Work | None) -> list[Exclusion]:
    """Every condition that one team fails, in order; NO_CAPACITY only when its `work` is given."""
    rows = np.array([row], np.int32)
    words = {column: word for column in need.required if (word := skill_of(index, row, column))}
    failed = [] if len(words) == len(need.required) else [Exclusion.MISSING_SPECIALTY]
    if need.place is not None and row not in index.named(need.organisation):
        far = index.metres(rows, need.place)[0] > int(index.radius[row]) * RADIUS_STEP_M
        failed += [Exclusion.TOO_FAR] if far else []
    held = _only(need, tuple(words))
    near = _Near(
        rows, np.zeros(1, np.int64), np.array([[word] for word in words.values()], np.uint16).reshape(-1, 1)
    )
    rings, mobilised = index.rings(need.organisation, need.handler)
    ring = rings[index.organisation[rows]]
    failed += [reason for reason, ok in _conditions(index, held, near, ring, mobilised) if not ok[0]]
    duty = duty_of(index, need, rows)
    if not duty.starts[0]:
        failed.append(Exclusion.NO_FREE_TIME)
    elif work is not None and not duty.begin(index, need, rows, work.taken).any():
        failed.append(Exclusion.NO_CAPACITY)
    return failed


def _only(need: Need, held: tuple[int, ...]) -> Need:
    """The same order, but of its required specialties only those that a team holds at all."""
    kept = [n for n, column in enumerate(need.required) if column in held]
    return replace(
        need,
        required=tuple(need.required[n] for n in kept),
        levels=tuple(need.levels[n] for n in kept),
        needs_proof=tuple(need.needs_proof[n] for n in kept),
    )


def skill_of(index: TeamIndex, row: int, column: int) -> int:
    """Level and proof of one team's specialty, packed (index.skill_word); 0 when it does not have it."""
    holders = index.holders[column]
    place = int(holders.rows.searchsorted(np.int32(row)))
    there = place < len(holders.rows) and holders.rows[place] == row
    return int(holders.skills[0, place]) if there else 0
