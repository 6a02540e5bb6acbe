"""更正: a wrong telephone number or door is put right by whoever ordered, while it matters (PIPL Art. 46)."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import MOVES, Action
from app.models.order import Order
from app.schemas.order import ContactPatch
from app.services import orders
from app.services.access import Actor, require_on
from app.services.moves import move

WHAT = "联系方式或地址"


async def correct(session: AsyncSession, actor: Actor, order_id: UUID, given: ContactPatch) -> Order:
    """The team and the crew are told to look again. Raises NotFound, Forbidden, IllegalMove."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, MOVES[Action.CORRECT].permission, order)
    changes: dict[str, Any] = {}
    if given.contact is not None:
        changes |= {
            "contact_name": given.contact.name,
            "contact_phone": given.contact.phone,
            "contact_hash": given.contact.phone,
        }
    if given.address is not None:
        changes["address"] = given.address
    return await move(session, actor, order, Action.CORRECT, reason=WHAT, changes=changes)
