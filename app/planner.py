"""`python -m app.planner`: one plan in a process of its own, problem on stdin, plan on stdout.

The solver costs memory that the API should not keep, and one of its steps cannot be interrupted: a process
can be killed.
"""

import sys
from time import monotonic

from app.domain.planning.packing import pack_plan, unpack_problem
from app.domain.planning.plan import solve
from app.domain.planning.result import Remaining


def within(seconds: float) -> Remaining:
    """What is left of `seconds`, counted from now."""
    end = monotonic() + seconds
    return lambda: end - monotonic()


def main() -> None:
    problem, seconds = unpack_problem(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pack_plan(solve(problem, within(seconds))))


if __name__ == "__main__":
    main()
