"""A PostgreSQL of the benchmark's own, tuned for reading, filled by COPY, spoken to over its socket."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from benchmarks.matching.rows import copied, defined
from benchmarks.matching.tables import Tables
from tests.postgres import Server, start

TUNING = {
    "shared_buffers": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "maintenance_work_mem": "1GB",
    "work_mem": "64MB",
    "effective_cache_size": "12GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""All in memory and one client: no compiling, no planning twice, and never a join that reads a whole table."""


@contextmanager
def server() -> Iterator[Server]:
    """A tuned server, gone at the end. Raises NoPostgres."""
    running = start()
    try:
        with psycopg.connect(running.url(driver="postgresql"), autocommit=True) as connection:
            for name, value in TUNING.items():
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
        _restart(running)
        yield running
    finally:
        running.stop()


def _restart(running: Server) -> None:
    data = running.folder / "data"
    owner = data.stat()
    user = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    command: list[str | Path] = [running.bin / "pg_ctl", "restart", "--pgdata", data]
    command += ["--log", running.folder / "log", "--wait", "--silent"]
    subprocess.run(command, cwd="/", check=True, capture_output=True, **user)  # type: ignore[call-overload]


def load(connection: psycopg.Connection[tuple[object, ...]], tables: Tables) -> float:
    """Make and fill these tables; seconds it took."""
    begun = perf_counter()
    for name, columns in tables.items():
        with connection.transaction():
            connection.execute(defined(name, columns))
            copying = (
                f"COPY {name} ({', '.join(one.name for one in columns)}) FROM STDIN (FORMAT binary, FREEZE)"
            )
            with connection.cursor().copy(copying) as copy:
                for part in copied(columns):
                    copy.write(part)
    return perf_counter() - begun


class Prepared:
    """Statements prepared once a shape on one connection, and executed without a driver's conversions."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self._bare = self.connection.pgconn
        self._names: dict[str, bytes] = {}

    def fetch(self, text: str, arguments: list[str]) -> list[tuple[bytes | None, ...]]:
        """The rows of a query with `$1 …`, as texts. Raises psycopg.Error with the server's message."""
        name = self._names.get(text)
        if name is None:
            name = f"q{len(self._names)}".encode()
            self._ok(self._bare.prepare(name, text.encode()), ExecStatus.COMMAND_OK)
            self._names[text] = name
        found = self._bare.exec_prepared(name, [one.encode() for one in arguments])
        self._ok(found, ExecStatus.TUPLES_OK)
        return [
            tuple(found.get_value(row, column) for column in range(found.nfields))
            for row in range(found.ntuples)
        ]

    def _ok(self, found: PGresult, wanted: ExecStatus) -> None:
        if found.status != wanted:
            raise psycopg.Error(found.error_message.decode())
