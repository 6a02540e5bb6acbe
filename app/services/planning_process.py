"""A plan of the queue without holding up the service: solved by a child, which is killed when it is late."""

import logging
import sys
from time import monotonic
from typing import Final

import anyio
import anyio.to_thread

from app.domain.planning.greedy import by_hand
from app.domain.planning.packing import pack_problem, unpack_plan
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan

log = logging.getLogger(__name__)

PLANNER: Final = (sys.executable, "-m", "app.planner")
START_SECONDS: Final = 5.0
"""What a child may take to start, to read and to write, on top of the seconds it may spend on the plan."""
BY_HAND_SECONDS: Final = 5.0


async def solved(problem: Problem, seconds: float, planner: tuple[str, ...] = PLANNER) -> Plan:
    """The plan found within about `seconds`; the greedy one, marked as partial, if the child failed or hung."""
    with anyio.move_on_after(seconds + START_SECONDS):
        plan = await _by_child(problem, seconds, planner)
        if plan is not None:
            return plan
    log.warning("the planner gave no plan within %.1f s; planning by hand", seconds)
    end = monotonic() + BY_HAND_SECONDS
    return await anyio.to_thread.run_sync(lambda: by_hand(problem, lambda: end - monotonic(), partial=True))


async def _by_child(problem: Problem, seconds: float, planner: tuple[str, ...]) -> Plan | None:
    asked = await anyio.to_thread.run_sync(pack_problem, problem, seconds)
    try:
        done = await anyio.run_process(planner, input=asked, check=False)
        if done.returncode == 0:
            return await anyio.to_thread.run_sync(unpack_plan, done.stdout)
        log.error("the planner failed: %s", done.stderr.decode(errors="replace")[-2000:])
    except (OSError, ValueError) as error:
        log.error("the planner could not be used: %s", error)
    return None
