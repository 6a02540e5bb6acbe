"""uvicorn, held the way this service needs it: bound before anything is prepared, and gone with exit code 0.

A taken port is known at once, and what is announced is announced when a request really was answered.
"""

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import NoReturn

import httpx
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app import logs
from app.lines import Line
from app.settings import Settings
from app.worker import GRACE_SECONDS

APPLICATION = "app.main:create_app"
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (what to call, not what to listen on)
POLL_SECONDS = 0.02
HANGS_SECONDS = 30
"""A process silent for so long is replaced; on a busy machine mere starting has taken longer than uvicorn's 5."""


def bind(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet. Raises OSError (the port is taken, not ours, no such host)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound


def address(bound: socket.socket) -> tuple[str, int]:
    """Where a caller on this machine reaches it."""
    host, port = bound.getsockname()[:2]
    return WILDCARDS.get(host, host), port


def run(bound: socket.socket, settings: Settings, workers: int, ready: Callable[[], None]) -> None:
    """Serve until told to stop; call `ready` once /readyz has answered. Raises SystemExit when it cannot start."""
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        workers=workers,
        loop="uvloop",
        http=Line,
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=settings.idle_seconds,
        log_config=logs.configured("INFO" if settings.production else "WARNING"),
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=HANGS_SECONDS,
    )
    threading.Thread(target=_tell_when_ready, args=(*address(bound), ready), daemon=True).start()
    if workers > 1:
        # Else each process would first load all of the `sidan` command again: 13 MB and a quarter of a second.
        vars(sys.modules["__main__"]).pop("__file__", None)
        supervisor = Multiprocess(config, sockets=[bound])
        supervisor.run()
        started = all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
    else:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        server = uvicorn.Server(config)
        server.run(sockets=[bound])
        started = server.started
    if not started:
        sys.exit(STARTUP_FAILURE)


def _leave(*_: object) -> NoReturn:
    """uvicorn stops gracefully and then raises the signal again: being told to stop is no failure."""
    sys.exit(0)


def _tell_when_ready(host: str, port: int, ready: Callable[[], None]) -> None:
    asked = f"http://{f'[{host}]' if ':' in host else host}:{port}/readyz"
    with httpx.Client(trust_env=False, timeout=5) as caller:
        while not _answers(caller, asked):
            time.sleep(POLL_SECONDS)
    ready()


def _answers(caller: httpx.Client, asked: str) -> bool:
    try:
        return caller.get(asked).is_success
    except httpx.HTTPError:
        return False
