from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings

from app.domain.planning.fitness import UnfitProblem
from app.domain.planning.packing import pack, unpack
from app.domain.planning.plan import solve
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan
from tests.domain.planning.queues import problem, small


@settings(max_examples=25, deadline=None)
@given(small())
def test_problem_and_plan_come_out_as_they_went_in(queue: Problem) -> None:
    plan = solve(queue)
    for given_in, out in ((queue, unpack(pack(queue), Problem)), (plan, unpack(pack(plan), Plan))):
        for field in fields(given_in):
            here, there = getattr(given_in, field.name), getattr(out, field.name)
            assert type(here) is type(there)
            assert np.array_equal(here, there, equal_nan=field.name == "place")


@pytest.mark.parametrize("data", [b"", b"PK", b"\x93NUMPY", pack(problem())[:300], pack(solve(problem()))])
def test_other_bytes_are_no_problem(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a Problem|pickled|Problem"):
        unpack(data, Problem)


def test_a_problem_is_judged_on_arrival() -> None:
    bad = pack(problem()).replace(np.array([1_000_000]).tobytes(), np.array([0]).tobytes())
    with pytest.raises((UnfitProblem, ValueError)):
        unpack(bad, Problem)
