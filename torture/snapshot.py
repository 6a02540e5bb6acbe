"""Everything the checker looks at, read in one instant after the storm."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.domain.roles import Role
from app.models.audit import Reveal
from app.models.event import OrderEvent
from app.models.failing import Absence
from app.models.notification import Notification, Sending
from app.models.offer import Offer
from app.models.order import Order
from app.models.person import Person, RoleGrant
from app.models.points import PointsAccount, PointsEntry, PointsTransfer
from app.models.service import Attendance, Review


@dataclass(frozen=True, slots=True)
class Credit:
    """Points that one person got by one transfer."""

    order_id: UUID | None
    person_id: UUID
    amount: int


@dataclass
class Snapshot:
    """Rows by the order they belong to; `leaders` by team, `openids` by person."""

    orders: dict[UUID, Order] = field(default_factory=dict)
    events: Mapping[UUID, list[OrderEvent]] = field(default_factory=dict)
    offers: Mapping[UUID, list[Offer]] = field(default_factory=dict)
    notices: Mapping[UUID | None, list[Notification]] = field(default_factory=dict)
    """None: those of no order, such as a digest."""
    sendings: Mapping[UUID, list[Sending]] = field(default_factory=dict)
    """By notification."""
    stays: Mapping[UUID, list[Attendance]] = field(default_factory=dict)
    reviews: Mapping[UUID, list[Review]] = field(default_factory=dict)
    credits: Mapping[UUID | None, list[Credit]] = field(default_factory=dict)
    looks: Mapping[UUID | None, list[Reveal]] = field(default_factory=dict)
    """Who had the contacts shown."""
    overturned: frozenset[UUID] = frozenset()
    """Orders with an absence that does not count any more."""
    leaders: Mapping[UUID, list[UUID]] = field(default_factory=dict)
    openids: dict[UUID, str] = field(default_factory=dict)


async def take(database: Database) -> Snapshot:
    """Raises Unavailable."""
    async with database.transaction() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        orders = await _all(session, Order)
        people = await _all(session, Person)
        return Snapshot(
            orders={order.id: order for order in orders},
            events=_by("order_id", sorted(await _all(session, OrderEvent), key=lambda event: event.seq)),
            offers=_by("order_id", await _all(session, Offer)),
            notices=_by("order_id", await _all(session, Notification)),
            sendings=_by("notification_id", await _all(session, Sending)),
            stays=_by("order_id", await _all(session, Attendance)),
            reviews=_by("order_id", await _all(session, Review)),
            credits=_by("order_id", await _credits(session)),
            looks=_by("order_id", await _all(session, Reveal)),
            overturned=frozenset(one.order_id for one in await _all(session, Absence) if one.overturned),
            leaders=await _leaders(session),
            openids={person.id: person.wechat_openid for person in people if person.wechat_openid},
        )


async def _all(session: AsyncSession, model: type[SQLModel]) -> list[Any]:
    return list(await session.exec(select(model)))


def _by(name: str, rows: list[Any]) -> Mapping[Any, list[Any]]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[getattr(row, name)].append(row)
    return grouped


async def _credits(session: AsyncSession) -> list[Credit]:
    found = await session.exec(
        select(PointsTransfer.order_id, PointsAccount.person_id, PointsEntry.amount)
        .join(PointsEntry, col(PointsEntry.transfer_id) == PointsTransfer.id)
        .join(PointsAccount, col(PointsAccount.id) == PointsEntry.account_id)
        .where(col(PointsAccount.person_id).is_not(None))
    )
    return [Credit(order_id, person_id, amount) for order_id, person_id, amount in found if person_id]


async def _leaders(session: AsyncSession) -> Mapping[UUID, list[UUID]]:
    found = await session.exec(
        select(RoleGrant.team_id, RoleGrant.person_id).where(RoleGrant.role == Role.TEAM_LEADER)
    )
    grouped: dict[UUID, list[UUID]] = defaultdict(list)
    for team_id, person_id in found:
        if team_id is not None:
            grouped[team_id].append(person_id)
    return grouped
