"""Who calls while the database is busy is served by its next statement, together with all who wait.

Nobody waits for company: a call that finds nothing under way goes at once, alone. Under load the rows of many
callers share one statement and one commit, which is where most of a short write's cost lies. Each caller is
still told about its own rows only, and one that the database rejects spoils nobody else's. What one process
gathers is no state that another would miss: between processes the database decides, as ever.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from app.errors import Unavailable
from app.insertion import Call, Insertion, Key

MOST = 64
"""Calls that one statement takes."""

APART = "person_id"
"""Two calls of one person go one after the other: what a person may have at most is counted before each."""

Write = Callable[[Insertion, Sequence[Call]], Awaitable[set[Key]]]


class _Waiting:
    """One call, and whoever waits to be told of it; who has hung up is not told."""

    def __init__(self, insertion: Insertion, call: Call) -> None:
        self.insertion, self.call, self.key = insertion, call, insertion.key_of(call)
        self.apart = call.get(APART, self.key)
        self.told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def tell(self, inserted: bool | Exception) -> None:
        if self.told.done():
            return
        if isinstance(inserted, Exception):
            self.told.set_exception(inserted)
        else:
            self.told.set_result(inserted)


class Gathering:
    """The calls of one process that wait to be written by `write`, which gives the inserted keys back."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def insert(self, insertion: Insertion, call: Call) -> bool:
        """True when the rows of `call` were inserted. Raises what the database says about these rows."""
        waiting = _Waiting(insertion, call)
        self._waiting.append(waiting)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await waiting.told

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._write_some(self._next())
        finally:
            self._writing = None

    def _next(self) -> list[_Waiting]:
        """Those that can go together, in the order of their keys, so that no two statements wait in a ring.

        Of two with the same key, or of one person, the second stays: it has to see what became of the first.
        """
        insertion, going, staying = self._waiting[0].insertion, dict[Key, _Waiting](), list[_Waiting]()
        present: set[Any] = set()
        for one in self._waiting:
            fits = one.insertion is insertion and len(going) < MOST
            if fits and one.key not in going and one.apart not in present:
                going[one.key] = one
                present.add(one.apart)
            else:
                staying.append(one)
        self._waiting = staying
        return [going[key] for key in sorted(going)]

    async def _write_some(self, going: list[_Waiting]) -> None:
        try:
            inserted = await self._write(going[0].insertion, [one.call for one in going])
        except Unavailable:
            for one in going:
                one.tell(Unavailable())
        except Exception as error:
            if len(going) == 1:
                going[0].tell(error)
            else:
                for one in going:
                    await self._write_some([one])
        else:
            for one in going:
                one.tell(one.key in inserted)
