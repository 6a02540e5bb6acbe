"""PostgreSQL pulled from under everybody: stopped without a checkpoint, and started on the same data."""

import os
import subprocess
from pathlib import Path
from typing import Any

from tests.postgres import Server


def restart(server: Server) -> None:
    """Stop in immediate mode (every connection is cut, recovery runs at the start) and start again.

    Raises RuntimeError with what pg_ctl said.
    """
    data = server.folder / "data"
    _control(server, "stop", "--mode", "immediate", "--pgdata", data)
    _control(server, "start", "--pgdata", data, "--log", server.folder / "log", "--timeout", "60")


def _control(server: Server, verb: str, *options: str | Path) -> None:
    done = subprocess.run(
        [server.bin / "pg_ctl", verb, "--wait", *options],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if verb == "stop" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **_owner(server.folder / "data"),
    )
    if done.returncode:
        raise RuntimeError(
            f"pg_ctl {verb} failed: {done.stdout or (server.folder / 'log').read_text()[-2000:]}"
        )


def _owner(data: Path) -> dict[str, Any]:
    """PostgreSQL runs as whoever owns its data, and never as root."""
    if os.geteuid() != 0:
        return {}
    owner = data.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
