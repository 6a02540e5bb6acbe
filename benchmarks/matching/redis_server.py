"""A Redis of the benchmark's own, on a socket, keeping nothing on disk, and the barest client."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hiredis
import numpy as np

from benchmarks.matching.formulas import Array

PROGRAM = "redis-server"
PATIENCE_SECONDS = 20
AT_ONCE = 20_000


class Redis:
    """One connection; commands are sent together and their answers read together."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._reader = hiredis.Reader()
        self._buffer = bytearray(1 << 20)

    def ask(self, *commands: tuple[Any, ...]) -> list[Any]:
        """The answers, one for each command. Raises hiredis.ReplyError."""
        self._socket.sendall(b"".join(hiredis.pack_command(one) for one in commands))
        return [self._answer() for _ in commands]

    def fill(self, command: bytes, key: bytes | None, pairs: Array) -> None:
        """Many pairs of arguments of fixed width to one key (ZADD), or without one (MSET).

        `pairs` has two fields of bytes. Raises hiredis.ReplyError.
        """
        for begin in range(0, len(pairs), AT_ONCE):
            part = pairs[begin : begin + AT_ONCE]
            head = [command] if key is None else [command, key]
            sent = f"*{len(head) + 2 * len(part)}\r\n".encode() + b"".join(map(_bulk, head))
            self._socket.sendall(sent + _bulks(part))
            answer = self._answer()
            if isinstance(answer, hiredis.ReplyError):
                raise answer

    def _answer(self) -> Any:
        answer = self._reader.gets()
        while answer is False:
            received = self._socket.recv_into(self._buffer)
            if not received:
                raise ConnectionError("Redis hung up")
            self._reader.feed(self._buffer, 0, received)  # type: ignore[arg-type]
            answer = self._reader.gets()
        return answer


def _bulk(text: bytes) -> bytes:
    return f"${len(text)}\r\n".encode() + text + b"\r\n"


def _bulks(pairs: Array) -> bytes:
    """The protocol's form of every argument, laid out by numpy, since they are all of one width."""
    names = pairs.dtype.names
    assert names is not None
    kind: list[tuple[str, str]] = []
    fixed: dict[str, bytes] = {}
    for name in names:
        width = pairs.dtype[name].itemsize
        head = f"${width}\r\n".encode()
        kind += [(f"{name}_head", f"S{len(head)}"), (name, f"V{width}"), (f"{name}_end", "S2")]
        fixed |= {f"{name}_head": head, f"{name}_end": b"\r\n"}
    laid = np.empty(len(pairs), kind)
    for name, text in fixed.items():
        laid[name] = text
    for name in names:
        laid[name] = np.ascontiguousarray(pairs[name]).view(laid.dtype[name])
    return laid.tobytes()


@contextmanager
def server() -> Iterator[Path]:
    """A running server's socket; the server is gone at the end. Raises FileNotFoundError without a program."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise FileNotFoundError(PROGRAM)
    with tempfile.TemporaryDirectory(prefix="sidan-redis-") as folder:
        path = Path(folder) / "socket"
        command = [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
        running = subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL)
        try:
            _wait(path)
            yield path
        finally:
            running.kill()
            running.wait()


def _wait(path: Path) -> None:
    begun = time.perf_counter()
    while True:
        try:
            Redis(path).ask((b"PING",))
        except OSError:
            if time.perf_counter() - begun > PATIENCE_SECONDS:
                raise
            time.sleep(0.02)
        else:
            return
