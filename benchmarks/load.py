"""A load generator that costs little beside what it measures: raw HTTP/1.1 over keep-alive sockets.

Closed loop: each client sends its next request the moment the answer to the last one is complete, so a
latency here does not hold the time a request would have queued in front of a busy service. Requests are
rendered before the clock starts. A server that closes after each answer (gunicorn's sync worker) is connected
to again, and the time of connecting is not counted into the latency, only into the rate.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import cast

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"connection: *close", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
PATIENCE_SECONDS = 30.0


class LoadFailed(RuntimeError):
    """An answer was not a success, or did not come: the figures of such a run mean nothing."""


@dataclass(frozen=True)
class Latencies:
    """The answers that came within a window of `seconds`; each latency in ms."""

    seconds: float
    ms: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.ms) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """The latency in ms that `share` of the answers did not exceed; 0 without answers."""
        ordered = sorted(self.ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class _Run:
    """One window of load: what is to be sent, and what has come back."""

    def __init__(self, requests: Iterable[bytes], warm: float, seconds: float) -> None:
        self.requests: Iterator[bytes] = iter(requests)
        self.begun = perf_counter()
        self.counted_from = self.begun + warm
        self.ends = self.counted_from + seconds
        self.answers: list[tuple[float, float]] = []
        self.failures: list[str] = []

    def next_request(self) -> bytes | None:
        return None if self.failures or perf_counter() >= self.ends else next(self.requests, None)

    def latencies(self) -> Latencies:
        if self.failures:
            raise LoadFailed(f"{len(self.failures)} failures, the first: {self.failures[0]}")
        counted = [(at, ms) for at, ms in self.answers if self.counted_from <= at <= self.ends]
        if not counted:
            raise LoadFailed("no answer came while the clock ran")
        last = max(at for at, _ in counted)
        dry = next(self.requests, None) is None
        return Latencies((last if dry else self.ends) - self.counted_from, [ms for _, ms in counted])


class _Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, run: _Run, done: "asyncio.Future[bool]") -> None:
        self.run, self.done = run, done
        self.received = b""
        self.expected = 0
        self.sent_at = 0.0
        self.closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        request = self.run.next_request()
        if request is None:
            self._finish(again=False)
            return
        self.received, self.expected = b"", 0
        self.sent_at = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received = data if not self.received else self.received + data
        if not self.expected:
            head_end = self.received.find(HEAD_END)
            if head_end < 0:
                return
            head = self.received[:head_end]
            length = _LENGTH.search(head)
            if head[9:10] != b"2" or length is None:
                self.run.failures.append(self.received[:600].decode(errors="replace"))
                self._finish(again=False)
                return
            self.expected = head_end + len(HEAD_END) + int(length[1])
            self.closing = _CLOSE.search(head) is not None
        if len(self.received) >= self.expected:
            at = perf_counter()
            self.run.answers.append((at, (at - self.sent_at) * 1000))
            if self.closing:
                self._finish(again=True)
            else:
                self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.run.failures.append(f"the server hung up: {error}")
            self.done.set_result(False)

    def _finish(self, *, again: bool) -> None:
        if not self.done.done():
            self.done.set_result(again)
        self.transport.close()


async def drive(port: int, requests: Iterable[bytes], clients: int, warm: float, seconds: float) -> Latencies:
    """Send `requests` to 127.0.0.1:`port` over `clients` connections for `warm` + `seconds`; count the latter.

    It ends early when there is nothing left to send. Raises LoadFailed at the first answer that is not 2xx.
    """
    run = _Run(requests, warm, seconds)
    try:
        async with asyncio.timeout(warm + seconds + PATIENCE_SECONDS):
            await asyncio.gather(*(_stay(port, run) for _ in range(clients)))
    except (TimeoutError, OSError) as error:
        raise LoadFailed(f"the server stays silent: {error!r}") from error
    return run.latencies()


async def _stay(port: int, run: _Run) -> None:
    loop = asyncio.get_running_loop()
    again = True
    while again:
        done: asyncio.Future[bool] = loop.create_future()
        await loop.create_connection(lambda done=done: _Client(run, done), "127.0.0.1", port)  # type: ignore[misc]
        again = await done


def render(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    elif method == "POST":
        lines.append("Content-Length: 0")
    return "\r\n".join(lines).encode() + HEAD_END + body
