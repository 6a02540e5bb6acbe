"""For a batch of notices: whose phone each is for, what it is about, and until when to leave that phone alone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.delivery import Phone
from app.domain.lifecycle import OrderStatus
from app.domain.notices import Audience
from app.domain.policy import Policy, Urgency, effective
from app.domain.quiet import after_quiet
from app.domain.templates import Template
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.person import Person
from app.services.access import SYSTEM, ancestors
from app.services.columns import columns
from app.services.scope import visible

DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class About:
    """The order that a notice is about, or, without one, nothing in particular."""

    org_path: str = ""
    urgency: Urgency = Urgency.NORMAL
    status: OrderStatus | None = None
    time: datetime | None = None
    policy: Policy = DEFAULT

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policy.time_zone)

    def awake(self, at: datetime) -> datetime:
        """From `at` on, when a phone may ring about it. An emergency rings at once; so does what belongs to no
        order, whose time was chosen by who wrote it."""
        if self.status is None or self.urgency is Urgency.EMERGENCY:
            return at
        hours = self.policy.notices
        return after_quiet(at, hours.quiet_from, hours.quiet_until, self.zone)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A notice that could go to a phone."""

    id: UUID
    person_id: UUID
    order_id: UUID | None
    kind: str
    audience: Audience
    template: Template
    title: str
    reason: str
    phone: Phone
    about: About


async def phones(session: AsyncSession, people: Collection[UUID], *, numbers: bool) -> dict[UUID, Phone]:
    """Of those who have an account and an openid, or (with `numbers`) a telephone number."""
    if not people:
        return {}
    known: Any = col(Person.wechat_openid).is_not(None)
    if numbers:
        known = or_(known, col(Person.phone_hash).is_not(None))
    found = select(Person).where(col(Person.id).in_(people), col(Person.active), known)
    rows = await columns(session, found, Person.id, Person.wechat_openid, Person.phone)
    return {row.id: Phone(row.wechat_openid, row.phone) for row in rows}


async def subjects(session: AsyncSession, orders: Collection[UUID]) -> dict[UUID, About]:
    if not orders:
        return {}
    wanted = (
        Order.id,
        Order.org_path,
        Order.urgency,
        Order.status,
        Order.scheduled_start,
        Order.window_start,
    )
    found = visible(Order, SYSTEM).where(col(Order.id).in_(orders))
    rows = await columns(session, found, *wanted)
    policies = await _policies(session, {row.org_path for row in rows})
    return {
        row.id: About(
            row.org_path,
            row.urgency,
            row.status,
            row.scheduled_start or row.window_start,
            policies[row.org_path],
        )
        for row in rows
    }


async def _policies(session: AsyncSession, paths: Iterable[str]) -> Mapping[str, Policy]:
    chains = {path: ancestors(path) for path in paths}
    every = {above for chain in chains.values() for above in chain}
    found = select(Organisation).where(col(Organisation.path).in_(every))
    changes = {
        row.path: row.policy for row in await columns(session, found, Organisation.path, Organisation.policy)
    }
    return {path: effective(changes.get(above, {}) for above in chain) for path, chain in chains.items()}
