"""The outbox: what is due is claimed by lease, so that it can be sent outside of any transaction.

Whoever dies in between leaves rows that are due again when the lease runs out: nothing is lost, and one message may
go out twice. What no phone is to hear is settled while it is claimed, hundreds by one statement; only what has
somewhere to go costs more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.db import table_of
from app.domain.delivery import Channel, Outcome, Phone, next_try, texted
from app.domain.notices import Audience
from app.domain.templates import Form, Template, template_of
from app.models.base import new_id
from app.models.notification import Notification, Sending
from app.services import consents
from app.services.access import SYSTEM
from app.services.addressing import About, Addressed, phones, subjects
from app.services.columns import columns
from app.services.scope import visible

LEASE = timedelta(minutes=2)
"""Longer than a batch may take to send (app/jobs/deliver_notices.py)."""
GONE = "the process ended while it was sending"
UNREADABLE = "what belongs to it cannot be read"

AUDIENCES = frozenset(Audience)
NOTHING = About()

_NOTICE, _SENDING = table_of(Notification), table_of(Sending)
_N = Notification
_CLAIMED = (
    _N.id,
    _N.person_id,
    _N.order_id,
    _N.kind,
    _N.data,
    _N.attempts,
    _N.send_at,
    _N.leased_until,
    _N.held_template,
    _N.read_at,
    _N.voided_at,
)


@dataclass(frozen=True, slots=True)
class Ways:
    """By which ways notices may leave this installation, and how often one is tried."""

    forms: Mapping[Template, Form]
    sms: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class Leased:
    """One message to send now, as which attempt."""

    notice: Addressed
    channel: Channel
    attempt: int


@dataclass(slots=True)
class Batch:
    """What one claim found, `due` since when: `settled` rows need nothing more, `leased` ones are to be sent before
    `until`.
    """

    until: datetime
    due: list[datetime] = field(default_factory=list)
    settled: int = 0
    leased: list[Leased] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.settled + len(self.leased)

    def join(self, other: "Batch") -> None:
        """Take in what another claim of the same instant found."""
        self.due += other.due
        self.settled += other.settled
        self.leased += other.leased


def due_ids(at: datetime) -> SelectOfScalar[UUID]:
    """The notices due `at`, longest due first."""
    due = visible(Notification, SYSTEM).where(col(_N.send_at) <= at).order_by(col(_N.send_at))
    return cast(SelectOfScalar[UUID], due.with_only_columns(col(_N.id)))


async def set_aside(session: AsyncSession, notice_id: UUID, ways: Ways, at: datetime) -> None:
    """An attempt that failed before it began: it is tried again later, and in the end left to the operator."""
    row = (await columns(session, visible(Notification, SYSTEM).where(_N.id == notice_id), *_CLAIMED))[0]
    last = row.attempts + 1 >= ways.attempts
    again = None if last else next_try(row.attempts + 1, at)
    await put(
        session, [notice_id], send_at=again, leased_until=None, held_template=None, attempts=row.attempts + 1
    )
    outcome = Outcome.FAILED if last else Outcome.RETRY
    told = {"notification_id": notice_id, "channel": Channel.SMS, "attempt": row.attempts + 1}
    await record(session, [told | {"created_at": at, "outcome": outcome, "detail": UNREADABLE}])


async def claim(
    session: AsyncSession, ways: Ways, at: datetime, limit: int, only: UUID | None = None
) -> Batch:
    """Lease at most `limit` notices due `at`, longest due first, and settle those that need no phone."""
    batch = Batch(at + LEASE)
    due = visible(Notification, SYSTEM).where(col(_N.send_at) <= at).order_by(col(_N.send_at)).limit(limit)
    if only is not None:
        due = due.where(col(_N.id) == only)
    rows = await columns(session, due.with_for_update(skip_locked=True), *_CLAIMED)
    if not rows:
        return batch
    batch.due = [row.send_at for row in rows]
    await _record_gone(session, [row for row in rows if row.leased_until is not None], ways, at)
    notices = await _addressed(session, rows, ways)
    asleep: dict[datetime, list[UUID]] = defaultdict(list)
    for notice in list(notices.values()):
        if (awake := notice.about.awake(at)) > at:
            asleep[awake].append(notices.pop(notice.id).id)
    batch.leased = await _leased(session, [row for row in rows if row.id in notices], notices, ways)
    waiting = {one.notice.id for one in batch.leased}.union(*asleep.values())
    silent = [row.id for row in rows if row.id not in waiting]
    await put(session, silent, send_at=None, leased_until=None, held_template=None)
    for awake, ids in asleep.items():
        await put(session, ids, send_at=awake, leased_until=None)
    held: dict[str | None, list[UUID]] = defaultdict(list)
    for one in batch.leased:
        held[one.notice.template if one.channel is Channel.WECHAT else None].append(one.notice.id)
    for template, ids in held.items():
        until = {"send_at": batch.until, "leased_until": batch.until}
        await put(session, ids, attempts=col(_N.attempts) + 1, held_template=template, **until)
    batch.settled = len(rows) - len(batch.leased)
    return batch


async def put(session: AsyncSession, ids: Collection[UUID], **values: Any) -> None:
    """Set columns of notices that this transaction holds."""
    if ids:
        wanted = update(_NOTICE).where(_NOTICE.c.id.in_(ids)).values(values)
        await (await session.connection()).execute(wanted)


async def record(session: AsyncSession, rows: Iterable[dict[str, Any]]) -> None:
    """Write attempts for the operator: notification_id, channel, attempt, outcome, detail, created_at."""
    if kept := [{"id": new_id(), **row} for row in rows]:
        await (await session.connection()).execute(insert(_SENDING), kept)


async def _record_gone(session: AsyncSession, rows: Iterable[Any], ways: Ways, at: datetime) -> None:
    """Somebody leased these and never came back: that attempt has an end, too."""
    await record(
        session,
        (
            {
                "created_at": at,
                "notification_id": row.id,
                "channel": Channel.WECHAT if row.held_template else Channel.SMS,
                "attempt": row.attempts,
                "outcome": Outcome.FAILED if row.attempts >= ways.attempts else Outcome.RETRY,
                "detail": GONE,
            }
            for row in rows
        ),
    )


async def _addressed(session: AsyncSession, rows: Iterable[Any], ways: Ways) -> dict[UUID, Addressed]:
    """Those that have somewhere to go, if the person consents to it."""
    wanted: list[tuple[Any, Audience, Template]] = []
    for row in rows if ways.forms or ways.sms else ():
        told = row.data.get("audience")
        spent = row.read_at or row.voided_at or row.attempts >= ways.attempts
        if spent or row.person_id is None or told not in AUDIENCES:
            continue
        if (template := template_of(row.kind, Audience(told))) is not None:
            wanted.append((row, Audience(told), template))
    known = await phones(session, {row.person_id for row, _, _ in wanted}, numbers=ways.sms)
    reached = [
        (row, audience, template, phone)
        for row, audience, template in wanted
        if (phone := known.get(row.person_id)) and _within_reach(phone, template, ways)
    ]
    about = await subjects(session, {row.order_id for row, *_ in reached if row.order_id})
    return {
        row.id: Addressed(
            id=row.id,
            person_id=row.person_id,
            order_id=row.order_id,
            kind=row.kind,
            audience=audience,
            template=template,
            title=row.data.get("title", ""),
            reason=row.data.get("reason", ""),
            phone=phone,
            about=about.get(row.order_id, NOTHING),
        )
        for row, audience, template, phone in reached
    }


def _within_reach(phone: Phone, template: Template, ways: Ways) -> bool:
    return bool(phone.openid and template in ways.forms) or (ways.sms and phone.mobile)


async def _leased(
    session: AsyncSession, rows: Iterable[Any], notices: Mapping[UUID, Addressed], ways: Ways
) -> list[Leased]:
    """By WeChat who consented, by text message whom that fits; nobody else."""
    rows = list(rows)
    by_wechat = {
        row.id: (row.person_id, str(notices[row.id].template))
        for row in rows
        if notices[row.id].phone.openid and notices[row.id].template in ways.forms
    }
    holding = {row.id for row in rows if row.id in by_wechat and row.held_template == by_wechat[row.id][1]}
    taken = await consents.take(session, (pair for id_, pair in by_wechat.items() if id_ not in holding))
    leased = []
    for row in rows:
        notice, pair = notices[row.id], by_wechat.get(row.id)
        consented = row.id in holding or (pair is not None and taken[pair] > 0)
        if pair is not None and consented:
            taken[pair] -= row.id not in holding
            leased.append(Leased(notice, Channel.WECHAT, row.attempts + 1))
        elif ways.sms and texted(notice.phone, notice.audience, notice.about.urgency):
            leased.append(Leased(notice, Channel.SMS, row.attempts + 1))
    return leased
