"""为何是这支队伍: whoever is concerned by a ranking may ask why it came out so (PIPL Art. 24)."""

from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import OfferStatus
from app.domain.matching.reasons import NOBODY, why
from app.domain.roles import Permission
from app.models.offer import Offer
from app.services import orders
from app.services.access import SYSTEM, Actor
from app.services.scope import visible

_STANDS = (OfferStatus.ACCEPTED, OfferStatus.OPEN, OfferStatus.STANDBY)


async def explain(session: AsyncSession, actor: Actor, order_id: UUID) -> str:
    """A team reads why it was asked; all others who see the order, why the team that has it was.

    Raises NotFound.
    """
    order = await orders.get(session, actor, order_id)
    led = actor.teams(Permission.OFFERS_ANSWER)
    standing = visible(Offer, SYSTEM).where(col(Offer.order_id) == order.id)
    own = standing.where(col(Offer.team_id).in_(led), col(Offer.status).in_(_STANDS))
    found = (await session.exec(own)).first()
    if found is None:
        theirs = standing.where(col(Offer.status) == OfferStatus.ACCEPTED)
        found = (await session.exec(theirs)).first()
    return why(found.receipt) if found else NOBODY
