"""One province as every system under test is given it: the same teams, promises and orders from one seed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.matching.columns import TeamColumns
from app.domain.matching.features import Need
from benchmarks.matching import orders, promises, teams, terrain
from benchmarks.matching.promises import Promises
from benchmarks.matching.terrain import Terrain


@dataclass(frozen=True, eq=False)
class Scene:
    """Teams are named by their row in `teams`; `parents` gives the group of each specialty."""

    terrain: Terrain
    teams: TeamColumns
    promises: Promises
    orders: list[Need]
    parents: tuple[int, ...]

    @property
    def size(self) -> int:
        return self.teams.size

    @cached_property
    def mean_recent(self) -> int:
        """Services of the last 30 days of an active team, in thousandths, rounded down."""
        active = self.teams.active
        return 1000 * int(self.teams.recent[active].sum()) // int(active.sum())

    @cached_property
    def halves(self) -> np.ndarray:
        """Ids as two big-endian numbers, uint64[N, 2]: in their order ties are broken."""
        return np.ascontiguousarray(self.teams.ids).view(">u8").astype(np.uint64)


def scene(size: int, many: int, seed: int = 20261122) -> Scene:
    """`size` teams and `many` orders."""
    random = np.random.default_rng([seed, size])
    ground = terrain.terrain(random, size)
    popular = teams.popularity(random)
    columns = teams.teams(random, ground, size, popular)
    return Scene(
        terrain=ground,
        teams=columns,
        promises=promises.promises(random, size),
        orders=orders.orders(random, ground, columns, popular, many),
        parents=teams.parents(),
    )
