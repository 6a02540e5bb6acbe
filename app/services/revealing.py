"""揭示: who and where, whole, for who has a reason now; whoever placed the order reads who looked (PIPL Art. 44).

The order is held first, so that it cannot be closed meanwhile, and of one person's presses in an hour one counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.discretion import LOOKED_ZH
from app.domain.roles import Permission, Role
from app.errors import Forbidden, IllegalMove
from app.models.approval import Approval, ApprovalKind, ApprovalState
from app.models.audit import Reveal
from app.models.order import Beneficiary, Order
from app.schemas.base import Keyset
from app.services import approvals, auditing, crew, discretion, orders, people
from app.services.access import SYSTEM, Actor, role_at
from app.services.actors import person_of
from app.services.keyset import newest_first
from app.services.moves import hold
from app.services.policies import policy_at
from app.services.scope import visible

ONCE_IN = timedelta(hours=1)
ACT = "order_reveal"


class ContactsClosed(IllegalMove):
    """Not yet, or no longer: before a team has accepted, after the order has ended, or when they were emptied."""

    code, title = "contacts_closed", "现在不能查看联系方式：须在接单之后、办结之前"
    title_en = "Contacts are open from acceptance to close"


async def reveal(
    session: AsyncSession, actor: Actor, order_id: UUID, reason: str, at: datetime
) -> dict[str, Any] | Approval:
    """The shape of schemas.reveal.RevealedOut; or, of a minor without a yes, what now waits for one.

    Raises NotFound, Forbidden, ContactsClosed, AlreadyAsked.
    """
    order = await hold(session, await orders.get(session, actor, order_id))
    beneficiary = await discretion.beneficiary_of(session, order)
    if discretion.is_own(actor, order, beneficiary):
        return _whole(order, beneficiary)
    role = await _role(session, actor, order)
    approval = None
    if await _needs_approval(session, order):
        approval = await approvals.granted(session, actor, ApprovalKind.MINOR, order.id, at)
        if approval is None:
            return await _asked(session, actor, order, reason, at)
    await _remember(session, actor, order, role, reason, approval, at)
    return _whole(order, beneficiary)


async def listing(
    session: AsyncSession, actor: Actor, order_id: UUID, wanted: Keyset
) -> list[dict[str, Any]]:
    """Who looked, newest first; one more than `limit` when there is a next page. For the placer and auditors.

    Raises NotFound, Forbidden.
    """
    await _readable(session, actor, order_id)
    found = visible(Reveal, actor).where(col(Reveal.order_id) == order_id)
    rows = (await session.exec(newest_first(found, Reveal, wanted))).all()
    known = await people.by_id(session, [row.person_id for row in rows])
    return [
        {
            **row.model_dump(include={"id", "created_at", "role", "reason"}),
            "role_text": LOOKED_ZH.get(Role(row.role), "工作人员"),
            "name": known[row.person_id].name,
            "approved": row.approval_id is not None,
        }
        for row in rows
    ]


async def _readable(session: AsyncSession, actor: Actor, order_id: UUID) -> None:
    """Of an order that is another's and of one that is none, as much is asked and as much is told."""
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == order_id))).one_or_none()
    placed = order is not None and actor.person_id is not None and actor.person_id == order.placed_by_id
    audits = order is not None and role_at(actor, Permission.AUDIT_READ, order.org_path) is not None
    if not placed and not audits:
        await orders.get(session, actor, order_id)
        raise Forbidden


async def _role(session: AsyncSession, actor: Actor, order: Order) -> Role:
    """As what they may look now. Raises Forbidden for who never may, ContactsClosed for who may not now."""
    serving = await crew.serves(session, order, actor.person_id)
    team = discretion.team_role(actor, order, crew=serving)
    staff = discretion.staff_role(actor, order)
    if team is None and staff is None:
        if actor.teams(Permission.OFFERS_ANSWER):
            raise ContactsClosed
        raise Forbidden
    if order.contacts_emptied_at is None:
        if team is not None and order.status in discretion.SERVING:
            return team
        if staff is not None and await discretion.waits_for_staff(session, order):
            return staff
    raise ContactsClosed


async def _needs_approval(session: AsyncSession, order: Order) -> bool:
    policy = await policy_at(session, order.org_path)
    return policy.approvals.minors and await discretion.concerns_minor(session, order)


async def _asked(session: AsyncSession, actor: Actor, order: Order, reason: str, at: datetime) -> Approval:
    """What this person has asked for already and nobody has decided yet, or asked now."""
    waiting = visible(Approval, SYSTEM).where(
        col(Approval.kind) == ApprovalKind.MINOR,
        col(Approval.subject_id) == order.id,
        col(Approval.asked_by_id) == person_of(actor),
        col(Approval.state) == ApprovalState.ASKED,
        col(Approval.expires_at) > at,
    )
    found = (await session.exec(waiting)).first()
    return found or await approvals.ask(
        session,
        actor,
        ApprovalKind.MINOR,
        org_path=order.org_path,
        subject_id=order.id,
        wanted={"order_id": str(order.id)},
        reason=reason,
        at=at,
    )


async def _remember(
    session: AsyncSession,
    actor: Actor,
    order: Order,
    role: Role,
    reason: str,
    approval: Approval | None,
    at: datetime,
) -> None:
    lately = visible(Reveal, SYSTEM).where(
        col(Reveal.order_id) == order.id,
        col(Reveal.person_id) == person_of(actor),
        col(Reveal.created_at) > at - ONCE_IN,
    )
    if (await session.exec(lately)).first() is not None:
        return
    looked = Reveal(
        created_at=at,
        order_id=order.id,
        person_id=person_of(actor),
        role=role.value,
        approval_id=approval.id if approval else None,
        reason=reason,
    )
    session.add(looked)
    auditing.record(
        session,
        actor,
        ACT,
        org_path=order.org_path,
        object_kind="order",
        object_id=order.id,
        reason=reason,
        data={"role": role.value, "reveal_id": str(looked.id)},
    )


def _whole(order: Order, beneficiary: Beneficiary | None) -> dict[str, Any]:
    on_site: Sequence[float] | None = None
    if order.lat is not None and order.lon is not None:
        on_site = (order.lat, order.lon)
    return {
        "order_id": order.id,
        "contact": {"name": order.contact_name, "phone": order.contact_phone},
        "address": order.address,
        "location": on_site and {"lat": on_site[0], "lon": on_site[1]},
        "beneficiary": beneficiary,
        "circumstances": order.circumstances,
    }
