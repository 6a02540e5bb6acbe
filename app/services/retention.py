"""保存期限: what has been kept as long as its place keeps it goes, and only that (PIPL Art. 19, 47).

Each deed does at most `limit` rows of a kind and says how many; done again it finds nothing. Until when is what the
columns say of themselves (models/personal.py), in the numbers of services/terms.py; the answers, tokens and guesses
that live for hours or days go by jobs/forget.py, the audit trail by jobs/forget_audit.py.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, literal, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.domain.lifecycle import ENDED
from app.models.notification import Notification, Sending
from app.models.order import Order
from app.models.recurring import RecurringOrder
from app.models.service import Attendance
from app.services import person_keeping, record_keeping, recurring_orders
from app.services.access import SYSTEM
from app.services.batches import count, some
from app.services.emptying import empty_orders
from app.services.scope import visible
from app.services.terms import Center, Whole

NOWHERE = {f"check_{way}_{part}": None for way in ("in", "out") for part in ("lat", "lon", "accuracy_m")}


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
        col(RecurringOrder.status).in_(record_keeping.OVER),
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
            or_(*(stays.c[name].is_not(None) for name in NOWHERE)),
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=stays)
    )
    return await count(session, update(stays).where(stays.c.id.in_(old)).values(NOWHERE))


async def notices(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """With what was tried to bring them to a phone; nothing that is still to go out."""
    told, orders = table_of(Notification), table_of(Order)
    here = select(orders.c.id).where(orders.c.org_path.startswith(center.path))
    theirs = or_(told.c.org_path.startswith(center.path), told.c.order_id.in_(here))
    return await _unsay(session, limit, told.c.due_at < center.notices, theirs)


async def personal_notices(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """Those about no order, such as of an approval."""
    told = table_of(Notification)
    of_none = told.c.order_id.is_(None) & told.c.org_path.is_(None)
    return await _unsay(session, limit, told.c.due_at < whole.notices, of_none)


async def _unsay(session: AsyncSession, limit: int, *where: ColumnElement[bool]) -> int:
    told, sendings = table_of(Notification), table_of(Sending)
    old = some(told, limit, told.c.send_at.is_(None), *where)
    ids = [row.id for row in await (await session.connection()).execute(old)]
    await count(session, delete(sendings).where(sendings.c.notification_id.in_(ids)))
    return await count(session, delete(told).where(told.c.id.in_(ids)))


OF_A_CENTER: dict[str, Callable[[AsyncSession, Center, datetime, int], Awaitable[int]]] = {
    "contacts": contacts,
    "series": series,
    "tracks": tracks,
    "notices": notices,
    "blocks": record_keeping.blocks,
    "words": record_keeping.words,
    "series_words": record_keeping.series,
    "proofs": record_keeping.proofs,
}
OF_ALL: dict[str, Callable[[AsyncSession, Whole, datetime, int], Awaitable[int]]] = {
    "personal_notices": personal_notices,
    "sign_ins": person_keeping.sign_ins,
    "looks": person_keeping.looks,
    "approvals": person_keeping.approvals,
    "guardians": person_keeping.guardians,
    "consents": person_keeping.consents,
    "volunteers": person_keeping.volunteers,
    "names": person_keeping.names,
}
