"""`python -m app.planner plan|crew SECONDS`: one plan in a process of its own, from stdin to stdout.

The solver costs memory that the API should not keep, and one of its steps cannot be interrupted: a process
can be killed. Problem and plan travel as npz (`app.domain.planning.packing`).
"""

import sys
from time import monotonic

from app.domain.planning.crew import crew
from app.domain.planning.crew_problem import CrewProblem
from app.domain.planning.packing import pack, unpack
from app.domain.planning.plan import solve
from app.domain.planning.problem import Problem
from app.domain.planning.result import Remaining


def within(seconds: float) -> Remaining:
    """What is left of `seconds`, counted from now."""
    end = monotonic() + seconds
    return lambda: end - monotonic()


def main(what: str, seconds: float) -> None:
    remaining, asked = within(seconds), sys.stdin.buffer.read()
    if what == "crew":
        answer = pack(crew(unpack(asked, CrewProblem), remaining))
    else:
        answer = pack(solve(unpack(asked, Problem), remaining))
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
