"""What WeChat was asked to deliver: nothing forgotten, nothing said to be sent that was not, nothing again without
an excuse.

A message names its order (by its page), its reader and its note; what was sent of one kind to one reader about one
order is counted together, because the same thing may happen to an order twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

from app.domain.delivery import Outcome
from app.domain.messages import Subject, filled, note_of
from app.domain.notices import Audience
from app.domain.templates import FIELDS, Source, Template, template_of
from app.models.notification import Notification, Sending
from torture.checks.violation import Broken
from torture.faults import Fault, Kind
from torture.snapshot import Snapshot
from torture.wechat import Message

PAGE: Final = "order?id={order_id}"
TEMPLATE_IDS: Final = {template.value: f"t-{template}" for template in Template}
INTERRUPTS: Final = frozenset(Kind) - {
    Kind.KILL_API,
    Kind.WECHAT_DELAYS,
    Kind.WECHAT_DROPS,
    Kind.WECHAT_GARBLES,
}
"""What can make a sender lose its lease or its memory between sending a message and writing that down."""
SETTLING: Final = 6.0
"""Seconds in which a batch is sent and written down: a fault in them is the excuse of every message of it."""
FINAL: Final = frozenset({Outcome.SENT, Outcome.REFUSED, Outcome.FAILED})
_NOTE: Final = {
    template: next(name for name, source in fields.items() if source is Source.NOTE)
    for template, fields in FIELDS.items()
}


class Thread(NamedTuple):
    """Messages that nobody can tell apart."""

    openid: str
    page: str
    template: Template
    note: str


def check(seen: Snapshot, messages: Sequence[Message], faults: Sequence[Fault]) -> Iterator[Broken]:
    owed, taken = _owed(seen), _taken(messages)
    for thread, notices in owed.items():
        came = taken.pop(thread, [])
        sendings = [seen.sendings.get(notice.id, []) for notice in notices]
        for notice, attempts in zip(notices, sendings, strict=True):
            yield from _ended(notice, attempts)
        said = sum(any(one.outcome == Outcome.SENT for one in attempts) for attempts in sendings)
        if said > len(came):
            text = f"“{thread.note}” is recorded as sent {said} times, WeChat took {len(came)}"
            yield Broken("message_forged", str(notices[0].id), text)
        yield from _repeated(notices[0].id, thread.note, len(notices), came, faults)
    for thread, came in taken.items():
        yield Broken(
            "message_unowed", thread.page, f"“{thread.note}” came {len(came)} times and is no notice"
        )


def _owed(seen: Snapshot) -> Mapping[Thread, list[Notification]]:
    owed: dict[Thread, list[Notification]] = defaultdict(list)
    for order_id, notices in seen.notices.items():
        for notice in notices:
            openid = seen.openids.get(notice.person_id) if notice.person_id else None
            audience = notice.data.get("audience")
            template = template_of(notice.kind, Audience(audience)) if audience else None
            if openid and template:
                note = _note(notice.kind, str(audience), notice.data.get("reason", ""))
                page = PAGE.format(order_id=order_id) if order_id else ""
                owed[Thread(openid, page, template, note)].append(notice)
    return owed


def _note(kind: str, audience: str, reason: str) -> str:
    """As WeChat gets to see it."""
    nothing = datetime(2000, 1, 1, tzinfo=UTC)
    subject = Subject("", "", nothing, note_of(kind, audience, reason), "")
    return filled({"thing1": Source.NOTE}, subject)["thing1"]


def _taken(messages: Sequence[Message]) -> dict[Thread, list[Message]]:
    template_of_id = {name: Template(template) for template, name in TEMPLATE_IDS.items()}
    taken: dict[Thread, list[Message]] = defaultdict(list)
    for message in messages:
        if message.accepted:
            template = template_of_id[message.template_id]
            note = message.values.get(_NOTE[template], "")
            taken[Thread(message.openid, message.page, template, note)].append(message)
    return taken


def _ended(notice: Notification, attempts: Sequence[Sending]) -> Iterator[Broken]:
    """Every message has one end, unless its subject moved first or its time has not come."""
    ends = [one for one in attempts if one.outcome in FINAL]
    if len(ends) > 1:
        yield Broken("message_ended_twice", str(notice.id), f"{[str(one.outcome) for one in attempts]}")
    if not ends and notice.send_at is None and notice.voided_at is None:
        yield Broken("message_lost", str(notice.id), f"{notice.kind}: nothing more to do, and never sent")


def _repeated(
    notice_id: UUID, note: str, wanted: int, came: Sequence[Message], faults: Sequence[Fault]
) -> Iterator[Broken]:
    """More than were wanted: each one too many needs one before it whose answer the sender may have missed."""
    excused = sum(
        not earlier.answered or _interrupted(earlier, later, faults) for earlier, later in pairwise(came)
    )
    if len(came) > wanted + excused:
        times = Counter(round(message.at) for message in came)
        text = f"“{note}” wanted {wanted} times, taken {len(came)} times, {excused} excused: at {dict(times)}"
        yield Broken("message_repeated", str(notice_id), text)


def _interrupted(earlier: Message, later: Message, faults: Sequence[Fault]) -> bool:
    return any(
        fault.kind in INTERRUPTS
        and fault.begun <= min(later.at, earlier.at + SETTLING)
        and fault.ended >= earlier.at - SETTLING
        for fault in faults
    )
