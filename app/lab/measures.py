"""What a year under a policy was like, in a few figures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.domain.policy import TimePolicy
from app.lab.county import County
from app.lab.demand import URGENCIES
from app.lab.outcome import End, Outcome


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares are of all orders placed; waiting is hours from placing to the promise that was kept.

    `vulnerable_in_time` is the share of the orders for vulnerable people that were served within their window
    and promised within the time limits that the place sets for dispatch and acceptance. `gini` is of services
    by team: 0 all served alike, 1 one team served all. `unserved` are shares by reason.
    """

    orders: int
    served: float
    accepted: float
    wait_median: float
    wait_p90: float
    travel_km: float
    gini: float
    asked_per_service: float
    vulnerable_served: float
    vulnerable_in_time: float
    stars: float
    unserved: dict[str, float]


def measured(county: County, outcome: Outcome) -> Measures:
    demand, done = county.demand, outcome.end == End.SERVED
    waited = (outcome.accepted - demand.placed)[done] / 60
    limits = [TimePolicy().of(urgency) for urgency in URGENCIES]
    allowed = np.array([limit.dispatch + limit.accept for limit in limits])[demand.urgency]
    in_time = done & (outcome.accepted - demand.placed <= allowed)
    on_site = done & demand.on_site
    vulnerable = max(1, int(demand.vulnerable.sum()))
    return Measures(
        orders=demand.size,
        served=float(done.mean()),
        accepted=float(outcome.ever_accepted.mean()),
        wait_median=float(np.median(waited)) if len(waited) else float("nan"),
        wait_p90=float(np.percentile(waited, 90)) if len(waited) else float("nan"),
        travel_km=float(outcome.metres[on_site].mean() / 1000) if on_site.any() else float("nan"),
        gini=gini(outcome.load),
        asked_per_service=float(outcome.asked.sum() / max(1, done.sum())),
        vulnerable_served=float((done & demand.vulnerable).sum() / vulnerable),
        vulnerable_in_time=float((in_time & demand.vulnerable).sum() / vulnerable),
        stars=float(outcome.stars[done].mean()) if done.any() else float("nan"),
        unserved={
            one.name.lower(): float((outcome.end == one).mean())
            for one in End
            if one not in (End.OPEN, End.SERVED)
        },
    )


def gini(load: ArrayLike) -> float:
    """Half the mean difference between two members, relative to the mean; 0 where nobody has anything.

    Raises ValueError for an empty or a negative load.
    """
    values = np.sort(np.asarray(load, np.float64))
    if not len(values) or values[0] < 0:
        raise ValueError("a load is not negative, and somebody bears it")
    total = values.sum()
    if total == 0:
        return 0.0
    rank = np.arange(1, len(values) + 1)
    return float((2 * (rank * values).sum() / total - len(values) - 1) / len(values))
