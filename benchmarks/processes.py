"""The servers under load, as processes of their own, and what the kernel says they cost.

CPU time comes from /proc; where there is none (macOS) the columns stay empty and the rates remain.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 60
UVICORN = ("--no-access-log", "--loop", "uvloop", "--http", "httptools", "--log-level", "warning")


class NotReady(RuntimeError):
    """A server ended or stayed silent; the message ends with what it last wrote."""


@dataclass(frozen=True)
class Service:
    """A started server with `processes` that answer, and how long it took to answer first."""

    name: str
    processes: int
    port: int
    root: "subprocess.Popen[bytes]"
    ready_seconds: float

    def workers(self) -> list[int]:
        """The processes that answer requests: the root itself, or what it started."""
        below = _children(self.root.pid)
        return [pid for pid in below if _resident(pid) > 20e6] or [self.root.pid]

    def cpu_seconds(self) -> float:
        return cpu_seconds([self.root.pid, *_children(self.root.pid)])

    def resident_mb(self) -> float:
        """Of the largest process that answers, in MB (1e6 bytes)."""
        return max(map(_resident, self.workers())) / 1e6

    def stop(self) -> None:
        self.root.terminate()
        try:
            self.root.wait(10)
        except subprocess.TimeoutExpired:
            self.root.kill()


def uvicorn(application: str, processes: int, port: int) -> list[str]:
    """The command that serves `application`, a factory, without an access log."""
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--port", str(port), *UVICORN]
    return [*command, "--workers", str(processes)] if processes > 1 else command


def gunicorn(application: str, processes: int, port: int) -> list[str]:
    where = ["--bind", f"127.0.0.1:{port}", "--backlog", "2048", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", application, "--workers", str(processes), *where]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    name: str,
    processes: int,
    port: int,
    command: list[str],
    environment: Mapping[str, str],
    ready: str,
    log: Path,
) -> Service:
    """Start `command` and wait for the first 200 of `ready`. Raises NotReady."""
    begun = time.perf_counter()
    with log.open("wb") as out:
        root = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT
        )
    while not _answers(port, ready):
        if root.poll() is not None or time.perf_counter() - begun > PATIENCE_SECONDS:
            root.kill()
            raise NotReady(f"{name} did not answer: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.005)
    return Service(name, processes, port, root, time.perf_counter() - begun)


def _answers(port: int, path: str) -> bool:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(12).endswith(b"200")
    except OSError:
        return False


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes and of the children they have already buried."""
    total = 0
    for pid in pids:
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICK


def family(pid: int) -> list[int]:
    return [pid, *_children(pid)]


def _children(pid: int) -> list[int]:
    try:
        text = (PROC / str(pid) / "task" / str(pid) / "children").read_text()
    except OSError:
        return []
    found = [int(child) for child in text.split()]
    return [*found, *(grandchild for child in found for grandchild in _children(child))]


def _resident(pid: int) -> float:
    try:
        return float((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0.0
