"""Scoring packed records: cheap conditions first, then bounds, then what was fetched for the few."""

import numpy as np

from app.domain.matching.features import Need
from benchmarks.matching import formulas
from benchmarks.matching.brute import related
from benchmarks.matching.formulas import Array, Values
from benchmarks.matching.promises import taken_in
from benchmarks.matching.records import ACTIVE, ADULTS_ONLY, DATED, LENDS, MEN, TWO, WOMEN
from benchmarks.matching.scene import Scene
from benchmarks.matching.teams import TODAY

AVAILABILITY, LOAD = 2, 3


class Candidates:
    """Those of `records` that may serve, best bound first. The first `near` records came by their place, the
    others by a named area: they count when the place is beyond their radius, so that none counts twice."""

    def __init__(self, scene: Scene, need: Need, records: Array, near: int) -> None:
        self.scene, self.need, self.tree = scene, need, scene.terrain.tree
        line = np.zeros(len(records), np.int64)
        if need.place is not None and len(records):
            line = formulas.metres(records["lat"], records["lon"], need.place)
            reached = line <= records["radius"]
            reached[near:] ^= True
            records, line = records[reached], line[reached]
        able = self._able(records)
        records, line = records[able], line[able]
        levels = [
            np.where(records["skill"] == one, records["level"], 0).max(axis=1, initial=0)
            for one in need.required
        ]
        free = formulas.window_bits(records["week"], need)
        starts = formulas.count_starts(free, need.duration_slots)
        starts[records["flags"] & DATED != 0] = need.possible
        some = np.flatnonzero(starts)
        self.records, self.free = records[some], free[some]
        self.values = self._values([one[some] for one in levels], line[some], starts[some])
        bounds = formulas.score(self.values, np.zeros(len(some)))
        self.order = np.argsort(-bounds, kind="stable")
        self.bounds, self.done = bounds[self.order], 0
        self.scores = np.full(len(some), -np.inf)
        self.batch = self.order[:0]

    def next(self, many: int, limit: int) -> Array:
        """Records of the next `many` whose bound may still reach the top; none when there are none."""
        settled = self.scores[self.order[: self.done]]
        least = -np.partition(-settled, limit - 1)[limit - 1] if len(settled) >= limit else -np.inf
        end = min(self.done + many, int(np.searchsorted(-self.bounds, -least, side="right")))
        self.batch = self.order[self.done : end]
        self.done = max(self.done, end)
        return self.records[self.batch]

    def settle(
        self, records: Array, work: Array, dated: dict[tuple[int, int], bytes], prices: dict[int, Array]
    ) -> None:
        """Score the last batch by what was fetched for it."""
        need, teams = self.need, records["team"].tolist()
        free, place = self.free[self.batch], {team: row for row, team in enumerate(teams)}
        if dated:
            row = np.array([place[team] for team, _ in dated])
            bits = np.frombuffer(b"".join(dated.values()), np.uint8).reshape(-1, 6)
            formulas.except_days(free, need, row, np.array([day for _, day in dated]), bits)
        who, which = np.nonzero(work["length"])
        taken = taken_in(
            need, len(teams), who, work["first"][who, which].astype(np.int64), work["length"][who, which]
        )
        capacity = records["capacity"].astype(np.int64)
        starts = formulas.count_starts(free & (taken < capacity[:, np.newaxis]), need.duration_slots)
        price = np.zeros(len(teams))
        first, last = need.days[0] - TODAY, need.days[-1] - TODAY
        for team, permille in prices.items():
            price[place[team]] = min(1000, permille[first : last + 1].min())
        values = [one if isinstance(one, float) else one[self.batch] for one in self.values]
        values[AVAILABILITY] = starts / max(1, need.possible)
        values[LOAD] = capacity / (capacity + work["open_work"].astype(np.float64))
        self.scores[self.batch] = np.where(starts > 0, formulas.score(values, price), -np.inf)

    def best(self, limit: int) -> list[int]:
        found = formulas.best(self.scores, self.records["id"].astype(np.uint64), limit)
        return [int(team) for team in self.records["team"][found]]

    def _able(self, records: Array) -> Array:
        need = self.need
        flags = ACTIVE | (ADULTS_ONLY if need.risky else 0) | (TWO if need.two else 0)
        if need.wish_must and need.gender:
            flags |= WOMEN if need.gender == 1 else MEN
        able = records["flags"] & flags == flags
        if need.risky:
            able &= records["insured_until"] >= need.day
        if need.wish_must and need.language >= 0:
            able &= (records["languages"] >> need.language & 1) == 1
        if need.handler:
            ring = self._rings(records["organisation"])
            able &= (
                (ring < 3)
                | self._below(records["organisation"], need.handler)
                | (records["flags"] & LENDS != 0)
            )
        for one, least, proof in zip(need.required, need.levels, need.needs_proof, strict=True):
            fits = (records["skill"] == one) & (records["level"] >= max(1, least))
            if proof:
                fits &= records["until"] >= need.day
            able &= fits.any(axis=1)
        if refused := need.declined | need.blocked:
            able &= ~np.isin(records["team"], list(refused))
        return np.asarray(able)

    def _below(self, organisation: Array, row: int) -> Array:
        subtree = self.tree.below(row)
        return np.asarray((organisation >= subtree.start) & (organisation < subtree.stop))

    def _rings(self, organisation: Array) -> Array:
        above = self.tree.above(self.need.organisation)
        ring = np.full(len(organisation), 3)
        for row in above:
            if (level := self.tree.levels[row]) in ("center", "office"):
                ring[organisation == row] = 2 if level == "center" else 1
        ring[self._below(organisation, above[1] if self.tree.levels[above[0]] == "point" else above[0])] = 0
        return ring

    def _values(self, levels: list[Array], line: Array, starts: Array) -> list[Values | float]:
        need, records = self.need, self.records
        held = records["level"] > 0
        kin = np.zeros(len(records))
        if need.required:
            relative = np.zeros(256, np.bool_)
            relative[related(need.required, self.scene.parents)] = True
            kin = (relative[records["skill"]] & held).sum(axis=1)
        continuity: Values | float = 0.0
        if need.served:
            continuity = np.zeros(len(records))
            for team, (times, stars) in need.served.items():
                continuity[records["team"] == team] = stars / (5 * times)
        women, men = records["flags"] & WOMEN != 0, records["flags"] & MEN != 0
        return [
            formulas.specialty([one.astype(np.int64) for one in levels], kin, held.sum(axis=1) - len(levels)),
            formulas.location(line, records["travel"]),
            starts / max(1, need.possible),
            np.ones(len(records)),
            records["reliability"] / 10_000,
            continuity,
            (3 - self._rings(records["organisation"])) / 3,
            formulas.fairness(records["recent"], self.scene.mean_recent),
            formulas.wish(need, women, men, records["languages"]),
        ]
