"""The test server itself: it leaves nothing behind, and says what is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import postgres

OWNER = """
import os
from tests import postgres
print(postgres.start().folder, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_killed_owner_leaves_no_server_and_no_folder() -> None:
    # The watchdog inherits stderr, so reading it to the end waits until the watchdog is done.
    done = subprocess.run(
        [sys.executable, "-c", OWNER], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == -9, done.stderr
    folder = Path(done.stdout.strip())
    assert folder.name.startswith("sidan-pg-")
    assert not folder.exists()


def test_a_copy_of_a_database_and_its_url() -> None:
    server = postgres.start()
    try:
        assert server.create("original") == f"postgresql+asyncpg://postgres@/original?host={server.folder}"
        server.create("copy", template="original")
        listing = subprocess.run(
            [
                server.bin / "psql",
                "-h",
                server.folder,
                "-U",
                "postgres",
                "-Atc",
                "SELECT datname FROM pg_database",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert {"original", "copy"} <= set(listing.stdout.split())
    finally:
        server.stop()
    assert not server.folder.exists()


def test_without_binaries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIDAN_PG_BIN", str(tmp_path))
    with pytest.raises(postgres.NoPostgres, match="apt install postgresql"):
        postgres.start()


def test_the_newest_server_of_the_system_comes_first() -> None:
    assert postgres._version(Path("/usr/lib/postgresql/17/bin")) > postgres._version(
        Path("/usr/lib/postgresql/9/bin")
    )
