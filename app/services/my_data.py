"""Everything held about me, gathered for me (PIPL Art. 45). Of others there is nothing in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.models.approval import Approval
from app.models.audit import Reveal
from app.models.base import new_id
from app.models.consent import DataConsent
from app.models.content import ContentCheck
from app.models.failing import Complaint
from app.models.media import Media
from app.models.notification import Notification
from app.models.order import Order
from app.models.person import SignIn
from app.models.recurring import RecurringOrder
from app.models.service import Attendance, CrewMember, Review
from app.models.team import TeamMember
from app.models.volunteer import Volunteer, VolunteerSpecialty
from app.schemas.export import MyData
from app.services import auditing
from app.services.access import SYSTEM, Actor
from app.services.actors import person_of
from app.services.inbox import shown
from app.services.me import myself, roles_of
from app.services.my_ledger import entries
from app.services.scope import OWNED, visible

ACT = "my_data_export"
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

    export_id = new_id()
    auditing.record(session, actor, ACT, object_kind="export", object_id=export_id, data={"of": str(me)})
    return MyData.model_validate(
        {
            "export_id": export_id,
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
            "consents": await mine(DataConsent, col(DataConsent.person_id)),
            "complaints": await mine(Complaint, col(Complaint.made_by_id)),
            "reveals": await _reveals(session, actor),
            "approvals": await mine(Approval, col(Approval.asked_by_id)),
            "content_checks": await _content_checks(session, me),
        }
    )


async def _reveals(session: AsyncSession, actor: Actor) -> Sequence[Reveal]:
    """Those of what I placed; what an auditor may read besides is not about them."""
    mine = [
        col(held).in_(
            visible(model, actor)
            .where(col(model.placed_by_id) == actor.person_id)
            .with_only_columns(col(model.id))
        )
        for model, held in ((Order, Reveal.order_id), (RecurringOrder, Reveal.recurring_id))
    ]
    return (await session.exec(visible(Reveal, actor).where(or_(*mine)).order_by(col(Reveal.id)))).all()


async def _content_checks(session: AsyncSession, me: UUID) -> Sequence[ContentCheck]:
    """Of what I wrote: they belong to those who look, and tell about me all the same."""
    found = visible(ContentCheck, SYSTEM).where(col(ContentCheck.person_id) == me)
    return (await session.exec(found.order_by(col(ContentCheck.id)))).all()


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
