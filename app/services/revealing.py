"""揭示: who and where, whole, for who has a reason now; whoever placed it reads who looked (PIPL Art. 44).

What they look at is held first (order_contacts.py, recurring_contacts.py), so that it cannot be closed meanwhile,
and of one person's presses in an hour one counts.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
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
from app.models.order import Order
from app.models.recurring import RecurringOrder
from app.schemas.base import Keyset
from app.services import approvals, auditing, discretion, orders, people, recurring_orders
from app.services.access import SYSTEM, Actor, role_at
from app.services.actors import person_of
from app.services.discretion import Placed
from app.services.keyset import newest_first
from app.services.policies import policy_at
from app.services.scope import visible

ONCE_IN = timedelta(hours=1)


class ContactsClosed(IllegalMove):
    """Not yet, or no longer: before a team has accepted, after the order has ended, or when they were emptied."""

    code, title = "contacts_closed", "现在不能查看联系方式：须在接单之后、办结之前"
    title_en = "Contacts are open from acceptance to close"


@dataclass(frozen=True, slots=True)
class Kind:
    """Of what contacts are shown. `get` finds one that its reader may see, or raises NotFound; `name` and
    `act` are what the trail calls it and the look, `told_in` is the column of Reveal that names it.
    """

    name: str
    act: str
    model: type[Placed]
    told_in: str
    get: Callable[[AsyncSession, Actor, UUID], Awaitable[Placed]]


ORDER = Kind("order", "order_reveal", Order, "order_id", orders.get)
SERIES = Kind("recurring", "recurring_order_reveal", RecurringOrder, "recurring_id", recurring_orders.get)


@dataclass(frozen=True, slots=True)
class Held:
    """Contacts that nobody closes or empties now. `role`: as what they are looked at; None: they are one's own.

    `whole` is the shape of schemas.reveal.Whole, with the id of what they belong to.
    """

    kind: Kind
    placed: Placed
    role: Role | None
    whole: dict[str, Any]


async def reveal(
    session: AsyncSession, actor: Actor, held: Held, reason: str, at: datetime
) -> dict[str, Any] | Approval:
    """What is held; or, of a minor without a yes, what now waits for one. Raises AlreadyAsked."""
    if held.role is None:
        return held.whole
    approval = None
    if await _needs_approval(session, held.placed):
        approval = await approvals.granted(session, actor, ApprovalKind.MINOR, held.placed.id, at)
        if approval is None:
            return await _asked(session, actor, held, reason, at)
    await _remember(session, actor, held, held.role, reason, approval, at)
    return held.whole


async def listing(
    session: AsyncSession, actor: Actor, kind: Kind, id_: UUID, wanted: Keyset
) -> list[dict[str, Any]]:
    """Who looked, newest first; one more than `limit` when there is a next page. For the placer and auditors.

    Raises NotFound, Forbidden.
    """
    await _readable(session, actor, kind, id_)
    found = visible(Reveal, actor).where(col(getattr(Reveal, kind.told_in)) == id_)
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


async def _readable(session: AsyncSession, actor: Actor, kind: Kind, id_: UUID) -> None:
    """Of what is another's and of what is not there, as much is asked and as much is told."""
    found = visible(kind.model, SYSTEM).where(col(kind.model.id) == id_)
    row = (await session.exec(found)).one_or_none()
    placed = row is not None and actor.person_id is not None and actor.person_id == row.placed_by_id
    audits = row is not None and role_at(actor, Permission.AUDIT_READ, row.org_path) is not None
    if not placed and not audits:
        await kind.get(session, actor, id_)
        raise Forbidden


async def _needs_approval(session: AsyncSession, placed: Placed) -> bool:
    policy = await policy_at(session, placed.org_path)
    return policy.approvals.minors and await discretion.concerns_minor(session, placed)


async def _asked(session: AsyncSession, actor: Actor, held: Held, reason: str, at: datetime) -> Approval:
    """What this person has asked for already and nobody has decided yet, or asked now."""
    waiting = visible(Approval, SYSTEM).where(
        col(Approval.kind) == ApprovalKind.MINOR,
        col(Approval.subject_id) == held.placed.id,
        col(Approval.asked_by_id) == person_of(actor),
        col(Approval.state) == ApprovalState.ASKED,
        col(Approval.expires_at) > at,
    )
    found = (await session.exec(waiting)).first()
    return found or await approvals.ask(
        session,
        actor,
        ApprovalKind.MINOR,
        org_path=held.placed.org_path,
        subject_id=held.placed.id,
        wanted={held.kind.told_in: str(held.placed.id)},
        reason=reason,
        at=at,
    )


async def _remember(
    session: AsyncSession,
    actor: Actor,
    held: Held,
    role: Role,
    reason: str,
    approval: Approval | None,
    at: datetime,
) -> None:
    kind, placed = held.kind, held.placed
    lately = visible(Reveal, SYSTEM).where(
        col(getattr(Reveal, kind.told_in)) == placed.id,
        col(Reveal.person_id) == person_of(actor),
        col(Reveal.created_at) > at - ONCE_IN,
    )
    if (await session.exec(lately)).first() is not None:
        return
    looked = Reveal(
        created_at=at,
        **{kind.told_in: placed.id},
        person_id=person_of(actor),
        role=role.value,
        approval_id=approval.id if approval else None,
        reason=reason,
    )
    session.add(looked)
    auditing.record(
        session,
        actor,
        kind.act,
        org_path=placed.org_path,
        object_kind=kind.name,
        object_id=placed.id,
        reason=reason,
        data={"role": role.value, "reveal_id": str(looked.id)},
    )
