"""What is asked for and what teams are founded to do: the menu's items as arrays, and how often each is wanted.

The mix is the menu's own (52 items, one share each: the demonstration district's thirty orders are spread over the
categories in the same way), but for mediation, which S4.8 counts: 1,300 disputes among 12,300 accepted orders.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import slots_needed
from app.domain.taxonomy import MenuTemplate, menu_templates, specialties

MEDIATION: Final = ("neighbour_mediation", 1_300 / 12_300)
STORM_SHARE: Final = 0.05
"""Of an ordinary day's items those for storms are wanted a twentieth as often as another."""

STORM_TILT: Final = 30.0
"""In a storm they are wanted so many times as often; with that the storm doubles the day's orders."""

FESTIVE_TILT: Final = 2.0
"""Culture and care before a festival, against everything else."""

FESTIVE: Final = frozenset({"culture_sports", "care"})
STORMY: Final = frozenset({"emergency"})

VULNERABLE: Final = {"care": 0.6, "health": 0.35, "law": 0.2, "education": 0.3, "emergency": 0.4}
OTHERS_VULNERABLE: Final = 0.1
"""Share of orders of each category for 空巢老人, 残疾人, 困境儿童 and other vulnerable people (S3.14, S1.18)."""

TWO_FOR: Final = "care"
"""At home, vulnerable people are visited by two."""


@dataclass(frozen=True, eq=False)
class Deeds:
    """I items, in the order of the menu. `required` are columns of the specialties."""

    items: tuple[MenuTemplate, ...]
    required: tuple[tuple[int, ...], ...]
    needs_proof: tuple[tuple[bool, ...], ...]
    slots: NDArray[np.int64]
    home_visit: NDArray[np.bool_]
    share: NDArray[np.float64]
    festive: NDArray[np.bool_]
    stormy: NDArray[np.bool_]
    vulnerable: NDArray[np.float64]


@cache
def deeds() -> Deeds:
    items = tuple(menu_templates().values())
    columns = {code: number for number, code in enumerate(specialties())}
    stormy = np.array([item.category in STORMY for item in items])
    share = np.where(stormy, STORM_SHARE, 1.0)
    mediation = [item.code for item in items].index(MEDIATION[0])
    share[mediation] = 0
    share[mediation] = share.sum() * MEDIATION[1] / (1 - MEDIATION[1])
    return Deeds(
        items=items,
        required=tuple(tuple(columns[code] for code in item.required_specialties) for item in items),
        needs_proof=tuple(
            tuple(specialties()[code].needs_proof for code in item.required_specialties) for item in items
        ),
        home_visit=np.array([item.category == TWO_FOR for item in items]),
        slots=np.array([slots_needed(item.duration_minutes) for item in items]),
        share=share / share.sum(),
        festive=np.array([item.category in FESTIVE for item in items]),
        stormy=stormy,
        vulnerable=np.array([VULNERABLE.get(item.category, OTHERS_VULNERABLE) for item in items]),
    )
