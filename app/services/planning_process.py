"""A plan of the queue without holding up the service: solved by a child, which is killed when it is late."""

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from anyio import BrokenResourceError

from app.domain.planning.crew_by_hand import crew_by_hand
from app.domain.planning.crew_problem import CrewPlan, CrewProblem
from app.domain.planning.greedy import by_hand
from app.domain.planning.packing import pack, unpack
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan, Remaining

log = logging.getLogger(__name__)

PLANNER: Final = (sys.executable, "-m", "app.planner")
START_SECONDS: Final = 5.0
"""What a child may take to start, to read and to write, on top of the seconds it may spend on the plan."""
BY_HAND_SECONDS: Final = 5.0

Answer = TypeVar("Answer", Plan, CrewPlan)


async def solved(problem: Problem, seconds: float, planner: tuple[str, ...] = PLANNER) -> Plan:
    """The plan found within about `seconds`; the greedy one, marked as partial, if the child failed or hung."""
    plan = await _by_child((*planner, "plan", str(seconds)), problem, Plan, seconds)
    return plan or await _in_thread(lambda left: by_hand(problem, left, partial=True))


async def crewed(problem: CrewProblem, seconds: float, planner: tuple[str, ...] = PLANNER) -> CrewPlan:
    """The crews of one team's orders, in the same way."""
    plan = await _by_child((*planner, "crew", str(seconds)), problem, CrewPlan, seconds)
    return plan or await _in_thread(lambda left: replace(crew_by_hand(problem, left), partial=True))


async def _by_child(
    command: tuple[str, ...], problem: Problem | CrewProblem, kind: type[Answer], seconds: float
) -> Answer | None:
    """What the child found, or None if it failed or was killed for being late."""
    with anyio.move_on_after(seconds + START_SECONDS):
        asked = await anyio.to_thread.run_sync(pack, problem)
        try:
            done = await anyio.run_process(command, input=asked, check=False)
            if done.returncode == 0:
                return await anyio.to_thread.run_sync(unpack, done.stdout, kind)
            log.error("the planner failed: %s", done.stderr.decode(errors="replace")[-2000:])
        except (OSError, ValueError, ExceptionGroup) as error:
            if isinstance(error, ExceptionGroup) and error.split(BrokenResourceError)[1]:
                raise
            log.error("the planner could not be used: %r", error)
        return None
    log.error("the planner was killed after %.1f s", seconds + START_SECONDS)
    return None


async def _in_thread(plan: Callable[[Remaining], Answer]) -> Answer:
    end = monotonic() + BY_HAND_SECONDS
    return await anyio.to_thread.run_sync(plan, lambda: end - monotonic())
