"""After the storm: the clock goes past every limit, and whatever is due must be done soon."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.policy import Policy
from torture.checks import dues
from torture.history import BEGINNING
from torture.offset import Offset
from torture.processes import Fleet
from torture.snapshot import take
from torture.stage import Stage

STRIDES = (
    timedelta(hours=3),
    timedelta(hours=26),
    timedelta(hours=26),
    timedelta(days=9),
    timedelta(hours=26),
)
"""Past the limits of an order (a day each) and of a rating (seven), as often as an order may climb."""
MORNING = timedelta(0)
"""The last stride, as far as it takes."""
FEW = (timedelta(hours=26), timedelta(days=9))
FORENOON = 10
LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Settled:
    """Whatever was due by `due_by` must be done; `slowest` is the longest wait after a jump, in seconds."""

    due_by: datetime
    slowest: float


async def settle(
    stage: Stage, fleet: Fleet, strides: Sequence[timedelta], jumped: Callable[[], None], seconds: float
) -> Settled:
    """Jump, wait until everything due by then is done (`seconds` at most for each jump), and jump again.

    `jumped` hears of each jump: it is a fault like those before, because it ends the leases of senders. Without any
    `seconds` nothing is waited for, and nothing is due.
    """
    if not seconds:
        return Settled(BEGINNING, 0.0)
    await asyncio.gather(*(child.ready() for child in fleet))
    await stage.house.database.dispose()  # its connections did not survive the restarts
    slowest, due_by = 0.0, stage.offset.now()
    for stride in (*strides, MORNING):
        stage.offset.jump(_till_morning(stage.offset) if stride is MORNING else stride)
        jumped()
        due_by, begun = stage.offset.now(), time.monotonic()
        while time.monotonic() - begun < seconds:
            looked = time.monotonic()
            if not any(dues.check(await take(stage.house.database), due_by)):
                break
            await asyncio.sleep(max(LOOK_SECONDS, time.monotonic() - looked))
        slowest = max(slowest, time.monotonic() - begun)
        if slowest >= seconds:
            break
    return Settled(due_by, slowest)


def _till_morning(offset: Offset) -> timedelta:
    """To a time at which phones may ring."""
    local = offset.now().astimezone(ZoneInfo(Policy().time_zone))
    return local.replace(hour=FORENOON, minute=0, second=0, microsecond=0) + timedelta(days=1) - local
