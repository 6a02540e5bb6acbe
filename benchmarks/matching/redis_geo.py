"""Redis: teams found by GEOSEARCH in sorted sets a specialty, and scored in Python by numpy.

A member is the team itself, packed, so that one round trip brings its attributes too; sets are split by how far
teams go, so that short radii are not searched widely. What changes by the minute lies in keys of its own and is
fetched for the few whose bound still reaches the top, as the service does. With `inside` the members are mere
numbers, and attributes and promises lie in the process that asks: no longer a shared store.
"""

from pathlib import Path
from struct import pack
from time import perf_counter
from typing import Any, Final

import numpy as np

from app.domain.matching.features import Need
from benchmarks.matching.formulas import Array
from benchmarks.matching.record_scores import Candidates
from benchmarks.matching.records import (
    DATED,
    PRICED,
    PRICES,
    TEAM,
    WORK,
    price_records,
    team_records,
    work_records,
)
from benchmarks.matching.redis_server import Redis
from benchmarks.matching.scene import Scene
from benchmarks.matching.tables import NONE

REACHES: Final = (10_000, 17_000, 65_536)
"""Sets hold the teams that go less than so many metres; the last is cut to the widest radius there is."""

GEO_BITS: Final = 26
LAT_LIMIT: Final = 85.05112878
SLACK_M: Final = 10
AT_ONCE: Final = 64


class RedisGeo:
    """The teams of a scene in Redis."""

    def __init__(self, scene: Scene, path: Path, *, inside: bool = False) -> None:
        self.scene, self.inside = scene, inside
        self.redis = Redis(path)
        self.teams = team_records(scene)
        self.prefix = b"i" if inside else b"g"
        farthest = int(self.teams["radius"].max()) + 1
        self.reaches = [min(one, farthest) for one in REACHES if one <= farthest] + [farthest]
        begun = perf_counter()
        self._fill()
        self.load_seconds = perf_counter() - begun
        self.work: Array = work_records(scene) if inside else np.zeros(0, WORK)
        if not inside:
            self.teams = np.zeros(0, TEAM)
        self.nbytes = self.teams.nbytes + self.work.nbytes

    def top(self, need: Need, limit: int) -> list[int]:
        """The best teams by their row in the scene, best first."""
        found = Candidates(self.scene, need, *self._found(need))
        while len(batch := found.next(AT_ONCE, limit)):
            found.settle(batch, *self._fetched(batch, need))
        return found.best(limit)

    def _found(self, need: Need) -> tuple[Array, int]:
        """Records of teams near the place, after them those of teams that named the area; how many are near."""
        keys = [
            self._key(need.required[0] if need.required else NONE, kind) for kind in range(len(self.reaches))
        ]
        if need.place is None:
            answers = self.redis.ask(*((b"ZRANGE", key, b"0", b"-1") for key in keys))
            members = [member for answer in answers for member in answer]
            return self._records(members), len(members)
        lat, lon = (repr(float(one)).encode() for one in need.place)
        above = [b"a%s%d" % (self.prefix, one) for one in self.scene.terrain.tree.above(need.organisation)]
        answers = self.redis.ask(
            *(
                (b"GEOSEARCH", key, b"FROMLONLAT", lon, lat, b"BYRADIUS", b"%d" % (reach + SLACK_M), b"m")
                for key, reach in zip(keys, self.reaches, strict=True)
            ),
            (b"SUNION", *above),
        )
        near = [member for answer in answers[:-1] for member in answer]
        return self._records([*near, *answers[-1]]), len(near)

    def _records(self, members: list[bytes]) -> Array:
        joined = b"".join(members)
        return self.teams[np.frombuffer(joined, "<i4")] if self.inside else np.frombuffer(joined, TEAM)

    def _fetched(
        self, batch: Array, need: Need
    ) -> tuple[Array, dict[tuple[int, int], bytes], dict[int, Array]]:
        """Of these records: their work, the dated days within the window, and the prices of those that have any."""
        teams = batch["team"].tolist()
        dated = [
            (team, day) for team in batch["team"][batch["flags"] & DATED != 0].tolist() for day in need.days
        ]
        priced = batch["team"][batch["flags"] & PRICED != 0].tolist()
        keys = [b"x" + pack("<ii", team, day) for team, day in dated]
        keys += [b"p" + pack("<i", team) for team in priced]
        if not self.inside:
            keys += [b"w" + pack("<i", team) for team in teams]
        values: list[Any] = self.redis.ask((b"MGET", *keys))[0] if keys else []
        days = {one: bits for one, bits in zip(dated, values, strict=False) if bits is not None}
        prices = {
            team: np.frombuffer(value, PRICES)["permille"][0]
            for team, value in zip(priced, values[len(dated) :], strict=False)
        }
        if self.inside:
            return self.work[teams], days, prices
        return np.frombuffer(b"".join(values[len(dated) + len(priced) :]), WORK), days, prices

    def _key(self, specialty: int, kind: int) -> bytes:
        return b"%s%d:%d" % (self.prefix, specialty, kind)

    def _fill(self) -> None:
        columns, everyone = self.scene.teams, np.arange(self.scene.size)
        scores = _decimal(geohash(columns.lat, columns.lon))
        members = self.teams["team"] if self.inside else self.teams
        width = members.dtype.itemsize
        kind = np.searchsorted(self.reaches, self.teams["radius"], side="right")
        pair = [("score", "V16"), ("member", f"V{width}")]
        order = np.argsort(columns.skill_specialty, kind="stable")
        ends = np.searchsorted(columns.skill_specialty[order], np.arange(len(self.scene.parents) + 1))
        lists = {one: columns.skill_team[order[ends[one] : ends[one + 1]]] for one in range(len(ends) - 1)}
        for specialty, holders in {NONE: everyone, **lists}.items():
            for reach in range(len(self.reaches)):
                rows = holders[kind[holders] == reach]
                pairs = np.empty(len(rows), pair)
                pairs["score"] = scores[rows]
                pairs["member"] = np.ascontiguousarray(members[rows]).view(f"V{width}")
                self.redis.fill(b"ZADD", self._key(specialty, reach), pairs)
        for organisation in np.unique(columns.area_organisation):
            rows = columns.area_team[columns.area_organisation == organisation]
            named = (members[row].tobytes() for row in rows)
            self.redis.ask((b"SADD", b"a%s%d" % (self.prefix, organisation), *named))
        self._fill_values()

    def _fill_values(self) -> None:
        """Work, prices and dated days by team."""
        for letter, teams, records in (
            (b"w", np.arange(self.scene.size), work_records(self.scene)),
            (b"p", *price_records(self.scene)),
        ):
            pairs = np.empty(len(teams), [("key", "V5"), ("value", f"V{records.dtype.itemsize}")])
            keys = np.empty(len(teams), [("letter", "S1"), ("team", "<i4")])
            keys["letter"], keys["team"] = letter, teams
            pairs["key"], pairs["value"] = keys.view("V5"), records.view(pairs.dtype["value"])
            self.redis.fill(b"MSET", None, pairs)
        for team, day, bits in self.scene.teams.exceptions:
            self.redis.ask((b"SET", b"x" + pack("<ii", team, day), bits))


def geohash(lat: Array, lon: Array) -> Array:
    """The score under which GEOADD would keep a place: 26 bits each, interleaved."""
    north = ((lat + LAT_LIMIT) / (2 * LAT_LIMIT) * 2**GEO_BITS).astype(np.uint64)
    east = ((lon + 180) / 360 * 2**GEO_BITS).astype(np.uint64)
    return np.asarray(_spread(north) | (_spread(east) << np.uint64(1)))


def _spread(bits: Array) -> Array:
    """Every bit to twice its place."""
    for shift, kept in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(kept)
    return bits


def _decimal(numbers: Array) -> Array:
    """Sixteen digits each."""
    digits = numbers[:, np.newaxis] // 10 ** np.arange(15, -1, -1, dtype=np.uint64) % np.uint64(10)
    return np.ascontiguousarray((digits + np.uint64(48)).astype(np.uint8)).view("V16").ravel()
