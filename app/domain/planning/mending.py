"""What the flow left over: orders put where there is still room, or where somebody can step aside."""

from typing import Final

import numpy as np

from app.domain.planning.arcs import Mask
from app.domain.planning.prices import Prices
from app.domain.planning.result import NOBODY, Remaining
from app.domain.planning.roster import Roster

DEPTH: Final = 2
"""How many orders may step aside, one for the other, to make room for one."""

REMEMBERED: Final = 5_000


class Mending:
    """Serves more orders on a roster, one at a time; nobody who is served is ever left unserved for it."""

    def __init__(self, roster: Roster, dual: Prices, remaining: Remaining) -> None:
        self.roster, self.arcs, self.remaining = roster, roster.arcs, remaining
        self._gain, self._net = dual.gain, self.arcs.value - dual.price[self.arcs.slot]
        self._begins = np.searchsorted(self.arcs.order, np.arange(roster.problem.orders + 1)).tolist()
        self._choices: dict[int, list[tuple[int, int]]] = {}

    def run(self) -> bool:
        """Tries every order that is left over, most worth first; False if time ran out before the end.

        Somebody is asked to step aside only for an order that the prices say could be served.
        """
        left = np.flatnonzero((self.roster.taken() == NOBODY) & (self._welcome() | (self._gain > 0)))
        for order in left[np.lexsort((left, -self.roster.problem.worth[left]))].tolist():
            if self.remaining() <= 0:
                return False
            if not self.fill(order) and self._gain[order] > 0:
                self.squeeze(order, DEPTH)
        return True

    def _welcome(self) -> Mask:
        """bool[N]: the orders of which some day is not full. A day that is full stays so: whoever leaves it
        makes room for somebody."""
        problem, arcs = self.roster.problem, self.arcs
        held = np.zeros(problem.teams * problem.days, np.int64)
        held[list(self.roster.held)] = [len(group) for group in self.roster.held.values()]
        open_to = held[arcs.slot] < problem.daily_limit[arcs.team]
        welcome = np.zeros(problem.orders, np.bool_)
        welcome[arcs.order[open_to]] = True
        return welcome

    def fill(self, order: int) -> bool:
        """Puts an order where there is room, at the best going price."""
        roster = self.roster
        return any(roster.room(slot) and roster.put(slot, [arc]) for slot, arc in self._ranked(order))

    def squeeze(self, order: int, depth: int) -> bool:
        """Makes room by letting one other order go elsewhere, which may in turn make room; or gives up."""
        roster = self.roster
        for slot, arc in self._ranked(order):
            for other in tuple(roster.held.get(slot, ())):
                if self.remaining() <= 0:
                    return False
                moved = int(self.arcs.order[other])
                before = roster.starts_around(slot)
                roster.drop(other)
                if roster.put(slot, [arc]):
                    if self.fill(moved) or (depth > 1 and self.squeeze(moved, depth - 1)):
                        return True
                    roster.drop(arc)
                roster.restore(other, before.pop(moved))
                roster.starts.update(before)
        return False

    def _ranked(self, order: int) -> list[tuple[int, int]]:
        """(slot, arc) of an order, best at the going prices first."""
        if order not in self._choices:
            if len(self._choices) >= REMEMBERED:
                self._choices.clear()
            begin, end = self._begins[order], self._begins[order + 1]
            arcs = np.argsort(-self._net[begin:end], kind="stable") + begin
            self._choices[order] = list(zip(self.arcs.slot[arcs].tolist(), arcs.tolist(), strict=True))
        return self._choices[order]
