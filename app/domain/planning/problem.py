"""A queue to be planned: which approved orders could be served by which teams, in numbers only.

Time is counted in half hours from a midnight, the start of the horizon's first day; what is past is not free.
An order takes one group of a team for its whole duration, without a break. `free` says how many groups a team
still has in each half hour; group k is taken to be free where more than k are, which never books one twice. A
group that leaves one place for another needs the time of `travel.gap` in between. Nothing here needs a solver,
so the service may import it.
"""

from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.planning.fitness import UnfitProblem, as_array, require, within

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Counts = NDArray[np.int8]
Integer = TypeVar("Integer", bound=np.signedinteger[Any])

NORMAL: Final = 1_000_000
"""What serving one normal order is worth: a thousand times the best score, so that a plan never leaves an
order unserved to please others, unless a thousand of them each lost everything that a score can say."""

TOP_SCORE: Final = 1000
MOST_WORTH: Final = 100 * NORMAL
MOST_ORDERS: Final = 50_000
MOST_EDGES: Final = 5_000_000
MOST_CELLS: Final = 150_000_000
"""Teams times half hours: what 100,000 teams need for a month."""
MOST_DAYS: Final = 31
FAR_OFF: Final = 2**31


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """N orders, M teams, E edges (order, team that may serve it) in CSR by order, H half hours.

    Fields of orders: `worth` int64[N] of serving it, see `worth()`; `first`, `last` int64[N], the half hours
    of its window, both inside it, which may reach beyond the horizon; `duration` int64[N] half hours;
    `place` float64[N, 2] latitude and longitude, NaN for a service online. Edges: `offsets` int64[N + 1],
    `team` int64[E], `score` int64[E] in 0..1000, the value of this team for this order. Teams: `free`
    int8[M, H] groups left; `daily_limit` int64[M], the most orders that a team starts on one day (volunteers
    tire; a policy); `speed_kmh` float64[M]. Anything that becomes these types without loss will do. Raises
    UnfitProblem.
    """

    worth: Ints
    first: Ints
    last: Ints
    duration: Ints
    place: Floats
    offsets: Ints
    team: Ints
    score: Ints
    free: Counts
    daily_limit: Ints
    speed_kmh: Floats

    def __post_init__(self) -> None:
        if np.size(self.worth) > MOST_ORDERS:
            raise UnfitProblem("plan_too_large", f"{np.size(self.worth)} orders, at most {MOST_ORDERS}")
        if np.size(self.team) > MOST_EDGES:
            raise UnfitProblem("plan_too_large", f"{np.size(self.team)} edges, at most {MOST_EDGES}")
        if np.size(self.free) > MOST_CELLS:
            raise UnfitProblem("plan_too_large", f"{np.size(self.free)} cells, at most {MOST_CELLS}")
        for field in fields(self):
            kind = {"free": np.int8, "place": np.float64, "speed_kmh": np.float64}.get(field.name, np.int64)
            object.__setattr__(self, field.name, as_array(kind, getattr(self, field.name), field.name))
        self._check_shapes()
        self._check_values()

    @property
    def orders(self) -> int:
        return len(self.worth)

    @property
    def teams(self) -> int:
        return len(self.free)

    @property
    def half_hours(self) -> int:
        return int(self.free.shape[1])

    @property
    def days(self) -> int:
        return -(-self.half_hours // DAY_SLOTS)

    @property
    def order_of_edge(self) -> Ints:
        return np.repeat(np.arange(self.orders), np.diff(self.offsets))

    def _check_shapes(self) -> None:
        one_axis = self.worth.ndim == self.team.ndim == 1
        require(one_axis and self.free.ndim == 2, "worth and team have one axis, free has two")
        n, e, m = len(self.worth), len(self.team), len(self.free)
        asked: dict[str, tuple[int, ...]] = {"place": (n, 2), "offsets": (n + 1,), "score": (e,)}
        asked |= dict.fromkeys(("worth", "first", "last", "duration"), (n,))
        asked |= dict.fromkeys(("daily_limit", "speed_kmh"), (m,))
        for name, shape in asked.items():
            require(getattr(self, name).shape == shape, f"{name} must have the shape {shape}")
        require(self.half_hours <= MOST_DAYS * DAY_SLOTS, f"free has at most {MOST_DAYS} days")

    def _check_values(self) -> None:
        edges = (self.offsets[0], self.offsets[-1]) == (0, len(self.team))
        require(edges and bool((np.diff(self.offsets) >= 0).all()), "offsets must ascend from 0 to E")
        within(self.worth, 1, MOST_WORTH, "worth")
        within(self.first, -FAR_OFF, FAR_OFF, "first")
        within(self.last, -FAR_OFF, FAR_OFF, "last")
        within(self.duration, 1, MOST_DAYS * DAY_SLOTS, "duration")
        within(self.team, 0, self.teams - 1, "team")
        within(self.score, 0, TOP_SCORE, "score")
        within(self.free, 0, 127, "free")
        within(self.daily_limit, 0, 2**15 - 1, "daily_limit")
        lost = np.isnan(self.place)
        within(self.place[:, 0][~lost[:, 0]], -90, 90, "latitude")
        within(self.place[:, 1][~lost[:, 1]], -180, 180, "longitude")
        moving = np.isfinite(self.speed_kmh) & (self.speed_kmh > 0)
        require(bool(moving.all()), "speed_kmh must be above 0")


def worth(
    urgency_rank: ArrayLike, vulnerable: ArrayLike, waited_hours: ArrayLike, max_wait_hours: float
) -> Ints:
    """What serving each order is worth, in steps of NORMAL, so that who comes first is never a matter of score.

    A normal order has 1 step, one of a vulnerable person 1 more, one that waited past the guard 2 more, an
    urgent one (rank 1) 4 more, an emergency (rank 2) 8 more. Within its step an order gains up to nine tenths
    of one while it waits twice the guard. So a late order outranks all that are merely normal, vulnerable ones
    too, and waiting alone never reaches urgency. Raises UnfitProblem.
    """
    rank, waited = np.asarray(urgency_rank, np.int64), np.asarray(waited_hours, np.float64)
    within(rank, 0, 2, "urgency_rank")
    require(bool((waited >= 0).all()) and max_wait_hours > 0, "waiting times must not be negative")
    steps = 1 + np.asarray(vulnerable, np.int64) + 2 * (waited > max_wait_hours) + 4 * rank
    patience = np.minimum(waited / max_wait_hours, 2.0) * (0.45 * NORMAL)
    return np.asarray(steps * NORMAL + patience.astype(np.int64), np.int64)
