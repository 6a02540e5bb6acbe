"""The systems of one size, filled with the same scene, and what to install when one of them is not here."""

import shutil
import threading
from collections.abc import Collection
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import psycopg

from benchmarks.matching import postgis, redis_server
from benchmarks.matching.board import OURS, OURS_READING
from benchmarks.matching.brute import Brute
from benchmarks.matching.contest import Entry
from benchmarks.matching.database import load
from benchmarks.matching.ours import Ours
from benchmarks.matching.plain_sql import INDEX, PlainSql
from benchmarks.matching.postgis import NEAREST_INDEX, Nearest, PostGis
from benchmarks.matching.redis_geo import RedisGeo
from benchmarks.matching.scene import Scene
from benchmarks.matching.tables import INDICES, tables
from benchmarks.matching.work_in_sql import WorkInSql
from tests.postgres import Server

PEERS = ("sql", "postgis", "redis")
SMALL = ("work", "busy", "dated", "area", "price")
"""Tables that every SQL peer reads beside `post`."""


@dataclass(eq=False)
class Field:
    """Who takes part with one scene; `missing` tells what to install, once for each peer that is not here."""

    scene: Scene
    stack: ExitStack
    entries: list[Entry] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add_ours(self) -> None:
        ours = Ours(self.scene)
        self._add(OURS, ours, ours.nbytes, ours.build_seconds, peer=False)

    def add_brute(self, brute: Brute, build_seconds: float, passes: int) -> None:
        self._add("brute numpy", brute, brute.nbytes, build_seconds, peer=False, passes=passes)

    def add_sql(self, server: Server | None, wanted: Collection[str]) -> None:
        if server is None:
            self.missing.append("PostgreSQL: apt install postgresql")
            return
        url = server.create(f"teams{self.scene.size}").replace("postgresql+asyncpg", "postgresql")
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            gis = "postgis" in wanted and self._has_postgis(connection)
            seconds = load(connection, tables(self.scene)) + _run(url, INDICES)
            plain, *spatial = _beside(url, INDEX, *((postgis.INDEX, NEAREST_INDEX) if gis else ()))
            connection.execute("VACUUM ANALYZE")
            size = _sizes(connection)
        here = sum(size[one] for one in ("post", "post_team", *SMALL))
        ours = Ours(self.scene, WorkInSql(url).of)
        self._add(OURS_READING, ours, ours.nbytes, ours.build_seconds, peer=False)
        if "sql" in wanted:
            self._add("plain SQL", PlainSql(self.scene, url), here + size["post_band"], seconds + plain)
        if gis:
            by_reach, by_place = spatial
            self._add("PostGIS", PostGis(self.scene, url), here + size["post_reach"], seconds + by_reach)
            nearest = Nearest(self.scene, url)
            self._add(
                "PostGIS, nearest 100", nearest, here + size["post_place"], seconds + by_place, peer=False
            )

    def add_redis(self) -> None:
        if shutil.which(redis_server.PROGRAM) is None:
            self.missing.append("Redis: apt install redis-server")
            return
        path = self.stack.enter_context(redis_server.server())
        asking = redis_server.Redis(path)
        for name, inside in (("Redis", False), ("Redis, attributes inside", True)):
            before = _used(asking)
            redis = RedisGeo(self.scene, path, inside=inside)
            kept = _used(asking) - before + redis.nbytes
            self._add(name, redis, kept, redis.load_seconds, peer=not inside)

    def _add(self, name: str, system: Any, size: int, seconds: float, **more: Any) -> None:
        self.entries.append(Entry(name, system.top, size / self.scene.size, seconds, **more))

    def _has_postgis(self, connection: psycopg.Connection[Any]) -> bool:
        found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone()
        if found is None:
            major = connection.info.server_version // 10_000
            self.missing.append(f"PostGIS: apt install postgresql-{major}-postgis-3")
            return False
        for extension in postgis.EXTENSIONS:
            connection.execute(f"CREATE EXTENSION {extension}")
        return True


def _run(url: str, statements: Collection[str]) -> float:
    begun = perf_counter()
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        for one in statements:
            connection.execute(one)
    return perf_counter() - begun


def _beside(url: str, *statements: str) -> list[float]:
    """Run statements at the same time, each on a connection of its own; the seconds of each."""
    seconds = [0.0] * len(statements)

    def run(number: int) -> None:
        seconds[number] = _run(url, statements[number : number + 1])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(statements))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def _sizes(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Bytes of each table and index; a small table's own index is counted with it."""
    found = connection.execute(
        "SELECT relname, CASE WHEN relname = ANY (%s) THEN pg_total_relation_size(oid)"
        " ELSE pg_relation_size(oid) END FROM pg_class WHERE relnamespace = 'public'::regnamespace",
        [list(SMALL)],
    )
    return {str(name): int(size) for name, size in found}


def _used(redis: redis_server.Redis) -> int:
    told: bytes = redis.ask((b"INFO", b"memory"))[0]
    return int(told.split(b"used_memory:")[1].split(b"\r\n")[0])
