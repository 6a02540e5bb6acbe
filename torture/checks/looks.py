"""Who had contacts shown is written down, once an hour; and no team sees them before it came or after the end.

The history tells when a look was sent and answered: in seconds of the run, which no jump of the clock moves, and by
the clock that everybody follows, by which a trace is dated.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from app.domain.lifecycle import ENDED, STAFFED
from app.domain.roles import Role
from app.models.audit import Reveal
from app.services.revealing import ONCE_IN
from torture.checks.violation import Broken
from torture.history import Entry, Outcome, first_answers
from torture.snapshot import Snapshot

VERB: Final = "reveal"
SLACK: Final = timedelta(minutes=2)
"""By so much the clock may have gone back while somebody waited for an answer."""
OF_THE_TEAM: Final = {Role.TEAM_LEADER, Role.VOLUNTEER}

Looker = tuple[UUID, UUID]
"""Order, person."""


def check(entries: list[Entry], seen: Snapshot) -> Iterator[Broken]:
    asked: dict[Looker, list[Entry]] = defaultdict(list)
    for entry in first_answers(entries):
        if entry.verb == VERB and entry.order_id is not None:
            asked[entry.order_id, entry.person_id].append(entry)
    traces: dict[Looker, list[Reveal]] = defaultdict(list)
    for found in seen.looks.values():
        for trace in sorted(found, key=lambda trace: trace.created_at):
            if trace.order_id is not None:
                traces[trace.order_id, trace.person_id].append(trace)
    for looker in asked.keys() | traces.keys():
        yield from _written(looker, asked[looker], traces[looker])
    yield from _timely(entries, asked, traces, seen)


def _written(looker: Looker, asked: list[Entry], traces: list[Reveal]) -> Iterator[Broken]:
    subject = str(looker[0])
    for entry in asked:
        if entry.outcome is Outcome.OK and not any(_told_of(entry, trace.created_at) for trace in traces):
            yield Broken("look_lost", subject, f"{looker[1]} was shown the contacts, and nothing tells of it")
    for first, second in pairwise(traces):
        if second.created_at - first.created_at < ONCE_IN:
            text = f"{looker[1]} twice within the hour: {first.created_at}, {second.created_at}"
            yield Broken("look_twice", subject, text)
    for trace in traces:
        if not any(_may_have_left(entry, trace.created_at) for entry in asked):
            yield Broken("look_unasked", subject, f"{looker[1]} never asked at {trace.created_at}")


def _told_of(entry: Entry, at: datetime) -> bool:
    """By a trace of this look, or of one within the hour before."""
    return entry.since - ONCE_IN - SLACK < at <= entry.until + SLACK


def _may_have_left(entry: Entry, at: datetime) -> bool:
    """A try that was given up may still arrive, at any time."""
    if entry.outcome is not Outcome.OK and not entry.may_have_happened:
        return False
    surely_over = entry.outcome is Outcome.OK and entry.tries == 1
    return entry.since - SLACK <= at and not (surely_over and at > entry.until + SLACK)


def _timely(
    entries: list[Entry], asked: dict[Looker, list[Entry]], traces: dict[Looker, list[Reveal]], seen: Snapshot
) -> Iterator[Broken]:
    """What the team was shown it was shown in a state of the order that lies between what was known before it asked
    and what came of writes that began after its answer.
    """
    known: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.outcome is Outcome.OK and entry.version and entry.order_id is not None:
            known[entry.order_id].append(entry)
    for (order_id, person_id), looks in asked.items():
        if not any(trace.role in OF_THE_TEAM for trace in traces[order_id, person_id]):
            continue
        for look in (one for one in looks if one.outcome is Outcome.OK):
            first = max((one.version for one in known[order_id] if one.at < look.sent), default=1)
            last = min((one.version for one in known[order_id] if one.sent > look.at), default=None)
            states = [
                event.to_status
                for event in seen.events.get(order_id, [])
                if first <= event.seq and (last is None or event.seq <= last)
            ]
            if states and not any(state in STAFFED - ENDED for state in states):
                text = f"{person_id} of the team was shown the contacts while it was {sorted(set(states))}"
                yield Broken("look_untimely", str(order_id), text)
