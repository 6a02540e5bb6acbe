"""A row at which a job fails again and again is left in peace for a while, longer each time, and said to be.

Without it one broken row costs every tick a transaction and a page of log for ever. This is kept in the process
alone: another one, or this one after a restart, tries once and learns it again. Nothing rests on it but the pace.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

FIRST: Final = timedelta(seconds=10)
LONGEST: Final = timedelta(hours=1)
MOST: Final = 1000
"""Rows that are remembered; where more are broken, the oldest are tried again."""


@dataclass(slots=True)
class _Failing:
    times: int
    until: datetime


class Resting:
    """The rows at which this process has failed."""

    def __init__(self) -> None:
        self._rows: dict[UUID, _Failing] = {}

    def rests(self, row_id: UUID, at: datetime) -> bool:
        """Whether the row is to be left alone `at`. A clock that was set back wakes it, too."""
        known = self._rows.get(row_id)
        return known is not None and known.until - LONGEST <= at < known.until

    def failed(self, row_id: UUID, at: datetime) -> int:
        """It failed once more, `at`; how often by now. The first time may be anybody's fault and costs no rest."""
        known = self._rows.pop(row_id, None) or _Failing(0, at)
        known.until = at + min(LONGEST, FIRST * (4 ** min(known.times, 9) // 4))
        known.times += 1
        self._rows[row_id] = known
        if len(self._rows) > MOST:
            del self._rows[next(iter(self._rows))]
        return known.times

    def well(self, row_id: UUID) -> None:
        self._rows.pop(row_id, None)
