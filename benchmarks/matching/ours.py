"""The service's own ranking: its index and the numbers of `rank`, without sentences.

What changes by the minute comes from memory, or, as in the service, from PostgreSQL for the few that matter.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Need, Rows, Work
from app.domain.matching.index import TeamIndex
from app.domain.matching.rank import top
from app.domain.matching.score import Weights
from benchmarks.matching.scene import Scene

Promised = Callable[[NDArray[np.integer], Need], Work]
"""The work of some teams, by their rows in the scene, in the window of an order."""


class Ours:
    """A TeamIndex of the scene; it keeps its teams in another order."""

    def __init__(self, scene: Scene, promised: Promised | None = None) -> None:
        self.scene, self.promised, self.weights = scene, promised or scene.promises.of, Weights()
        begun = perf_counter()
        self.index = TeamIndex.build(scene.teams, scene.terrain.tree, scene.parents)
        self.build_seconds = perf_counter() - begun
        self.nbytes = self.index.nbytes
        ids = scene.teams.ids.view("S16").ravel()
        self.team_of = np.argsort(ids, kind="stable")[
            np.argsort(np.argsort(self.index.ids.view("S16").ravel()))
        ]
        self.needs = {id(order): self._translated(order) for order in scene.orders}

    def top(self, need: Need, limit: int) -> list[int]:
        """The best teams by their row in the scene, best first."""

        def standing(rows: Rows) -> Work:
            return self.promised(self.team_of[rows], need)

        found = top(self.index, self.needs[id(need)], standing, self.weights, limit)
        return [int(team) for team in self.team_of[found.rows]]

    def _translated(self, need: Need) -> Need:
        """The order as a router has it: teams by their row in the index."""
        return replace(
            need,
            declined=frozenset(map(self._row, need.declined)),
            blocked=frozenset(map(self._row, need.blocked)),
            served={self._row(team): told for team, told in need.served.items()},
        )

    def _row(self, team: int) -> int:
        row = self.index.row_of(UUID(bytes=self.scene.teams.ids[team].tobytes()))
        assert row is not None
        return row
