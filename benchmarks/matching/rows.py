"""The scene as rows that PostgreSQL takes without parsing: COPY's binary format, written by numpy.

A table is a list of columns, each a type of PostgreSQL and an array; all of them have a fixed width, so a
million rows are one structured array.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.formulas import Array

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
ROWS_AT_ONCE = 100_000
KINDS = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "float8": ">f8", "bool": "?", "uuid": "V16"}


@dataclass(frozen=True, eq=False)
class Column:
    """`kind` is a key of KINDS, or `bit(n)` with the packed bits as uint8[N, bytes]."""

    name: str
    kind: str
    values: Array

    def field(self, rows: slice | Array) -> Array:
        """The values of some rows as PostgreSQL sends them."""
        if self.kind.startswith("bit"):
            many = int(self.kind[4:-1])
            head = np.frombuffer(many.to_bytes(4, "big"), np.uint8)
            picked = self.values[rows]
            whole = np.concatenate([np.broadcast_to(head, (len(picked), 4)), picked], axis=1)
            return np.ascontiguousarray(whole).view(f"V{4 + picked.shape[1]}").ravel()
        if self.kind == "uuid":
            return np.ascontiguousarray(self.values[rows]).view("V16").ravel()
        return self.values[rows].astype(KINDS[self.kind])


def copied(columns: list[Column], order: NDArray[np.intp] | None = None) -> Iterator[bytes]:
    """The rows as COPY … WITH (FORMAT binary) expects them, in `order` if it is given."""
    yield SIGNATURE
    many = len(columns[0].values) if order is None else len(order)
    for begin in range(0, many, ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        fields = [column.field(part if order is None else order[part]) for column in columns]
        kind: list[tuple[str, str]] = [("count", ">i2")]
        for number, one in enumerate(fields):
            kind += [(f"w{number}", ">i4"), (f"v{number}", one.dtype.str)]
        rows = np.empty(len(fields[0]), kind)
        rows["count"] = len(columns)
        for number, one in enumerate(fields):
            rows[f"w{number}"], rows[f"v{number}"] = one.dtype.itemsize, one
        yield rows.tobytes()
    yield END


def defined(table: str, columns: Iterable[Column]) -> str:
    """CREATE TABLE with these columns."""
    told = ", ".join(f"{one.name} {one.kind} NOT NULL" for one in columns)
    return f"CREATE TABLE {table} ({told})"
