"""WeChat looks at what people wrote: claim (a transaction), ask (none), settle (a transaction for each)."""

from datetime import datetime

import anyio

from app.clock import now
from app.errors import AppError
from app.house import House
from app.services import content_asking
from app.services.content_asking import Asked
from app.wechat.port import Suggestion

HANDS = 8
"""Questions that are under way at once; WeChat takes 4,000 a minute."""
BEGIN_SECONDS = 30
"""After that no further question of a batch is begun: a slow WeChat must not outlive the lease."""


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Ask about at most `limit` that are due `at` (aware); how many were looked after."""
    async with house.database.transaction() as session:
        claimed = await content_asking.claim(session, at, limit)
    hands = anyio.CapacityLimiter(HANDS)
    last_begin = anyio.current_time() + BEGIN_SECONDS

    async def look(asked: Asked) -> None:
        async with hands:
            if anyio.current_time() > last_begin:
                return
            said = await _said(house, asked)
            async with house.database.transaction() as session:
                if asked.words is None:
                    await content_asking.leave_to_people(session, asked)
                else:
                    await content_asking.settle(session, asked, said, now())

    async with anyio.create_task_group() as group:
        for asked in claimed:
            group.start_soon(look, asked)
    return len(claimed)


async def _said(house: House, asked: Asked) -> Suggestion | None:
    """None when WeChat does not answer; why stands in the log."""
    if asked.words is None:
        return None
    try:
        return await house.wechat.msg_sec_check(asked.words)
    except AppError:
        return None
