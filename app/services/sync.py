"""同步: after no signal, one call brings a phone up to date.

It is the feed read by what the caller may see, so that nothing is missed that was committed before the call. What
is open now (offers, tasks, the pool, unread notices) is told whole and replaces what the phone kept.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import Database
from app.domain.lifecycle import ENDED, OfferStatus, OrderStatus
from app.domain.roles import Permission
from app.models.event import OrderEvent
from app.models.notification import Notification
from app.models.offer import Offer
from app.models.order import Order
from app.schemas.base import Keyset
from app.schemas.inbox import InboxFilter
from app.services import crew, feed, inbox, offers
from app.services.access import Actor, circles
from app.services.actors import actor_of
from app.services.keyset import newest_first
from app.services.order_views import SUMMARY_COLUMNS, summary
from app.services.scope import visible
from app.services.sync_cursor import Cursor, read_cursor, rights_of
from app.services.tokens import Claims

MOST_MISSED = 5_000
"""Events of everybody; beyond that a first picture costs less than the difference."""
MOST_OPEN = 50
MOST_NOTICES = 20
MOST_COUNTED = 100
_COLUMNS: list[Any] = [getattr(Order, name) for name in SUMMARY_COLUMNS]


async def changes(database: Database, claims: Claims, since: str | None, limit: int) -> dict[str, Any]:
    """The shape of schemas.sync.SyncOut; `limit` bounds the orders. Raises Unauthenticated, CursorInvalid."""
    seen = None if since is None else read_cursor(since)
    await feed.place_all(database)
    async with database.reading() as session:
        actor = await actor_of(session, claims)
        last = await feed.last(session)
        rights = rights_of(actor)
        known = seen is not None and seen.rights == rights and last - MOST_MISSED <= seen.position <= last
        at = now()
        if seen is not None and known:
            found = await _changed(session, actor, seen.position, last, limit, at)
        else:
            found = await _first(session, actor, last, limit, at)
        reached = found.pop("reached")
        cursor = Cursor(reached, rights).written()
        return {"reset": not known, **found, "cursor": cursor, **await _open(session, actor, at)}


async def _first(session: AsyncSession, actor: Actor, last: int, limit: int, at: datetime) -> dict[str, Any]:
    unfinished = visible(Order, actor).where(col(Order.status).not_in(ENDED))
    query = unfinished.with_only_columns(*_COLUMNS).order_by(col(Order.id).desc()).limit(limit)
    orders = [summary(row, at) for row in await _rows(session, query)]
    return {"orders": orders, "gone": [], "more": False, "reached": last}


async def _changed(
    session: AsyncSession, actor: Actor, after: int, last: int, limit: int, at: datetime
) -> dict[str, Any]:
    """Orders whose newest event lies after `after`, those that have rested longest first.

    `last` was read before: whatever lies at or below it is among these rows, or is not the caller's.
    """
    newest = (
        select(OrderEvent.order_id, func.max(OrderEvent.position).label("position"))
        .where(col(OrderEvent.position) > after)
        .group_by(col(OrderEvent.order_id))
        .subquery()
    )
    moved = visible(Order, actor).join(newest, newest.c.order_id == Order.id)
    query = moved.with_only_columns(*_COLUMNS, newest.c.position).order_by(newest.c.position).limit(limit + 1)
    rows = await _rows(session, query)
    page, more = rows[:limit], len(rows) > limit
    reached = page[-1]["position"] if more else max(last, *(row["position"] for row in page), 0)
    told = select(newest.c.order_id).where(newest.c.position <= reached, _known(newest.c, actor))
    gone = await _lost(session, actor, told)
    return {"orders": [summary(row, at) for row in page], "gone": gone, "more": more, "reached": reached}


async def _lost(session: AsyncSession, actor: Actor, known: Select[Any]) -> list[UUID]:
    """Those of the ids that `known` selects that are no longer the caller's to see."""
    connection = await session.connection()
    ids = list((await connection.execute(known)).scalars())
    left = visible(Order, actor).where(col(Order.id).in_(ids)).with_only_columns(col(Order.id))
    seen = set((await connection.execute(left)).scalars()) if ids else set()
    return [one for one in ids if one not in seen]


def _known(moved: Any, actor: Actor) -> Any:
    """What the caller was once shown for certain: their team was asked, or they were told of it themselves."""
    asked = visible(Offer, actor).where(col(Offer.team_id).in_(actor.teams(Permission.ORDERS_READ)))
    told = visible(Notification, actor).where(col(Notification.person_id) == actor.person_id)
    return or_(
        moved.order_id.in_(asked.with_only_columns(col(Offer.order_id))),
        moved.order_id.in_(
            told.where(col(Notification.order_id).is_not(None)).with_only_columns(col(Notification.order_id))
        ),
    )


async def _open(session: AsyncSession, actor: Actor, at: datetime) -> dict[str, Any]:
    """What waits for the caller now, each list bounded: the rest is in the lists of its own."""
    tasks = await crew.tasks(session, actor, Keyset(limit=MOST_OPEN))
    notices = await inbox.listing(session, actor, InboxFilter(unread=True, limit=MOST_NOTICES), at)
    unread = inbox.due(actor, at).where(col(Notification.read_at).is_(None)).limit(MOST_COUNTED)
    counted = select(func.count()).select_from(unread.with_only_columns(col(Notification.id)).subquery())
    return {
        "offers": await _offers(session, actor, at),
        "pool": await _pool(session, actor),
        "tasks": tasks[:MOST_OPEN],
        "unread": (await session.exec(counted)).one() if notices else 0,
        "notices": [notice.model_dump() for notice in notices[:MOST_NOTICES]],
    }


async def _offers(session: AsyncSession, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    teams = actor.teams(Permission.OFFERS_ANSWER)
    if not teams:
        return []
    asked = visible(Offer, actor).where(
        col(Offer.team_id).in_(teams), col(Offer.status) == OfferStatus.OPEN, col(Offer.expires_at) > at
    )
    found = (await session.exec(newest_first(asked, Offer, Keyset(limit=MOST_OPEN)))).all()[:MOST_OPEN]
    about = visible(Order, actor).where(col(Order.id).in_([offer.order_id for offer in found]))
    orders = {row["id"]: row for row in await _rows(session, about.with_only_columns(*_COLUMNS))}
    return [
        offers.view(offer, summary(orders[offer.order_id], at)) for offer in found if offer.order_id in orders
    ]


async def _pool(session: AsyncSession, actor: Actor) -> list[UUID]:
    mine = circles(actor)
    if not mine:
        return []
    open_now = col(Order.status) == OrderStatus.POOLED, col(Order.pool_path).in_(mine)
    pooled = visible(Order, actor).where(*open_now)
    ids = pooled.with_only_columns(col(Order.id)).order_by(col(Order.id).desc()).limit(MOST_COUNTED)
    return list((await (await session.connection()).execute(ids)).scalars())


async def _rows(session: AsyncSession, query: Select[Any]) -> Sequence[dict[str, Any]]:
    found = (await (await session.connection()).execute(query)).mappings()
    return [dict(row) for row in found]
