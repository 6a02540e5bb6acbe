"""The planner as it runs: another process, bytes in and bytes out."""

import subprocess
import sys

import numpy as np
import pytest

from app.domain.planning.crew_problem import CrewPlan
from app.domain.planning.packing import pack, unpack
from app.domain.planning.plan import solve
from app.domain.planning.result import Plan
from app.planner import within
from tests.domain.planning.queues import generated, problem
from tests.domain.planning.test_crew import team

SOLVERS = ("ortools", "pandas")


def planner(what: str, seconds: float, data: bytes) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "app.planner", what, str(seconds)]
    return subprocess.run(command, input=data, capture_output=True, check=False, timeout=60)


def test_a_plan_comes_back_as_it_would_be_here() -> None:
    queue = generated(40, 20, edges=4)
    done = planner("plan", 20, pack(queue))
    assert done.returncode == 0, done.stderr.decode()
    there, here = unpack(done.stdout, Plan), solve(queue)
    assert np.array_equal(there.team, here.team)
    assert np.array_equal(there.start, here.start)
    assert (there.objective, there.bound, there.proven) == (here.objective, here.bound, here.proven)


def test_crews_come_back() -> None:
    done = planner("crew", 20, pack(team()))
    assert done.returncode == 0, done.stderr.decode()
    assert unpack(done.stdout, CrewPlan).crew.sum() == 2


def test_without_time_the_plan_is_partial() -> None:
    assert unpack(planner("plan", 0, pack(problem())).stdout, Plan).partial


def test_nonsense_fails() -> None:
    done = planner("plan", 1, b"nonsense")
    assert done.returncode != 0
    assert b"ValueError" in done.stderr


def test_time_runs() -> None:
    assert 9 < within(10)() <= 10
    assert within(0)() <= 0


@pytest.mark.parametrize("room", ["app.main", "app.worker", "app.services.planning_process"])
def test_the_service_never_loads_the_solver(room: str) -> None:
    probe = f"import sys, {room}; print([name for name in {SOLVERS} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
