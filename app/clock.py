"""The one place that reads the clock, so that a test can move it and nobody sleeps."""

import mmap
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

OFFSET = struct.Struct("<d")
"""Seconds by which a rehearsal is ahead of the world: the whole content of the file that it shares."""


def real() -> datetime:
    """The machine's own, wherever this clock is held: to read what other clocks wrote, never for our rules."""
    return datetime.now(UTC)


_source: Callable[[], datetime] = real


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return _source()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock of this process at `instant` (aware) while the block runs."""
    global _source
    before, _source = _source, lambda: instant
    try:
        yield
    finally:
        _source = before


def follow(file: Path) -> None:
    """Let this process live as many seconds ahead as `file` says (OFFSET), from now on and at every look.

    For rehearsals of deadlines, in which several processes must share one moved clock; app/settings.py refuses it
    in production. The file is mapped, so that a look costs no call into the kernel. Raises OSError, ValueError.
    """
    global _source
    with file.open("rb") as opened:
        shared = mmap.mmap(opened.fileno(), OFFSET.size, access=mmap.ACCESS_READ)

    def moved() -> datetime:
        return real() + timedelta(seconds=OFFSET.unpack_from(shared)[0])

    _source = moved
