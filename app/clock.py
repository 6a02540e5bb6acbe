"""The one place that reads the clock, so that a test can move it and nobody sleeps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _real() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _real


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
