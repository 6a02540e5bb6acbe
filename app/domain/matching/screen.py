"""Hard conditions: who may be offered this order at all. They are never traded for score.

They are tried in the order of `Exclusion`, and a team is counted once, under the first that it fails. The first
two are answered by the index without touching the teams they exclude; `failing` asks every condition of one team.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Bools, Exclusion, Need, Ring, Rows, Wish, Work
from app.domain.matching.freetime import possible_starts, real_starts
from app.domain.matching.index import (
    ACTIVE,
    ADULTS_ONLY,
    LAST_DAY,
    LENDS,
    MEN,
    RADIUS_STEP_M,
    TWO,
    WOMEN,
    TeamIndex,
    Words,
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
    starts: NDArray[np.int32]

    def take(self, positions: NDArray[np.intp]) -> "Able":
        return Able(
            self.rows[positions],
            self.metres[positions],
            self.skills[:, positions],
            self.ring[positions],
            self.starts[positions],
        )


@dataclass(eq=False, slots=True)
class _Sieve:
    """Teams still in, with what is known of them; each `keep` counts those it drops."""

    rows: Rows
    metres: NDArray[np.int64]
    skills: Words
    counts: Counts = field(default_factory=dict)

    def keep(self, reason: Exclusion, ok: Bools) -> Bools | None:
        """Drop the others. What is passed through must be dropped too: the mask, or None when all stay."""
        kept = int(np.count_nonzero(ok))
        if kept == len(self.rows):
            return None
        self.counts[reason] = len(self.rows) - kept
        self.rows, self.metres, self.skills = self.rows[ok], self.metres[ok], self.skills[:, ok]
        return ok


def screen(index: TeamIndex, need: Need) -> tuple[Able, Counts]:
    """Who passes the static conditions, and how many failed each."""
    sieve = _near(index, need)
    for reason, ok in _papers(need, sieve):
        sieve.keep(reason, ok)
    ring, mobilised = index.tree.rings(need.organisation, need.handler)
    own = ring[index.organisation[sieve.rows]]
    lent = (own == Ring.LENT) & ((index.flags[sieve.rows] & LENDS) == 0)
    if lent.any():
        lent &= ~mobilised[index.organisation[sieve.rows]]
        sieve.keep(Exclusion.OUT_OF_SCOPE, ~lent)
    for reason, needed in _flags(need):
        sieve.keep(reason, (index.flags[sieve.rows] & needed) == needed)
        if reason is Exclusion.INACTIVE:
            for told, rows in ((Exclusion.DECLINED_BEFORE, need.declined), (Exclusion.BLOCKED, need.blocked)):
                if rows:
                    stays = np.ones(len(sieve.rows), np.bool_)
                    stays[places_of(np.array(sorted(rows), np.int32), sieve.rows)] = False
                    sieve.keep(told, stays)
        if reason is Exclusion.MINORS_AT_RISK:
            sieve.keep(Exclusion.NOT_INSURED, index.insured[sieve.rows] >= packed(need.day, 2**16 - 2))
    if need.wish_must and need.language >= 0:
        sieve.keep(Exclusion.LANGUAGE, (index.languages[sieve.rows] >> need.language & 1) == 1)
    begin = possible_starts(index, need, sieve.rows)
    free = sieve.keep(Exclusion.NO_FREE_TIME, begin > 0)
    begin = begin if free is None else begin[free]
    return Able(
        sieve.rows, sieve.metres, sieve.skills, ring[index.organisation[sieve.rows]], begin
    ), sieve.counts


def _near(index: TeamIndex, need: Need) -> _Sieve:
    """Who has the specialties and can reach the place."""
    holders = index.who_holds(need.required)
    total = len(holders.rows)
    counts = {Exclusion.MISSING_SPECIALTY: index.size - total} if total < index.size else {}
    if need.place is None:
        return _Sieve(holders.rows, np.zeros(total, np.int64), holders.skills, counts)
    first, last = (holders.rows.searchsorted(ends) for ends in index.grid.runs(*need.place))
    picked = _picked(first, last)
    named = index.named(need.organisation)
    if len(named):
        picked = np.union1d(picked, places_of(named, holders.rows))
    rows = holders.rows[picked]
    metres = index.metres(rows, need.place)
    near = metres <= index.radius[rows].astype(np.int64) * RADIUS_STEP_M
    near[places_of(named, rows)] = True
    if (kept := int(np.count_nonzero(near))) < total:
        counts[Exclusion.TOO_FAR] = total - kept
    return _Sieve(rows[near], metres[near], holders.skills[:, picked[near]], counts)


def _picked(first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.intp]:
    """The positions of all runs, ascending."""
    lengths = last - first
    total = int(lengths.sum())
    if not total:
        return np.zeros(0, np.intp)
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(total) + np.repeat(first - (ends - lengths), lengths), np.intp)


def _papers(need: Need, sieve: _Sieve) -> Iterator[tuple[Exclusion, Bools]]:
    """Levels and proofs; asked lazily, because each looks at who is left."""
    if max(need.levels, default=1) > 1:
        least = np.array(need.levels, np.uint16)[:, np.newaxis]
        yield Exclusion.LEVEL_TOO_LOW, np.asarray(((sieve.skills & 3) >= least).all(axis=0))
    if any(need.needs_proof):
        proven = sieve.skills[np.array(need.needs_proof)] >> 2
        yield Exclusion.PROOF_MISSING, np.asarray((proven >= packed(need.day, LAST_DAY)).all(axis=0))


def _flags(need: Need) -> Iterator[tuple[Exclusion, int]]:
    yield Exclusion.INACTIVE, ACTIVE
    if need.risky:
        yield Exclusion.MINORS_AT_RISK, ADULTS_ONLY
    if need.two:
        yield Exclusion.NEEDS_TWO, TWO
    if need.wish_must and need.gender is not Wish.NONE:
        yield Exclusion.GENDER, WOMEN if need.gender is Wish.FEMALE else MEN


def failing(index: TeamIndex, need: Need, row: int, work: Work | None) -> list[Exclusion]:
    """Every condition that one team fails, in order; NO_CAPACITY only when its `work` is given."""
    rows = np.array([row], np.int32)
    failed = [] if _holds_all(index, need, row) else [Exclusion.MISSING_SPECIALTY]
    if need.place is not None and row not in index.named(need.organisation):
        far = index.metres(rows, need.place)[0] > int(index.radius[row]) * RADIUS_STEP_M
        failed += [Exclusion.TOO_FAR] if far else []
    words = {column: skill for column in need.required if (skill := skill_of(index, row, column))}
    wanted = list(zip(need.required, need.levels, need.needs_proof, strict=True))
    if any(column in words and words[column] & 3 < level for column, level, _ in wanted):
        failed.append(Exclusion.LEVEL_TOO_LOW)
    least = packed(need.day, LAST_DAY)
    if any(proof and column in words and words[column] >> 2 < least for column, _, proof in wanted):
        failed.append(Exclusion.PROOF_MISSING)
    flags, organisation = int(index.flags[row]), index.organisation[row]
    ring, mobilised = index.tree.rings(need.organisation, need.handler)
    if ring[organisation] == Ring.LENT and not flags & LENDS and not mobilised[organisation]:
        failed.append(Exclusion.OUT_OF_SCOPE)
    failed += [reason for reason, needed in _flags(need) if flags & needed != needed]
    failed += [Exclusion.DECLINED_BEFORE] if row in need.declined else []
    failed += [Exclusion.BLOCKED] if row in need.blocked else []
    if need.risky and index.insured[row] < packed(need.day, 2**16 - 2):
        failed.append(Exclusion.NOT_INSURED)
    if need.wish_must and need.language >= 0 and not index.languages[row] >> need.language & 1:
        failed.append(Exclusion.LANGUAGE)
    if not possible_starts(index, need, rows)[0]:
        failed.append(Exclusion.NO_FREE_TIME)
    elif work is not None and not real_starts(index, need, rows, work.taken).any():
        failed.append(Exclusion.NO_CAPACITY)
    return sorted(failed, key=list(Exclusion).index)


def skill_of(index: TeamIndex, row: int, column: int) -> int:
    """Level and proof of one team's specialty, packed (index.skill_word); 0 when it does not have it."""
    holders = index.holders[column]
    place = int(np.searchsorted(holders.rows, row))
    there = place < len(holders.rows) and holders.rows[place] == row
    return int(holders.skills[0, place]) if there else 0


def _holds_all(index: TeamIndex, need: Need, row: int) -> bool:
    return all(skill_of(index, row, column) for column in need.required)
