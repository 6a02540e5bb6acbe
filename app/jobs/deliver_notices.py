"""Notices go out to phones: claim (a transaction), send (none), settle (a transaction)."""

import logging
from datetime import datetime
from uuid import UUID

import anyio
from sqlmodel.ext.asyncio.session import AsyncSession

from app import metrics
from app.clock import now
from app.domain.delivery import Channel, Delivery, Outcome
from app.house import House
from app.jobs.claiming import claimed
from app.services import sending, settling
from app.services.sending import Batch, Leased, Ways
from app.services.wording import text_message, wechat_message

log = logging.getLogger(__name__)

HANDS = 20
"""Messages that are under way at once."""
BEGIN_SECONDS = 30
"""After that no further message of a batch is begun: a slow WeChat must not outlive the lease."""
SETTLE_SECONDS = 5
"""What a stopping process still takes to write down what it has sent."""


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Deliver at most `limit` notices due `at` (aware); how many were looked after."""
    ways = ways_of(house)

    async def claim(session: AsyncSession, only: UUID | None) -> Batch:
        return await sending.claim(session, ways, at, limit, only)

    async def aside(session: AsyncSession, notice_id: UUID) -> None:
        await sending.set_aside(session, notice_id, ways, at)

    batch = Batch(at + sending.LEASE)
    for found in await claimed(house.database, claim, sending.due_ids(at), aside):
        batch.join(found)
    if batch.leased:
        await _deliver(house, ways, batch)
    settled, lag = now(), metrics.LAG.labels("notices")
    for due in batch.due:
        lag.observe((settled - due).total_seconds())
    return batch.size


def ways_of(house: House) -> Ways:
    return Ways(house.settings.templates, house.sms is not None, house.settings.send_attempts)


async def _deliver(house: House, ways: Ways, batch: Batch) -> None:
    """Whatever ends this, what is known by then is settled; the lease covers the rest."""
    came: dict[int, Delivery] = {}
    begun: set[int] = set()
    hands = anyio.CapacityLimiter(HANDS)
    last_begin = anyio.current_time() + BEGIN_SECONDS

    async def bring(number: int, leased: Leased) -> None:
        async with hands:
            if anyio.current_time() < last_begin:
                begun.add(number)
                came[number] = await _send(house, ways, leased)

    try:
        async with anyio.create_task_group() as group:
            for number, leased in enumerate(batch.leased):
                group.start_soon(bring, number, leased)
    finally:
        for number, delivery in came.items():
            metrics.SENT.labels(batch.leased[number].channel, delivery.outcome).inc()
        known = [(one, came.get(n)) for n, one in enumerate(batch.leased) if n in came or n not in begun]
        with anyio.move_on_after(SETTLE_SECONDS, shield=True):
            async with house.database.transaction() as session:
                await settling.settle(session, known, ways, batch.until, now())


async def _send(house: House, ways: Ways, leased: Leased) -> Delivery:
    notice = leased.notice
    try:
        if leased.channel is Channel.WECHAT:
            form = ways.forms[notice.template]
            message = wechat_message(notice, form, house.settings.wechat_page, now())
            return await house.wechat.subscribe_send(message)
        if house.sms is not None:
            return await house.sms.send(text_message(notice))
        return Delivery(Outcome.FAILED, "no gateway")
    except (LookupError, ValueError):
        log.exception("notice %s has no words", notice.id)
        return Delivery(Outcome.FAILED, "no words")
    except Exception:
        log.exception("notice %s could not be sent", notice.id)
        return Delivery(Outcome.RETRY, "an error of ours", unsent=False)
