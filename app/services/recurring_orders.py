"""长期点单: asked for once, approved once; its orders are then placed one by one by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import keyring_of
from app.domain.lifecycle import OrderStatus
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.domain.roles import Permission
from app.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from app.models.order import Order
from app.models.recurring import RecurringOrder, RecurringStatus
from app.models.team import Team
from app.schemas.order import OrderCreate
from app.schemas.recurring_order import RECURRING_ZH, RecurringCreate, RecurringFilter
from app.services import catalogue, orders
from app.services.access import SYSTEM, Actor, center_of, require_at, role_at
from app.services.actors import person_of
from app.services.consent_keeping import require_for
from app.services.daily_orders import is_staffs
from app.services.keyset import newest_first
from app.services.order_draft import draft, subject_of
from app.services.recurring_calendar import begins
from app.services.recurring_notices import say
from app.services.scope import visible

_FRESH = {"populate_existing": True, "synchronize_session": False}
_UNPROMISED = (OrderStatus.SUBMITTED, OrderStatus.APPROVED, OrderStatus.OFFERED, OrderStatus.POOLED)
KEPT_TERMS = ("title", "category", "people", "duration_minutes")
"""What a series takes from the menu of the day it was asked for, and what is left of one whose caller has gone."""
_SERIES_ONLY = {"rule", "first_start", "window_minutes", "on_holiday", "preferred_team_id"}


class TooManySeries(Conflict):
    code, title = "too_many_series", "进行中的长期点单已达上限，请先结束不再需要的"
    title_en = "Too many recurring orders that have not ended"


class PreferredTeamUnknown(Invalid):
    code, title = "preferred_team_unknown", "没有这支服务队，或它已停用"
    title_en = "No such team in this center"


async def place(session: AsyncSession, actor: Actor, wanted: RecurringCreate) -> RecurringOrder:
    """Ask for a series; by the center's policy it is approved at once. Its terms (title, minutes, people) are those
    of the menu today, whatever the menu says later.

    Raises NotFound, Forbidden, PreferredTeamUnknown, ConsentNeeded, and what begins() and order_draft.draft()
    raise.
    """
    snapshot = await catalogue.read(session, wanted.organisation_id)
    if snapshot is None or not snapshot.organisations[wanted.organisation_id].active:
        raise NotFound("没有这个文明实践中心、所或站")
    place = snapshot.organisations[wanted.organisation_id]
    if is_staffs(wanted):
        require_at(actor, Permission.ORDERS_PLACE_FOR_STAFF, place.path)
    await _require_team(session, wanted.preferred_team_id, place.path)
    policy, at, me = snapshot.policy(place.path), now(), person_of(actor)
    zone = ZoneInfo(policy.time_zone)
    first = wanted.first_start.replace(microsecond=0)
    first = (first if first.tzinfo else first.replace(tzinfo=zone)).astimezone(UTC)
    await require_for(session, me, wanted, place.path)
    starts = begins(wanted.rule, first, zone)
    asked = wanted.model_dump(mode="json", exclude=_SERIES_ONLY)
    draft(snapshot, keyring_of(session), me, as_order(asked, starts[0], wanted.window_minutes), at)
    terms = subject_of(snapshot, as_order(asked, starts[0], wanted.window_minutes))
    series = RecurringOrder(
        created_at=at,
        organisation_id=place.id,
        org_path=place.path,
        placed_by_id=me,
        title=terms["title"],
        wanted=asked | {name: terms[name] for name in KEPT_TERMS},
        rule=wanted.rule,
        first_start=first,
        window_minutes=wanted.window_minutes,
        time_zone=policy.time_zone,
        on_holiday=wanted.on_holiday,
        preferred_team_id=wanted.preferred_team_id,
        status=RecurringStatus.ACTIVE if policy.auto_approve else RecurringStatus.REQUESTED,
        next_at=at if policy.auto_approve else None,
    )
    session.add(series)
    await session.flush()
    spam, staff = policy.spam, is_staffs(wanted)
    await _require_room(session, me, spam.staff_open_series if staff else spam.open_series)
    if series.status is RecurringStatus.REQUESTED:
        await say(session, series, Reminder.SERIES_WANTED, Audience.STAFF)
    return series


async def _require_room(session: AsyncSession, person_id: UUID, most: int) -> None:
    """The new one is counted with the others. Two made at the same moment may not see each other."""
    mine = visible(RecurringOrder, SYSTEM).where(
        col(RecurringOrder.placed_by_id) == person_id,
        col(RecurringOrder.status).in_((RecurringStatus.REQUESTED, RecurringStatus.ACTIVE)),
    )
    count = await session.exec(select(func.count()).select_from(mine.subquery()))
    if count.one() > most:
        raise TooManySeries


def as_order(wanted: dict[str, Any], starts_at: datetime, minutes: int) -> OrderCreate:
    """What is wanted, at one of its times."""
    window = {"start": starts_at, "end": starts_at + timedelta(minutes=minutes)}
    return OrderCreate.model_validate({**wanted, "window": window})


async def get(session: AsyncSession, actor: Actor, series_id: UUID) -> RecurringOrder:
    found = visible(RecurringOrder, actor).where(RecurringOrder.id == series_id)
    series = (await session.exec(found)).one_or_none()
    if series is None:
        raise NotFound("没有这个长期点单")
    return series


async def listing(session: AsyncSession, actor: Actor, wanted: RecurringFilter) -> list[RecurringOrder]:
    """Newest first; one more than `limit` when there is a next page."""
    found = visible(RecurringOrder, actor)
    if wanted.mine:
        found = found.where(col(RecurringOrder.placed_by_id) == actor.person_id)
    if wanted.status is not None:
        found = found.where(col(RecurringOrder.status) == wanted.status)
    return list(await session.exec(newest_first(found, RecurringOrder, wanted)))


async def approve(session: AsyncSession, actor: Actor, series_id: UUID) -> RecurringOrder:
    """Once for all its orders, which then come approved."""
    series = await get(session, actor, series_id)
    require_at(actor, Permission.ORDERS_APPROVE, series.org_path)
    active = {"status": RecurringStatus.ACTIVE, "next_at": now(), "decided_by_id": actor.person_id}
    series = await change(session, series, active, RecurringStatus.REQUESTED)
    await say(session, series, Reminder.SERIES_APPROVED, Audience.RESIDENT)
    return series


async def reject(session: AsyncSession, actor: Actor, series_id: UUID, reason: str) -> RecurringOrder:
    series = await get(session, actor, series_id)
    require_at(actor, Permission.ORDERS_APPROVE, series.org_path)
    rejected = {"status": RecurringStatus.REJECTED, "reason": reason, "decided_by_id": actor.person_id}
    series = await change(session, series, rejected, RecurringStatus.REQUESTED)
    await say(session, series, Reminder.SERIES_REFUSED, Audience.RESIDENT, reason=reason)
    return series


async def end(session: AsyncSession, actor: Actor, series_id: UUID, reason: str) -> RecurringOrder:
    """By who asked for it, or a dispatcher: what nobody has promised yet is cancelled, a promise stays."""
    series = await get(session, actor, series_id)
    require_own_or(actor, Permission.ORDERS_CANCEL, series)
    series = await conclude(session, series, reason, RecurringStatus.REQUESTED, RecurringStatus.ACTIVE)
    by_caller = actor.person_id == series.placed_by_id
    await say(
        session,
        series,
        Reminder.SERIES_ENDED,
        Audience.STAFF if by_caller else Audience.RESIDENT,
        reason=reason,
    )
    ahead = visible(Order, actor).where(
        col(Order.recurring_id) == series.id,
        col(Order.status).in_(_UNPROMISED),
        col(Order.window_end) > now(),
    )
    for order in (await session.exec(ahead.order_by(col(Order.id)))).all():
        await _cancel_unless_promised(session, actor, order, reason)
    return series


async def conclude(
    session: AsyncSession, series: RecurringOrder, reason: str, *sources: RecurringStatus
) -> RecurringOrder:
    """No further order is placed."""
    ended = {"status": RecurringStatus.ENDED, "reason": reason[:200], "next_at": None}
    return await change(session, series, ended, *sources)


async def change(
    session: AsyncSession,
    series: RecurringOrder,
    columns: dict[str, Any],
    *sources: RecurringStatus,
    where: ColumnElement[bool] | None = None,
) -> RecurringOrder:
    """Compare-and-set: IllegalMove when the series has left `sources`, or `where` is not true any more."""
    changed = await session.exec(
        update(RecurringOrder)
        .where(
            col(RecurringOrder.id) == series.id,
            col(RecurringOrder.status).in_(sources),
            *([] if where is None else [where]),
        )
        .values(columns)
        .returning(RecurringOrder)
        .execution_options(**_FRESH)
    )
    row: RecurringOrder | None = changed.scalar_one_or_none()
    if row is None:
        raise IllegalMove(f"长期点单现在是“{RECURRING_ZH[series.status]}”，或刚刚被他人处理，请刷新后再试")
    return row


async def forget_caller(session: AsyncSession, person_id: UUID, at: datetime) -> None:
    """Of an account that is closed: nothing more is placed, and nobody reads any more who, where and why."""
    ended = {"status": RecurringStatus.ENDED, "reason": "点单人已注销账号", "next_at": None}
    await session.exec(
        update(RecurringOrder)
        .where(
            col(RecurringOrder.placed_by_id) == person_id,
            col(RecurringOrder.status).in_((RecurringStatus.REQUESTED, RecurringStatus.ACTIVE)),
        )
        .values(ended)
        .execution_options(synchronize_session=False)
    )
    own = visible(RecurringOrder, SYSTEM).where(col(RecurringOrder.placed_by_id) == person_id)
    for series in await session.exec(own.execution_options(populate_existing=True)):
        empty(session, series, at)


def empty(session: AsyncSession, series: RecurringOrder, at: datetime) -> None:
    """What service it was is left, and nothing of who, where and why."""
    series.wanted = {name: series.wanted[name] for name in KEPT_TERMS} | {"detail": ""}
    series.contacts_emptied_at = at
    session.add(series)


def require_own_or(actor: Actor, permission: Permission, series: RecurringOrder) -> None:
    """The series is one's own, or the permission is held at its organisation."""
    own = actor.person_id is not None and actor.person_id == series.placed_by_id
    if not own and role_at(actor, permission, series.org_path) is None:
        raise Forbidden


async def _cancel_unless_promised(session: AsyncSession, actor: Actor, order: Order, reason: str) -> None:
    """A team that accepts in this very moment keeps what it was promised."""
    seen = visible(Order, actor).where(Order.id == order.id).execution_options(populate_existing=True)
    while order.status in _UNPROMISED:
        try:
            await orders.call_off(session, actor, order, reason)
            return
        except IllegalMove:
            order = (await session.exec(seen)).one()


async def _require_team(session: AsyncSession, team_id: UUID | None, org_path: str) -> None:
    if team_id is None:
        return
    found = visible(Team, SYSTEM).where(
        col(Team.id) == team_id, col(Team.active), col(Team.org_path).startswith(center_of(org_path))
    )
    if (await session.exec(found)).first() is None:
        raise PreferredTeamUnknown
