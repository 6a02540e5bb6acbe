"""The verdict: what the clients know and what was done to the processes, against what the database says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from torture.checks import dues, looks, messages, notices, points, walks, writes
from torture.checks.violation import Broken
from torture.faults import Fault
from torture.history import Entry
from torture.snapshot import Snapshot
from torture.wechat import Message


@dataclass(frozen=True)
class Evidence:
    """`due_by` (aware): everything due by then must have been done."""

    entries: list[Entry]
    seen: Snapshot
    messages: Sequence[Message]
    faults: Sequence[Fault]
    due_by: datetime


def judge(given: Evidence) -> list[Broken]:
    """Every promise that was broken; empty when all were kept. Pure."""
    return [
        *writes.check(given.entries, given.seen),
        *walks.check(given.seen),
        *looks.check(given.entries, given.seen),
        *notices.check(given.seen),
        *messages.check(given.seen, given.messages, given.faults),
        *points.check(given.seen),
        *dues.check(given.seen, given.due_by),
    ]
