"""Other systems hear what happened: claim (a transaction), call (none), settle (a transaction for each)."""

import logging
from datetime import datetime
from uuid import UUID

import anyio
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.errors import Unavailable
from app.house import House
from app.jobs.claiming import claimed
from app.services import webhook_sending
from app.services.webhook_sending import Heard, Round
from app.webhooks.client import NoLine

log = logging.getLogger(__name__)

HANDS = 10
"""Webhooks that are called at once."""
BEGIN_SECONDS = 30
"""After that no further event of a round is begun: a slow system must not outlive the lease."""
SETTLE_SECONDS = 5
"""What a stopping process still takes to write down what was taken."""


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """One round for at most `limit` webhooks that are due `at` (aware); how many."""

    async def claim(session: AsyncSession, only: UUID | None) -> list[Round]:
        return await webhook_sending.claim(session, at, limit, only)

    async def aside(session: AsyncSession, webhook_id: UUID) -> None:
        await webhook_sending.set_aside(session, webhook_id, at)

    found = await claimed(house.database, claim, webhook_sending.due_ids(at), aside)
    rounds = [one for batch in found for one in batch]
    hands = anyio.CapacityLimiter(HANDS)
    async with anyio.create_task_group() as group:
        for one in rounds:
            group.start_soon(_tell, house, one, hands)
    return len(rounds)


async def _tell(house: House, one: Round, hands: anyio.CapacityLimiter) -> None:
    async with hands:
        taken = [one.position]
        error = ""
        try:
            error = await _call(house, one, taken)
        finally:
            with anyio.move_on_after(SETTLE_SECONDS, shield=True):
                await _settle(house, Heard(one, taken[-1], error))


async def _settle(house: House, heard: Heard) -> None:
    """Where it cannot be written down, the lease ends by itself and the other side hears the same again."""
    try:
        async with house.database.transaction() as session:
            await webhook_sending.settle(session, heard, now())
    except Unavailable:
        log.warning("webhook %s: what it took could not be written down", heard.round.id)


async def _call(house: House, one: Round, taken: list[int]) -> str:
    """Tell `one` what it has not heard, noting each position it took; what stopped it, or nothing."""
    last_begin = anyio.current_time() + BEGIN_SECONDS
    if one.events:
        try:
            async with house.hooks.line(one.url) as line:
                for event in one.events:
                    if anyio.current_time() > last_begin:
                        return ""
                    answer = await line.post(*webhook_sending.call_of(event, one.secret, now()))
                    if not answer.taken:
                        return answer.said
                    taken.append(event.position)
        except NoLine as refused:
            return str(refused)
        except Exception:
            log.exception("webhook %s could not be called", one.id)
            return "an error of ours"
    taken.append(one.reach)
    return ""
