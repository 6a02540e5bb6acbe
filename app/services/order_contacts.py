"""Who and where of one order, held for who may look now: the team from acceptance to close, the desk while
something about the order waits for it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission, Role
from app.errors import Forbidden
from app.models.order import Beneficiary, Order
from app.services import crew, discretion, moves, orders
from app.services.access import Actor
from app.services.revealing import ORDER, ContactsClosed, Held


async def hold(session: AsyncSession, actor: Actor, order_id: UUID) -> Held:
    """Raises NotFound, Forbidden, ContactsClosed."""
    order = await moves.hold(session, await orders.get(session, actor, order_id))
    beneficiary = await discretion.beneficiary_of(session, order)
    own = discretion.is_own(actor, order, beneficiary.relation if beneficiary else None)
    return Held(ORDER, order, None if own else await _role(session, actor, order), _whole(order, beneficiary))


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
