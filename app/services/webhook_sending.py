"""Events go to other systems in the order of their positions, each at least once, one after the other.

A webhook is claimed by lease, like a notice; what it has taken is the one number that is written back. An event
that it does not take holds up those behind it, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.db import table_of
from app.domain.delivery import next_call
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.domain.roles import GRANTS, Permission
from app.domain.signature import HEADER, signature
from app.models.base import new_id
from app.models.event import FeedPosition
from app.models.notification import Notification
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant
from app.models.webhook import Webhook
from app.services import feed
from app.services.access import SYSTEM, ancestors
from app.services.columns import columns
from app.services.feed import FeedEvent
from app.services.policies import policy_at
from app.services.scope import visible

LEASE = timedelta(minutes=2)
EVENTS = 100
"""Of the feed, for one webhook in one round."""

_HOOK = table_of(Webhook)
WANTED = ("id", "org_path", "url", "secret", "position", "failures", "failing_since", "actions")
UNREADABLE = "its secret cannot be read"


@dataclass(frozen=True, slots=True)
class Round:
    """What one webhook is to hear now: the events after its position that it wants, up to the position `reach`."""

    id: UUID
    org_path: str
    url: str
    secret: str
    until: datetime
    position: int
    failures: int
    failing_since: datetime | None
    events: tuple[FeedEvent, ...]
    reach: int


@dataclass(frozen=True, slots=True)
class Heard:
    """How far one webhook came, and what stopped it (empty: nothing)."""

    round: Round
    position: int
    error: str = ""


def _due(at: datetime) -> SelectOfScalar[Webhook]:
    last = select(FeedPosition.last).where(col(FeedPosition.id) == 1).scalar_subquery()
    due = visible(Webhook, SYSTEM).where(
        col(Webhook.active), col(Webhook.next_at) <= at, col(Webhook.position) < last
    )
    return due.order_by(col(Webhook.next_at))


def due_ids(at: datetime) -> SelectOfScalar[UUID]:
    """The webhooks for which there is something new and whose time has come `at`."""
    return cast(SelectOfScalar[UUID], _due(at).with_only_columns(col(Webhook.id)))


async def claim(session: AsyncSession, at: datetime, limit: int, only: UUID | None = None) -> list[Round]:
    """Lease at most `limit` webhooks for which there is something new and whose time has come `at`."""
    due = _due(at).limit(limit).with_for_update(skip_locked=True)
    if only is not None:
        due = due.where(col(Webhook.id) == only)
    rows = await columns(session, due, *(getattr(Webhook, name) for name in WANTED))
    if not rows:
        return []
    until = at + LEASE
    hold = update(_HOOK).where(_HOOK.c.id.in_([row.id for row in rows]))
    await (await session.connection()).execute(hold.values(next_at=until, leased_until=until))
    seen = {
        position: await feed.read(session, position, EVENTS) for position in {row.position for row in rows}
    }
    return [_round(row, seen[row.position], until) for row in rows]


def _round(row: Any, events: Sequence[FeedEvent], until: datetime) -> Round:
    concerning = tuple(
        event
        for event in events
        if event.org_path.startswith(row.org_path) and (not row.actions or event.action in row.actions)
    )
    reach = events[-1].position if events else row.position
    kept = (row.position, row.failures, row.failing_since)
    return Round(row.id, row.org_path, row.url, row.secret, until, *kept, concerning, reach)


def call_of(event: FeedEvent, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of one call; no name and no word that a person wrote is in it."""
    told = {
        "id": str(event.id),
        "position": event.position,
        "order_id": str(event.order_id),
        "version": event.seq,
        "action": event.action,
        "from": event.from_status,
        "to": event.to_status,
        "at": event.at,
        "organisation": event.org_path,
    }
    body = orjson.dumps(told)
    return body, {"Content-Type": "application/json", HEADER: signature(secret, at, body)}


async def set_aside(session: AsyncSession, webhook_id: UUID, at: datetime) -> None:
    """A round that failed before it began counts like one that the other side did not take."""
    readable = [getattr(Webhook, name) for name in WANTED if name != "secret"]
    row = (await columns(session, visible(Webhook, SYSTEM).where(Webhook.id == webhook_id), *readable))[0]
    until = at + LEASE
    hold = update(_HOOK).where(_HOOK.c.id == webhook_id)
    await (await session.connection()).execute(hold.values(next_at=until, leased_until=until))
    kept = (row.position, row.failures, row.failing_since)
    nothing = Round(row.id, row.org_path, row.url, "", until, *kept, (), row.position)
    await settle(session, Heard(nothing, row.position, UNREADABLE), at)


async def settle(session: AsyncSession, heard: Heard, at: datetime) -> bool:
    """Write how far it came by `at`; False when the lease is another's by now, or the webhook was changed."""
    taken, error = heard.round, heard.error
    further = heard.position > taken.position
    failures = 0 if not error else 1 if further else taken.failures + 1
    since = None if not error else taken.failing_since if taken.failing_since and not further else at
    days = (await policy_at(session, taken.org_path)).notices.webhook_days
    stopped = since is not None and at - since >= timedelta(days=days)
    written = await (await session.connection()).execute(
        update(_HOOK)
        .where(_HOOK.c.id == taken.id, _HOOK.c.leased_until == taken.until)
        .values(
            position=heard.position,
            failures=failures,
            failing_since=since,
            last_error=error[:200],
            next_at=next_call(failures, at) if error else at,
            leased_until=None,
            active=not stopped,
        )
    )
    if written.rowcount and stopped:
        await _tell(session, taken, at)
    return written.rowcount > 0


async def _tell(session: AsyncSession, stopped: Round, at: datetime) -> None:
    """Those who look after the channels of the place."""
    roles = [role for role, held in GRANTS.items() if Permission.CHANNELS_MANAGE in held]
    found = (
        select(RoleGrant.person_id)
        .join(Organisation, col(Organisation.id) == col(RoleGrant.organisation_id))
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .where(
            col(RoleGrant.role).in_(roles),
            col(Organisation.path).in_(ancestors(stopped.org_path)),
            col(Person.active),
        )
        .distinct()
    )
    for person_id in await columns(session, found):
        session.add(
            Notification(
                id=new_id(),
                created_at=at,
                due_at=at,
                send_at=at,
                person_id=person_id[0],
                kind=Reminder.WEBHOOK_STOPPED.value,
                data={"title": "事件推送", "reason": stopped.url[:60], "audience": Audience.STAFF.value},
                dedupe_key=f"webhook:{stopped.id.hex}:{stopped.position}:{int(at.timestamp())}:{person_id[0].hex}",
            )
        )
