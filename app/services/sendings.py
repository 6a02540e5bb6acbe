"""What became of the notices that left the house, for whoever looks after its channels."""

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.notification import Sending
from app.schemas.sending import SendingFilter
from app.services.access import Actor
from app.services.keyset import newest_first
from app.services.scope import visible


async def listing(session: AsyncSession, actor: Actor, wanted: SendingFilter) -> list[Sending]:
    """Newest first; one more than `limit` when there is a next page."""
    found = visible(Sending, actor)
    if wanted.outcome is not None:
        found = found.where(col(Sending.outcome) == wanted.outcome)
    if wanted.channel is not None:
        found = found.where(col(Sending.channel) == wanted.channel)
    return list(await session.exec(newest_first(found, Sending, wanted)))
