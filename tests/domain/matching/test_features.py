from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import inf, nan

import numpy as np
import pytest

from app.domain.matching.features import NO_DAY, NO_END, day_number
from tests.domain.matching.cases import NEED, Team, tables

TABLE, MOMENT = tables(Team(), Team())
ONE = np.zeros(1)


def test_days_are_counted_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(2026, 3, 2)) == 20_514
    assert NO_DAY < 0 < day_number(date.max) < NO_END


@pytest.mark.parametrize(
    "build",
    [
        lambda: replace(TABLE, lon=ONE),
        lambda: replace(TABLE, active=ONE.astype(np.bool_)),
        lambda: replace(TABLE, capacity=np.zeros((2, 1), np.int16)),
        lambda: replace(TABLE, level=np.zeros((1, 3), np.int8)),
        lambda: replace(TABLE, proof_until=np.zeros((2, 2), np.int32)),
        lambda: replace(TABLE, lat=np.array([28.0, nan])),
        lambda: replace(TABLE, radius_km=np.array([inf, 8.0])),
        lambda: replace(MOMENT, declined=ONE.astype(np.bool_)),
        lambda: replace(MOMENT, in_scope=np.ones(3, np.bool_)),
        lambda: replace(MOMENT, on_duty=np.ones((2, 5), np.bool_)),
        lambda: replace(MOMENT, free=np.zeros(2, np.int16), on_duty=np.zeros(2, np.bool_)),
        lambda: replace(MOMENT, free=np.zeros((1, 6), np.int16), on_duty=np.zeros((1, 6), np.bool_)),
        lambda: replace(NEED, needs_proof=()),
        lambda: replace(NEED, required=(-1,)),
        lambda: replace(NEED, duration_slots=0),
        lambda: replace(NEED, place=(nan, 112.9)),
    ],
)
def test_what_cannot_be_meant_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"column|teams by|not a number|half hour"):
        build()
