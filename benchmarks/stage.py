"""What the benchmark hands to the servers it compares with: numbers that name rows, and recorded SQL.

Ids are a base and a number, so that SQL, Python and pgbench agree on the n-th of anything without asking.
"""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

RESIDENTS, READERS, LEADERS = 1000, 200, 200
"""People are numbered through: first those who place orders, then those who read them, then those who accept."""

_KINDS = (
    *("person", "sign_in", "team", "order", "offer", "grant", "consent"),
    *(f"fresh{number}" for number in range(8)),
)
_BITS = 48


def base(kind: str) -> int:
    """Where the ids of a kind begin: UUIDv7 of one early instant, one field telling the kinds apart."""
    return 0x0190_0000_0000_7000_8000 << _BITS | (_KINDS.index(kind) + 1) << 64


def identity(kind: str, number: int) -> UUID:
    return UUID(int=base(kind) + number)


def number_of(given: UUID) -> int:
    """The inverse of identity()."""
    return given.int & ((1 << _BITS) - 1)


@dataclass(frozen=True)
class Slot:
    """The id of a kind with the number `first + number % modulus`; `before` and `after` make it a text."""

    kind: str
    first: int = 0
    modulus: int = 0
    text: bool = False
    before: str = ""
    after: str = ""

    def fill(self, number: int) -> UUID | str:
        found = identity(self.kind, self.first + (number % self.modulus if self.modulus else number))
        return f"{self.before}{found.hex}{self.after}" if self.text else found


@dataclass(frozen=True)
class Statement:
    """SQL with `$1 …` and an argument for each: a plain value, a Slot where calls differ, or a list of these."""

    sql: str
    arguments: tuple[Any, ...]

    def filled(self, number: int) -> list[Any]:
        return [_filled(one, number) for one in self.arguments]


def _filled(argument: Any, number: int) -> Any:
    if isinstance(argument, list):
        return [_filled(one, number) for one in argument]
    return argument.fill(number) if isinstance(argument, Slot) else argument


Plan = list[Statement]
"""What one call sends; more than one statement means a transaction around them."""


@dataclass(frozen=True)
class Stage:
    """How to reach the database, what signs the tokens, the rows of one order, and the plan of each route."""

    connection: dict[str, str]
    secret: str
    rows: list[tuple[str, dict[str, Any]]]
    plans: dict[str, Plan]

    def save(self, file: Path) -> None:
        file.write_bytes(pickle.dumps(self))


def load() -> Stage:
    """The stage in the file that BENCH_STAGE names, written by the benchmark that started this process."""
    stage = pickle.loads(Path(os.environ["BENCH_STAGE"]).read_bytes())  # noqa: S301
    assert isinstance(stage, Stage)
    return stage
