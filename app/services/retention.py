"""保存期限: what has been kept as long as its place keeps it goes, and only that (PIPL Art. 19, 47).

Each function does at most `limit` rows and says how many; done again it finds nothing. The numbers are those of the
center, read from its policy; records of service stay ten years, and then without the person (GB/T 40143-2021).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Executable, delete, func, literal, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.domain.lifecycle import ENDED
from app.domain.policy import Policy
from app.domain.trust import RetentionPolicy
from app.models.audit import Reveal
from app.models.consent import DataConsent
from app.models.notification import Notification, Sending
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.person import Person, SignIn
from app.models.recurring import RecurringOrder, RecurringStatus
from app.models.service import Attendance, Delivery, Review
from app.services import audit_keeping, recurring_orders
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.emptying import empty_orders
from app.services.policies import policy_at
from app.services.scope import visible

YEAR = timedelta(days=365.25)
NOWHERE = {f"check_{way}_{part}": None for way in ("in", "out") for part in ("lat", "lon", "accuracy_m")}
_OVER = (RecurringStatus.ENDED, RecurringStatus.REJECTED)


@dataclass(frozen=True, slots=True)
class Center:
    """One center, and until when its rows are too old at the instant of the run."""

    path: str
    contacts: datetime
    notices: datetime
    records: datetime


Deed = Callable[[AsyncSession, Center, datetime, int], Awaitable[int]]


async def centers(session: AsyncSession, at: datetime) -> list[Center]:
    """Every center. Contacts stay as long as an order may still be reopened, whatever the policy says."""
    roots = await columns(
        session, select(col(Organisation.path)).where(col(Organisation.parent_id).is_(None))
    )
    return [_center(root.path, await policy_at(session, root.path), at) for root in roots]


def _center(path: str, policy: Policy, at: datetime) -> Center:
    kept = policy.retention
    return Center(
        path=path,
        contacts=at - timedelta(days=max(kept.contact_days, policy.times.reopen_days + 1)),
        notices=at - timedelta(days=kept.notice_days),
        records=at - kept.record_years * YEAR,
    )


async def contacts(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """Who, where and in which circumstances, of orders that ended long ago."""
    old = col(Order.org_path).startswith(center.path) & (col(Order.status_at) < center.contacts)
    return await empty_orders(session, old, at, limit)


async def series(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """The same of series that are over; when the last of its orders has been emptied, so is the series."""
    orders = table_of(Order)
    whole = select(literal(1)).where(
        orders.c.recurring_id == col(RecurringOrder.id), orders.c.contacts_emptied_at.is_(None)
    )
    old = visible(RecurringOrder, SYSTEM).where(
        col(RecurringOrder.org_path).startswith(center.path),
        col(RecurringOrder.status).in_(_OVER),
        col(RecurringOrder.contacts_emptied_at).is_(None),
        func.coalesce(col(RecurringOrder.made_until), col(RecurringOrder.created_at)) < center.contacts,
        ~whole.exists(),
    )
    found = (await session.exec(old.limit(limit).with_for_update(skip_locked=True))).all()
    for one in found:
        recurring_orders.empty(session, one, at)
    return len(found)


async def tracks(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """Where volunteers stood when they checked in and out: the minutes are the record, the places its proof."""
    orders, stays = table_of(Order), table_of(Attendance)
    old = (
        select(stays.c.id)
        .join(orders, orders.c.id == stays.c.order_id)
        .where(
            orders.c.org_path.startswith(center.path),
            orders.c.status.in_(ENDED),
            orders.c.status_at < center.contacts,
            or_(stays.c.check_in_lat.is_not(None), stays.c.check_out_lat.is_not(None)),
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=stays)
    )
    return await _count(session, update(stays).where(stays.c.id.in_(old)).values(NOWHERE))


async def notices(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """With what was tried to bring them to a phone; nothing that is still to go out."""
    told, orders = table_of(Notification), table_of(Order)
    here = select(orders.c.id).where(orders.c.org_path.startswith(center.path))
    theirs = or_(told.c.org_path.startswith(center.path), told.c.order_id.in_(here))
    return await _unsay(session, limit, told.c.due_at < center.notices, theirs)


async def _unsay(session: AsyncSession, limit: int, *where: ColumnElement[bool]) -> int:
    told, sendings = table_of(Notification), table_of(Sending)
    old = _some(told, limit, told.c.send_at.is_(None), *where)
    ids = [row.id for row in await (await session.connection()).execute(old)]
    await _count(session, delete(sendings).where(sendings.c.notification_id.in_(ids)))
    return await _count(session, delete(told).where(told.c.id.in_(ids)))


async def words(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """Of records kept for the ten years: what people wrote goes, what was done stays."""
    done = 0
    orders = table_of(Order)
    for model, column in ((Delivery, "summary"), (Review, "comment"), (Attendance, "declared_reason")):
        table = table_of(model)
        old = (
            select(table.c.id)
            .join(orders, orders.c.id == table.c.order_id)
            .where(
                orders.c.org_path.startswith(center.path),
                orders.c.status.in_(ENDED),
                orders.c.status_at < center.records,
                func.length(table.c[column]) > 0,
            )
            .limit(limit)
            .with_for_update(skip_locked=True, of=table)
        )
        done += await _count(session, update(table).where(table.c.id.in_(old)).values({column: ""}))
    return done


OF_A_CENTER: dict[str, Deed] = {
    "contacts": contacts,
    "series": series,
    "tracks": tracks,
    "notices": notices,
    "words": words,
}


async def of_nobody(session: AsyncSession, at: datetime, limit: int) -> int:
    """What belongs to no center: from where people signed in, who looked, guardians of withdrawn consents, and the
    names of those who have closed their account and whose service is kept no longer.
    """
    old = await audit_keeping.oldest(session, at)
    signs, consents, looks = table_of(SignIn), table_of(DataConsent), table_of(Reveal)
    told = or_(func.length(signs.c.device) > 0, func.length(signs.c.address) > 0)
    ended = or_(signs.c.revoked_at < old, signs.c.seen_at < old)
    withdrawn = consents.c.withdrawn_at < old, consents.c.guardian_name.is_not(None)
    gone = {"guardian_name": None, "guardian_phone": None, "guardian_relation": None}
    return sum(
        [
            await _count(
                session,
                update(signs)
                .where(signs.c.id.in_(_some(signs, limit, told, ended)))
                .values(device="", address=""),
            ),
            await _count(
                session,
                update(consents).where(consents.c.id.in_(_some(consents, limit, *withdrawn))).values(gone),
            ),
            await _count(
                session, delete(looks).where(looks.c.id.in_(_some(looks, limit, looks.c.created_at < old)))
            ),
            await _names(session, at, limit),
            await _personal_notices(session, at, limit),
        ]
    )


async def _personal_notices(session: AsyncSession, at: datetime, limit: int) -> int:
    """Those about no order, such as of an approval: by the number that comes with the software."""
    told = table_of(Notification)
    old = at - timedelta(days=RetentionPolicy().notice_days)
    of_none = told.c.order_id.is_(None) & told.c.org_path.is_(None)
    return await _unsay(session, limit, told.c.due_at < old, of_none)


async def _names(session: AsyncSession, at: datetime, limit: int) -> int:
    """Ten years after the account was closed no record needs to say who it was."""
    people = table_of(Person)
    old = people.c.closed_at < at - 10 * YEAR, func.length(people.c.name) > 0
    named = _some(people, limit, *old)
    nobody = {"name": "", "name_hash": None, "birth_date": None}
    return await _count(session, update(people).where(people.c.id.in_(named)).values(nobody))


def _some(table: Any, limit: int, *where: Any) -> Any:
    return select(table.c.id).where(*where).limit(limit).with_for_update(skip_locked=True)


async def _count(session: AsyncSession, statement: Executable) -> int:
    done: CursorResult[Any] = await (await session.connection()).execute(statement)
    return done.rowcount
