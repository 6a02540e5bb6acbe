"""Late proof: a check-in without signal that reaches us after its order has gone to another team.

It proves that somebody was there in time, so the absence does not stand. It is no stay: the order has moved on, and
no service is invented.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.attendance import DISPROVING, Mark, Stamp, judge_stamp
from app.domain.lifecycle import Action
from app.models.event import OrderEvent
from app.models.failing import Absence
from app.models.order import Order
from app.models.service import Attendance
from app.schemas.service import StampIn
from app.services import absences
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.policies import policy_at
from app.services.scope import visible

WORDS = "补传的签到在约定时间之内"


async def prove(
    session: AsyncSession, person_id: UUID, order_id: UUID, stamp: StampIn, pressed: Stamp
) -> Attendance | None:
    """What the phone is told when `pressed` overturns an absence of its order; None when it proves nothing.

    The answer has the id of the absence and the mark `proof_only`; it is not kept. Uploaded again, it is
    answered so again.
    """
    at = now()
    missed = await _missed(session, order_id, person_id)
    if not missed:
        return None
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == order_id))).one()
    rule = (await policy_at(session, order.org_path)).attendance
    place = (order.lat, order.lon) if order.lat is not None and order.lon is not None else None
    marks = judge_stamp(pressed, place, rule)
    if {Mark.CLOCK_AHEAD, *DISPROVING} & set(marks):
        return None
    for absence in await session.exec(visible(Absence, SYSTEM).where(col(Absence.id).in_(missed))):
        begins = absence.scheduled_start - timedelta(minutes=rule.grace_minutes)
        if begins <= pressed.at <= absence.created_at:
            await absences.overturn(session, absence, at, WORDS)
            return Attendance(
                id=absence.id,
                created_at=at,
                order_id=order.id,
                person_id=person_id,
                client_id=stamp.client_id,
                check_in_at=stamp.at,
                check_in_received_at=at,
                marks=[mark.value for mark in (*marks, Mark.PROOF_ONLY)],
            )
    return None


async def _missed(session: AsyncSession, order_id: UUID, person_id: UUID) -> list[UUID]:
    """The absences of teams on whose crew this person was. It is one statement for whoever asks about whichever
    id, so that an order of others takes no longer than none.
    """
    happened = col(OrderEvent.order_id) == col(Absence.order_id), col(OrderEvent.action) == Action.MISS
    found = visible(Absence, SYSTEM).join(OrderEvent, and_(*happened)).where(Absence.order_id == order_id)
    rows = await columns(session, found, Absence.id, Absence.team_id, OrderEvent.data)
    return [
        absence_id
        for absence_id, team_id, data in rows
        if data.get("team_id") == team_id.hex and person_id.hex in data.get("crew", ())
    ]
