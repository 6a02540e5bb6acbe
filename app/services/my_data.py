"""Everything held about me, gathered for me (PIPL Art. 45). Of others there is nothing in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.models.media import Media
from app.models.notification import Notification
from app.models.order import Order
from app.models.person import SignIn
from app.models.recurring import RecurringOrder
from app.models.service import Attendance, CrewMember, Review
from app.models.team import TeamMember
from app.models.volunteer import Volunteer, VolunteerSpecialty
from app.schemas.export import MyData
from app.services.access import Actor
from app.services.actors import person_of
from app.services.inbox import shown
from app.services.me import myself, roles_of
from app.services.my_ledger import entries
from app.services.scope import OWNED, visible

Row = TypeVar("Row", bound=SQLModel)

_BENEFICIARYS = (
    *("detail", "address", "lat", "lon", "contact_name", "contact_phone"),
    *("circumstances", "wish_gender", "wish_language", "wish_must"),
)
"""Columns of an order that, when it was placed for another, tell about that other."""


async def gather(session: AsyncSession, actor: Actor, at: datetime) -> MyData:
    """Every list oldest first."""
    me = person_of(actor)

    async def mine(model: type[Row], owner: Any) -> Sequence[Row]:
        found = visible(model, actor) if model in OWNED else select(model)
        return (await session.exec(found.where(owner == me).order_by(table_of(model).c.id))).all()

    return MyData.model_validate(
        {
            "exported_at": at,
            "profile": await myself(session, actor),
            "roles": await roles_of(session, actor),
            "team_ids": [member.team_id for member in await mine(TeamMember, col(TeamMember.person_id))],
            "volunteer": await _volunteer(session, await mine(Volunteer, col(Volunteer.person_id))),
            "orders": [_order(order) for order in await mine(Order, col(Order.placed_by_id))],
            "recurring_orders": [
                _series(series) for series in await mine(RecurringOrder, col(RecurringOrder.placed_by_id))
            ],
            "reviews": await mine(Review, col(Review.reviewed_by_id)),
            "services": await mine(CrewMember, col(CrewMember.person_id)),
            "attendance": await mine(Attendance, col(Attendance.person_id)),
            "points_entries": (await entries(session, actor))[::-1],
            "notifications": [
                shown(notice) for notice in await mine(Notification, col(Notification.person_id))
            ],
            "pictures": await mine(Media, col(Media.owner_id)),
            "sign_ins": await mine(SignIn, col(SignIn.person_id)),
        }
    )


def _order(order: Order) -> dict[str, Any]:
    on_behalf = order.beneficiary_id is not None
    hidden = dict.fromkeys(_BENEFICIARYS) if on_behalf else {}
    return {**order.model_dump(), "on_behalf": on_behalf, **hidden}


def _series(series: RecurringOrder) -> dict[str, Any]:
    on_behalf = series.wanted.get("beneficiary") is not None
    return {**series.model_dump(), "wanted": None if on_behalf else series.wanted}


async def _volunteer(session: AsyncSession, rows: Sequence[Volunteer]) -> dict[str, Any] | None:
    for volunteer in rows:
        skills = select(VolunteerSpecialty).where(VolunteerSpecialty.volunteer_id == volunteer.id)
        return {**volunteer.model_dump(), "specialties": (await session.exec(skills)).all()}
    return None
