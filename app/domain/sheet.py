"""A file for a spreadsheet: nothing in it runs when it is opened, and every line says where it came from.

The first line names the export, who took it, when and what for; each row bears the export's mark and its number.
The marks are plain to see. An invisible one (characters of no width, say) would change names, be lost when they are
typed anew, and give a safety that is none.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Final, NamedTuple

BOM: Final = "\ufeff"
"""By which the office's spreadsheet knows UTF-8."""
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK: Final = "导出标记"
_TAIL: Final = 12
_MARKED: Final = re.compile(rf"(?<![0-9a-f])(?P<ending>[0-9a-f]{{{_TAIL}}})-(?P<number>\d{{6,}})(?!\d)")
_NAMED: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")

Cell = str | int | None


class Mark(NamedTuple):
    """How the export's id ends, and the number of the row; 0 for the whole file."""

    ending: str
    number: int


def defused(cell: Cell) -> str:
    """What a spreadsheet would take for a formula becomes text (OWASP CSV injection)."""
    text = "" if cell is None else str(cell)
    return "'" + text if text.startswith(_RUNS) else text


def mark(export_hex: str, number: int) -> str:
    """`…c0ffee001122-000017`: the end of the export's id and the number of the row in its file."""
    return f"{export_hex[-_TAIL:]}-{number:06d}"


def mark_in(text: str) -> Mark | None:
    """The first mark in a line, or the id of an export in its first line or its file's name."""
    if (found := _MARKED.search(text.lower())) is not None:
        return Mark(found["ending"], int(found["number"]))
    if (found := _NAMED.search(text.lower().replace("-", ""))) is not None:
        return Mark(found[0][-_TAIL:], 0)
    return None


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    out = StringIO()
    csv.writer(out).writerows([defused(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_head(watermark: str, headings: Sequence[str]) -> str:
    return BOM + csv_lines([[watermark], [MARK, *headings]])


def json_lines(rows: Iterable[Mapping[str, Cell]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
