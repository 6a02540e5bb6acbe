"""The oracle: every condition and every formula on every team, for each order. Nothing is skipped or remembered
but how the columns lie in memory."""

import numpy as np

from app.domain.matching.features import Need
from benchmarks.matching import formulas
from benchmarks.matching.formulas import Array, Values
from benchmarks.matching.scene import Scene


class Brute:
    """The teams of a scene as dense columns."""

    def __init__(self, scene: Scene) -> None:
        self.scene, columns = scene, scene.teams
        self.everyone = np.arange(scene.size)
        self.level = np.zeros((len(scene.parents), scene.size), np.int8)
        self.level[columns.skill_specialty, columns.skill_team] = columns.skill_level
        self.held = self.level > 0
        self.many_held = self.held.sum(axis=0)
        self.radius = -(-columns.radius_m // 10) * 10
        dated = columns.exceptions
        self.dated_team = np.array([team for team, _, _ in dated], np.int64)
        self.dated_day = np.array([day for _, day, _ in dated], np.int64)
        self.dated_bits = np.frombuffer(b"".join(bits for _, _, bits in dated), np.uint8).reshape(-1, 6)
        self.nbytes = sum(one.nbytes for one in (self.level, self.held, self.many_held, self.radius))

    def top(self, need: Need, limit: int) -> list[int]:
        """The best teams by their row, best first."""
        able, values, price = self._static(need)
        work = self.scene.promises.of(self.everyone, need)
        capacity = self.scene.teams.capacity
        free = self._free(need) & (work.taken < capacity[:, np.newaxis])
        starts = formulas.count_starts(free, need.duration_slots)
        values[2] = starts / max(1, need.possible)
        values[3] = capacity / (capacity + work.open_work.astype(np.float64))
        scores = np.where(able & (starts > 0), formulas.score(values, price), -np.inf)
        return [int(team) for team in formulas.best(scores, self.scene.halves, limit)]

    def _static(self, need: Need) -> tuple[Array, list[Values | float], Array]:
        columns, size = self.scene.teams, self.scene.size
        ring = formulas.rings(self.scene.terrain.tree, need)[columns.organisation]
        able = columns.active & ((ring < formulas.OUT) | columns.lends)
        ring = np.minimum(ring, 3)
        line = np.zeros(size, np.int64)
        if need.place is not None:
            line = formulas.metres(columns.lat, columns.lon, need.place)
            able &= (line <= self.radius) | self._named(need)
        levels = [self.level[one] for one in need.required]
        for one, least, proof in zip(need.required, need.levels, need.needs_proof, strict=True):
            able &= self.level[one] >= max(1, least)
            if proof:
                able &= self._proven(one, need.day)
        able[[*need.declined, *need.blocked]] = False
        if need.risky:
            able &= columns.adults_only & (columns.insured_until >= need.day)
        if need.two:
            able &= columns.two
        met = formulas.wish(need, columns.women, columns.men, columns.languages)
        if need.wish_must:
            able &= met == 1
        continuity = np.zeros(size)
        for team, (times, stars) in need.served.items():
            continuity[team] = stars / (5 * times)
        kin = self.held[related(need.required, self.scene.parents)].sum(axis=0)
        values: list[Values | float] = [
            formulas.specialty(levels, kin, self.many_held - len(levels)),
            formulas.location(line, columns.travel),
            np.zeros(size),
            np.zeros(size),
            columns.reliability / 10_000,
            continuity,
            (3 - ring) / 3,
            formulas.fairness(columns.recent, self.scene.mean_recent),
            met,
        ]
        return able, values, self._price(need)

    def _named(self, need: Need) -> Array:
        tree, columns = self.scene.terrain.tree, self.scene.teams
        wanted = np.isin(columns.area_organisation, tree.above(need.organisation))
        named = np.zeros(columns.size, np.bool_)
        named[columns.area_team[wanted]] = True
        return named

    def _proven(self, specialty: int, day: int) -> Array:
        columns = self.scene.teams
        until = np.full(columns.size, -1, np.int64)
        having = columns.skill_specialty == specialty
        until[columns.skill_team[having]] = columns.skill_until[having]
        return until >= day

    def _price(self, need: Need) -> Array:
        """The least of the window's days, a day without a price counting nothing."""
        columns = self.scene.teams
        least = np.full(columns.size, 1000)
        for day in need.days:
            priced = np.zeros(columns.size, np.int64)
            today = columns.price_day == day
            priced[columns.price_team[today]] = columns.price_permille[today]
            least = np.minimum(least, priced)
        return least

    def _free(self, need: Need) -> Array:
        free = formulas.window_bits(self.scene.teams.weeks, need)
        formulas.except_days(free, need, self.dated_team, self.dated_day, self.dated_bits)
        return free


def related(required: tuple[int, ...], parents: tuple[int, ...]) -> list[int]:
    """Specialties of the same group as a required one, their group, and a required group's members."""
    groups = {parents[one] for one in required} - {-1}
    found = [
        one for one, group in enumerate(parents) if group in groups or one in groups or group in required
    ]
    return [one for one in found if one not in required]
