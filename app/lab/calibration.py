"""How willing the county's people are: found, not assumed, by letting the manual office serve what 慈利 served.

Served orders grow with willingness and nothing else moves, so halving the interval finds it.
"""

from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Final

from app.lab.county import County
from app.lab.desk import Policy
from app.lab.habits import Habits
from app.lab.measures import measured
from app.lab.office import FirstCome
from app.lab.replay import replay

SERVED: Final = 12_300 / 17_200
"""点单 17,200, 接单 12,300 (S4.8): 71.5 %."""

RANGE: Final = (0.2, 1000.0)
CLOSE: Final = 0.002
STEPS: Final = 16


def calibrated(
    county: County,
    habits: Habits,
    seed: int,
    target: float = SERVED,
    office: Callable[[], Policy] = FirstCome,
    tell: Callable[[float, float], None] = lambda willing, served: None,
) -> tuple[float, float]:
    """The odds `willing` at which the office serves the share `target` of this county, and the share it serves.

    The nearest that 16 replays find: in a small county one order is more than CLOSE. Raises ValueError when no
    willingness in RANGE would do.
    """
    low, high = RANGE
    best: tuple[float, float] | None = None
    for _ in range(STEPS):
        willing = sqrt(low * high)
        served = measured(county, replay(county, office(), replace(habits, willing=willing), seed)).served
        tell(willing, served)
        if best is None or abs(served - target) < abs(best[1] - target):
            best = willing, served
        if abs(served - target) <= CLOSE:
            break
        low, high = (willing, high) if served < target else (low, willing)
    if best is None or abs(best[1] - target) > 10 * CLOSE:
        raise ValueError(f"no willingness between {RANGE[0]} and {RANGE[1]} serves {target:.1%}")
    return best
