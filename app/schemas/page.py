"""Where a page ends: a listing reads one row more than asked for, to know whether there is a next page."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class Listed(Protocol):
    @property
    def id(self) -> UUID: ...


def next_cursor(lines: Sequence[Listed], limit: int) -> UUID | None:
    """The last id of the page, of at most `limit + 1` lines; None when that was all."""
    return lines[limit - 1].id if len(lines) > limit else None
