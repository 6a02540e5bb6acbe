"""What other tools do: ask at once, day and night; the nearest, anybody, or everybody (抢单)."""

from abc import ABC, abstractmethod

import numpy as np

from app.domain.matching.screen import Able
from app.lab.desk import Desk


class _OneByOne(ABC):
    """Ask one, wait for the answer or the time limit, ask the next."""

    name = ""

    def begin(self, desk: Desk, rng: np.random.Generator) -> None:
        self._rng = rng

    def placed(self, desk: Desk, order: int) -> None:
        found = desk.able(order)
        if found is not None and len(found.rows):
            desk.ask(order, self.pick(found))

    def returned(self, desk: Desk, order: int) -> None:
        self.placed(desk, order)

    def woken(self, desk: Desk, token: int) -> None:
        """It never asks to be woken."""
        return

    @abstractmethod
    def pick(self, found: Able) -> int:
        """The row to ask next."""


class Nearest(_OneByOne):
    name = "nearest"

    def pick(self, found: Able) -> int:
        return int(found.rows[found.metres.argmin()])


class Random(_OneByOne):
    name = "random"

    def pick(self, found: Able) -> int:
        return int(found.rows[self._rng.integers(len(found.rows))])


class Broadcast:
    """抢单: everybody able hears of it at once, and may take it until the last moment. First come, first served."""

    name = "broadcast"

    def begin(self, desk: Desk, rng: np.random.Generator) -> None: ...

    def placed(self, desk: Desk, order: int) -> None:
        found = desk.able(order)
        for row in [] if found is None else found.rows.tolist():
            desk.ask(order, row, until=desk.now + desk.left(order))

    def returned(self, desk: Desk, order: int) -> None:
        """Who was told that it was gone hears of it again when it comes back; else nobody is left to ask."""
        if not desk.pending(order):
            self.placed(desk, order)

    def woken(self, desk: Desk, token: int) -> None: ...
