"""What the clients know: every write that was answered, refused, or whose end nobody saw.

The checker holds the database against this, and against nothing that a server says about itself.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Outcome(StrEnum):
    """UNKNOWN: no definite answer came before the person gave up; it may have happened once, or not at all."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One write of one person. `sent` (the first try) and `at` (the answer) are seconds since the load began,
    `since` and `until` the same by the clock that everybody follows; `tries` is how often it was sent.

    `subject` is what it was about besides the order: an offer, or the `client_id` of a stay. `digest` is of the
    answer's bytes; `again` says that it was sent once more, under its key, after its answer had come.
    """

    at: float
    verb: str
    person_id: UUID
    key: str
    outcome: Outcome
    tries: int
    order_id: UUID | None = None
    subject: UUID | None = None
    http: int = 0
    code: str = ""
    status: str = ""
    version: int = 0
    digest: str = ""
    again: bool = False
    sent: float = 0.0
    since: datetime = BEGINNING
    until: datetime = BEGINNING

    @property
    def may_have_happened(self) -> bool:
        """A refusal says that nothing happened only if it answers the one try there was: an earlier one may still
        be on its way, and arrive when what stood against it is gone."""
        return self.outcome is Outcome.UNKNOWN or (self.outcome is Outcome.REFUSED and self.tries > 1)


class History:
    """Kept in memory for the checker and, line by line, in a file for whoever looks into a violation."""

    def __init__(self, file: Path | None = None) -> None:
        self.entries: list[Entry] = []
        self._out = file.open("ab") if file else None

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        if self._out is not None:
            self._out.write(orjson.dumps(asdict(entry), option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    def acknowledged(self, verb: str) -> int:
        """How many writes of this kind succeeded."""
        return sum(
            entry.verb == verb and entry.outcome is Outcome.OK for entry in first_answers(self.entries)
        )


def first_answers(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Without the repetitions."""
    return (entry for entry in entries if not entry.again)


def read(file: Path) -> list[Entry]:
    """The entries of a run that is over."""
    return [_entry(orjson.loads(line)) for line in file.read_bytes().splitlines()]


def _entry(told: dict[str, Any]) -> Entry:
    ids = {name: UUID(told[name]) if told[name] else None for name in ("person_id", "order_id", "subject")}
    times = {name: datetime.fromisoformat(told[name]) for name in ("since", "until")}
    return Entry(**{**told, **ids, **times, "outcome": Outcome(told["outcome"])})
