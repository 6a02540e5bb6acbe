"""The clock places the orders of a series, each time exactly once, some days ahead.

Which times are still without an order is asked of the orders themselves, and the key (series, time) is unique: a
process that dies between two, or two that look at the same moment, can neither leave one out nor place one twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import Table, insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import keyring_of
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.errors import Invalid
from app.models.consent import Purpose
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.person import Person
from app.models.recurring import RecurringOrder, RecurringStatus
from app.models.team import Team
from app.sealing import Keyring
from app.services import catalogue
from app.services.access import SYSTEM
from app.services.catalogue import Snapshot
from app.services.columns import columns
from app.services.consent_keeping import withdrawn
from app.services.order_draft import LATE_START, draft
from app.services.order_rows import Occasion, Rows
from app.services.policies import policy_at
from app.services.recurring_calendar import Time, calendar
from app.services.recurring_notices import say
from app.services.recurring_orders import as_order, change, conclude
from app.services.scope import visible

DONE = "已按计划全部安排"


class Unplaceable(Exception):
    """No order can be placed any more: `args[0]` says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a series comes to today: `wanted` for OrderCreate, `notes` on what changed since it was asked for.

    What has to be looked at again by a person is not `approved`.
    """

    snapshot: Snapshot
    wanted: dict[str, Any]
    preferred_team_id: UUID | None
    approved: bool
    notes: Sequence[str]


async def make(session: AsyncSession, series: RecurringOrder, at: datetime) -> int:
    """Place what is due of an active series as of `at`; how many orders. A series that cannot be placed any more,
    or whose last time is over, ends; what came too late is told. Raises IllegalMove when another was faster.
    """
    policy = await policy_at(session, series.org_path)
    times = [one for one in await calendar(session, series, policy) if one.wanted]
    made = await orders_of(session, series.id)
    waiting = [one for one in times if one.occurs_at not in made]
    ahead = timedelta(days=policy.recurring.ahead_days)
    seen = col(RecurringOrder.next_at) == series.next_at
    since = series.made_until
    next_at = _next_look(times, waiting, at, ahead)
    looked = _ended() if next_at is None else {"made_until": at + ahead, "next_at": next_at}
    series = await change(session, series, looked, RecurringStatus.ACTIVE, where=seen)
    for late in (one for one in waiting if _too_late(one, at) and (since is None or one.starts_at > since)):
        await say(session, series, Reminder.SERIES_MISSED, Audience.STAFF, reason=_spoken(late, series))
    due = [one for one in waiting if not _too_late(one, at) and one.starts_at <= at + ahead]
    if not due:
        return 0
    try:
        terms = await _terms(session, series)
        rows = _drafted(series, terms, due, at, keyring_of(session))
    except (Unplaceable, Invalid, ValidationError) as error:
        reason = (
            str(error.args[0]) if isinstance(error, Unplaceable) else "内容已不再适用，请与居民联系后重新点单"
        )
        ended = await conclude(session, series, reason, RecurringStatus.ACTIVE)
        await say(session, ended, Reminder.SERIES_ENDED, Audience.STAFF, Audience.RESIDENT, reason=reason)
        return 0
    await _write(session, rows)
    return len(due)


async def orders_of(session: AsyncSession, series_id: UUID) -> dict[datetime, Order]:
    """The orders of a series by the time they stand for."""
    found = visible(Order, SYSTEM).where(col(Order.recurring_id) == series_id)
    rows = await session.exec(found.order_by(col(Order.occurs_at)).execution_options(populate_existing=True))
    return {order.occurs_at: order for order in rows if order.occurs_at is not None}


def _ended() -> dict[str, Any]:
    return {"status": RecurringStatus.ENDED, "reason": DONE, "next_at": None}


def _next_look(
    times: Sequence[Time], waiting: Sequence[Time], at: datetime, ahead: timedelta
) -> datetime | None:
    """When the next order is to be placed; after the last of them, when the last time is over; None then."""
    later = [one.starts_at - ahead for one in waiting if one.starts_at - ahead > at]
    over = max((one.ends_at for one in times), default=at)
    return min(later, default=over if over > at else None)


def _too_late(one: Time, at: datetime) -> bool:
    return one.ends_at <= at or one.starts_at < at - LATE_START


def _spoken(one: Time, series: RecurringOrder) -> str:
    return f"{one.starts_at.astimezone(ZoneInfo(series.time_zone)):%Y-%m-%d %H:%M}"


async def _terms(session: AsyncSession, series: RecurringOrder) -> Terms:
    snapshot = await catalogue.read(session, series.organisation_id)
    if snapshot is None:
        raise Unplaceable("点单的站点已不存在")
    caller = await session.get(Person, series.placed_by_id, populate_existing=True)
    if caller is None or not caller.active:
        raise Unplaceable("点单人已注销账号")
    if Purpose.SERVICE in (stopped := await withdrawn(session, caller.id)):
        raise Unplaceable("点单人已撤回对个人信息处理的同意")
    notes: list[str] = []
    place = _open_place(snapshot, snapshot.organisations[series.organisation_id])
    if place.id != series.organisation_id:
        notes.append(f"原点单的站点已停用，转由{place.name}办理")
    wanted = series.wanted | {"organisation_id": str(place.id)}
    if Purpose.SENSITIVE in stopped and not wanted.get("beneficiary"):
        wanted["circumstances"] = []
    item = snapshot.menu.get(UUID(wanted["menu_item_id"])) if wanted.get("menu_item_id") else None
    if wanted.get("menu_item_id") and (item is None or not item.active):
        notes.append("该服务已从菜单下架")
        wanted["menu_item_id"] = None
    approved = not notes
    team_id = series.preferred_team_id
    if team_id is not None and not await _still_there(session, team_id):
        notes.append("原定服务队已停用")
        team_id = None
    return Terms(snapshot, wanted, team_id, approved, notes)


def _open_place(snapshot: Snapshot, place: Organisation) -> Organisation:
    """The organisation, or the nearest above it that still works."""
    while not place.active:
        if place.parent_id is None:
            raise Unplaceable("文明实践中心已停用")
        place = snapshot.organisations[place.parent_id]
    return place


async def _still_there(session: AsyncSession, team_id: UUID) -> bool:
    found = visible(Team, SYSTEM).where(col(Team.id) == team_id, col(Team.active))
    return bool(await columns(session, found, Team.id))


def _drafted(
    series: RecurringOrder, terms: Terms, due: Sequence[Time], at: datetime, keyring: Keyring
) -> Rows:
    """The rows of every order that is due. Raises what order_draft.draft() raises."""
    rows: Rows = []
    for one in due:
        wanted = as_order(terms.wanted, one.starts_at, series.window_minutes)
        occasion = Occasion(
            recurring_id=series.id,
            occurs_at=one.occurs_at,
            preferred_team_id=terms.preferred_team_id,
            approved=terms.approved,
            note="；".join(terms.notes),
        )
        rows += draft(terms.snapshot, keyring, series.placed_by_id, wanted, at, occasion)[1]
    return rows


async def _write(session: AsyncSession, rows: Rows) -> None:
    """One statement a table, the tables in the order in which their rows refer to each other."""
    by_table: dict[Table, list[dict[str, Any]]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    connection = await session.connection()
    for table, those in by_table.items():
        await connection.execute(insert(table), those)
