import logging
import sys

import numpy as np
import pytest

from app.domain.planning.crew_problem import CrewProblem
from app.domain.planning.packing import pack
from app.domain.planning.plan import solve
from app.services import planning_process
from app.services.planning_process import crewed, solved
from tests.domain.planning.oracle import faults
from tests.domain.planning.queues import generated, problem
from tests.domain.planning.test_crew import team

HANGS = (sys.executable, "-c", "import sys, time; sys.stdin.buffer.read(); time.sleep(600)")
FAILS = (sys.executable, "-c", "raise SystemExit('no solver here')")
HANGS_UP = (sys.executable, "-c", "import os, time; os.close(0); time.sleep(0.2)")
RAVES = (sys.executable, "-c", "print('a plan, surely')")
IS_NOT_THERE = ("/nowhere/at/all",)


async def test_a_plan_is_solved_in_another_process() -> None:
    queue = generated(40, 20, edges=4)
    plan = await solved(queue, 20)
    assert np.array_equal(plan.team, solve(queue).team)
    assert not plan.partial


async def test_crews_are_found_in_another_process() -> None:
    plan = await crewed(team(), 20)
    assert plan.proven
    assert plan.crew.sum() == 2


@pytest.mark.parametrize("planner", [FAILS, HANGS_UP, RAVES, IS_NOT_THERE])
async def test_a_planner_that_fails_is_replaced_by_hand(
    planner: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    queue = generated(2_000, 200, edges=16)  # more than a pipe holds
    with caplog.at_level(logging.ERROR):
        plan = await solved(queue, 20, planner)
    assert plan.partial
    assert plan.served
    assert not faults(queue, plan)
    assert "planner" in caplog.text


async def test_a_planner_that_hangs_is_killed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(planning_process, "START_SECONDS", 0.2)
    plan = await solved(problem(), 0.1, HANGS)
    assert plan.partial
    assert plan.served == 1
    assert "killed" in caplog.text


async def test_crews_by_hand_say_that_they_are_partial() -> None:
    asked: CrewProblem = team()
    plan = await crewed(asked, 20, FAILS)
    assert plan.partial
    assert plan.crew.sum() == 2
    assert pack(plan)
