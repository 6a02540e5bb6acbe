"""The clock that all processes of a run follow: an offset in a file (app/clock.py), moved by the nemesis."""

import mmap
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.clock import OFFSET


class Offset:
    """`file` is made here; whoever is told its name lives as far ahead as it says."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(OFFSET.pack(0.0))
        self.file = file
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), OFFSET.size)

    @property
    def ahead(self) -> timedelta:
        return timedelta(seconds=OFFSET.unpack_from(self._shared)[0])

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def jump(self, by: timedelta) -> None:
        OFFSET.pack_into(self._shared, 0, (self.ahead + by).total_seconds())

    def close(self) -> None:
        self._shared.close()
