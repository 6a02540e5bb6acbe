"""Features of teams out of the index, and those of them that their work changes."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Bools, Ints, Need, Rows, Wish, Work
from app.domain.matching.index import MEN, TRAVEL_SHIFT, WOMEN, TeamIndex
from app.domain.matching.score import Features, Frame
from app.domain.matching.screen import Able
from app.domain.travel import minutes

Counts = NDArray[np.int64]
DEAREST: Final = 1000
"""A team's time is worth at most one whole order."""


def frame_of(index: TeamIndex, need: Need) -> Frame:
    return Frame(
        required=len(need.required),
        on_site=need.place is not None,
        possible=need.possible,
        mean_recent=index.mean_recent,
        wishes=need.wishes,
    )


def at_best(index: TeamIndex, need: Need, able: Able) -> Features:
    """What would be true of each team had it nothing promised: no real feature is better."""
    rows, flags = able.rows, index.flags[able.rows]
    nothing = np.zeros(len(rows), np.int64)
    besides, kin = _besides(index, need, rows) if need.required else (nothing, nothing)
    times, stars = _served(need, rows) if need.served else (nothing, nothing)
    return Features(
        level_sum=(able.skills & 3).sum(axis=0, dtype=np.int64),
        besides=besides,
        kin=kin,
        metres=able.metres,
        minutes=minutes(able.metres, flags >> TRAVEL_SHIFT),
        starts=able.duty.starts,
        open_work=nothing,
        capacity=index.capacity[rows],
        reliability=index.reliability[rows],
        times=times,
        stars=stars,
        ring=able.ring,
        recent=index.recent[rows],
        wishes=_wishes(index, need, rows, flags) if need.wishes else nothing,
        price=index.price(rows, need) if index.prices else nothing,
    )


def as_it_is(features: Features, need: Need, work: Work, begin: Bools) -> tuple[Features, NDArray[np.intp]]:
    """With the work that was read, and the start that each team should take: the earliest of the cheapest.

    `begin` is where the team could really start, bool[M, possible].
    """
    real = replace(features, open_work=work.open_work, starts=np.count_nonzero(begin, axis=1))
    if work.slot_price is None or not begin.shape[1]:
        return real, begin.argmax(axis=1) if begin.shape[1] else np.zeros(len(begin), np.intp)
    price = np.where(begin, np.minimum(_dearest(work.slot_price, need.duration_slots), DEAREST), DEAREST + 1)
    first = price.argmin(axis=1)
    cheapest = np.minimum(price[np.arange(len(price)), first], DEAREST)
    return replace(real, price=np.maximum(features.price, cheapest)), first


def _dearest(slot_price: Ints, duration: int) -> Ints:
    """The dearest half hour of a service that starts at each: int[M, possible]."""
    if slot_price.shape[1] < duration:
        return slot_price[:, :0]
    covered = 1
    while covered < duration:
        step = min(covered, duration - covered)
        slot_price = np.maximum(slot_price[:, step:], slot_price[:, :-step])
        covered += step
    return slot_price


def _besides(index: TeamIndex, need: Need, rows: Rows) -> tuple[Counts, Counts]:
    kin, held = index.kin(need.required), index.held[rows]
    everything = np.bitwise_count(held).sum(axis=1, dtype=np.int64)
    related = np.bitwise_count(held & kin.related).sum(axis=1, dtype=np.int64)
    return everything - len(need.required), related


def _served(need: Need, rows: Rows) -> tuple[Counts, Counts]:
    times, stars = np.zeros((2, len(rows)), np.int64)
    for row, (served, liked) in need.served.items():
        place = int(np.searchsorted(rows, row))
        if place < len(rows) and rows[place] == row:
            times[place], stars[place] = served, liked
    return times, stars


def _wishes(index: TeamIndex, need: Need, rows: Rows, flags: NDArray[np.uint8]) -> Counts:
    met = np.zeros(len(rows), np.int64)
    if need.gender is not Wish.NONE:
        met += (flags & (WOMEN if need.gender is Wish.FEMALE else MEN)) != 0
    if need.language >= 0:
        met += (index.languages[rows] >> need.language) & 1
    return met
