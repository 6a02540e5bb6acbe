"""Notices are rows written with the move that causes them: neither is ever there without the other."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.lifecycle import Action
from app.domain.notices import NOTICES, OWN_DEEDS, Audience
from app.domain.reminders import Reminder
from app.domain.roles import Role
from app.models.base import new_id
from app.models.notification import Notification
from app.models.order import Order
from app.models.person import Person, RoleGrant
from app.models.service import CrewMember
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible


class About(NamedTuple):
    """The order that a notice shows to its reader."""

    order_id: UUID
    title: str


def notice(
    order: Order,
    action: Action,
    audience: Audience,
    person_id: UUID | None,
    reason: str,
    about: About | None = None,
) -> Notification:
    """The outbox row for one recipient: a person, or the staff on duty at the order's organisation.

    What is for a person goes out to the phone as well (app/jobs/deliver_notices.py).
    """
    at = now()
    return Notification(
        id=new_id(),
        created_at=at,
        due_at=at,
        send_at=None if person_id is None else at,
        person_id=person_id,
        org_path=order.org_path if person_id is None else None,
        order_id=about.order_id if about else order.id,
        kind=action.value,
        data={"title": about.title if about else order.title, "reason": reason, "audience": audience.value},
        dedupe_key=f"{order.id.hex}:{order.version}:{audience}:{person_id.hex if person_id else ''}",
    )


async def tell(
    session: AsyncSession,
    order: Order,
    action: Action,
    *,
    teams: Collection[UUID],
    asked: Collection[UUID] = (),
    instead: UUID | None = None,
    reason: str,
    by: UUID | None = None,
) -> None:
    """Write every notice that `action` owes (app/domain/notices.py).

    `teams` are the teams concerned, `asked` those that were being asked, `instead` is asked from now on, by `by`.
    Nobody hears of one move twice.
    """
    told: set[UUID] = {by} if by is not None and action in OWN_DEEDS else set()
    for audience in NOTICES[action]:
        for person_id in await audience_of(session, order, audience, teams, asked, instead):
            if person_id is None or person_id not in told:
                about = await _about(session, order, audience, person_id)
                session.add(notice(order, action, audience, person_id, reason, about))
            if person_id is not None:
                told.add(person_id)


async def remind(
    session: AsyncSession,
    order: Order,
    kind: Reminder,
    audience: Audience,
    people: Iterable[UUID | None],
    due_at: datetime,
    reason: str = "",
) -> None:
    """Say `kind` to `people` (None: whoever is on duty) at `due_at`, unless the order moves first.

    Once for each person, time and stay of the order in its state, however often it is called; what was voided
    meanwhile is wished again. `reason` is the text that the sentence has a place for.
    """
    for person_id in dict.fromkeys(people):
        whom = person_id.hex if person_id else ""
        about = await _about(session, order, audience, person_id)
        stay = f"{int(order.status_at.timestamp())}:{int(due_at.timestamp())}"
        row = Notification(
            id=_id_at(due_at),
            created_at=now(),
            due_at=due_at,
            send_at=None if person_id is None else due_at,
            person_id=person_id,
            org_path=order.org_path if person_id is None else None,
            order_id=about.order_id,
            kind=kind.value,
            data={"title": about.title, "reason": reason, "audience": audience.value},
            dedupe_key=f"{order.id.hex}:{kind}:{stay}:{whom}",
        )
        if not await insert_new(session, row):
            await _wish_again(session, row)


def _id_at(instant: datetime) -> UUID:
    """An id that sorts where one made at `instant` would: a reminder is new in the inbox when it is due."""
    return UUID(int=int(instant.timestamp() * 1000) << 80 | new_id().int & (1 << 80) - 1)


async def _wish_again(session: AsyncSession, row: Notification) -> None:
    await session.exec(
        update(Notification)
        .where(
            col(Notification.dedupe_key) == row.dedupe_key,
            col(Notification.voided_at).is_not(None),
            col(Notification.due_at) > row.created_at,
        )
        .values(voided_at=None, send_at=row.send_at, data=row.data)
        .execution_options(synchronize_session=False)
    )


async def void_reminders(session: AsyncSession, order: Order, at: datetime) -> None:
    """What was to be said later about the order (after `at`) is not said any more: it has moved."""
    both = select(Order.id).where(or_(col(Order.id) == order.id, col(Order.merged_into_id) == order.id))
    await session.exec(
        update(Notification)
        .where(
            col(Notification.order_id).in_(both),
            col(Notification.due_at) > at,
            col(Notification.voided_at).is_(None),
        )
        .values(voided_at=at, send_at=None)
        .execution_options(synchronize_session=False)
    )


async def audience_of(
    session: AsyncSession,
    order: Order,
    audience: Audience,
    teams: Collection[UUID] = (),
    asked: Collection[UUID] = (),
    instead: UUID | None = None,
) -> Iterable[UUID | None]:
    """Who an audience is, now; None for whoever is on duty."""
    match audience:
        case Audience.RESIDENT:
            return await _callers(session, order)
        case Audience.STAFF:
            return [None]
        case Audience.TEAM:
            return await _leaders(session, teams)
        case Audience.ASKED:
            return await _leaders(session, [team for team in asked if team not in teams])
        case Audience.INSTEAD:
            return await _leaders(session, [instead] if instead else [])
        case Audience.CREW:
            found = select(CrewMember.person_id).where(CrewMember.order_id == order.id)
            return list(await session.exec(found.distinct()))


async def _callers(session: AsyncSession, order: Order) -> list[UUID]:
    """Who placed the order, and who placed one that was merged into it."""
    here = select(Person.id).where(col(Person.active))
    merged = visible(Order, SYSTEM).where(
        col(Order.merged_into_id) == order.id, col(Order.placed_by_id).in_(here)
    )
    others = await columns(session, merged, Order.placed_by_id)
    return list(dict.fromkeys([order.placed_by_id, *(one.placed_by_id for one in others)]))


async def _about(session: AsyncSession, order: Order, audience: Audience, person_id: UUID | None) -> About:
    """Whose order was merged into this one hears of it as of their own: this one they may not see."""
    if audience is Audience.RESIDENT and person_id not in (None, order.placed_by_id):
        merged = visible(Order, SYSTEM).where(
            col(Order.merged_into_id) == order.id, col(Order.placed_by_id) == person_id
        )
        for row in await columns(session, merged.limit(1), Order.id, Order.title):
            return About(row.id, row.title)
    return About(order.id, order.title)


async def _leaders(session: AsyncSession, teams: Collection[UUID]) -> list[UUID]:
    if not teams:
        return []
    found = select(RoleGrant.person_id).where(
        col(RoleGrant.team_id).in_(teams), col(RoleGrant.role) == Role.TEAM_LEADER
    )
    return list(await session.exec(found.distinct()))
