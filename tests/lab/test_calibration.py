"""The one calibrated number is the one that its calibration finds."""

from dataclasses import replace

import pytest

from app.lab.calibration import CLOSE, SERVED, calibrated
from app.lab.county import County, generate
from app.lab.habits import Habits
from app.lab.measures import measured
from app.lab.office import FirstCome
from app.lab.replay import replay
from tests.lab.conftest import DEFAULT_SEED, SEED
from tests.patience import THOROUGH


def test_the_office_of_the_seeds_serves_what_the_seeds_say(whole: County, habits: Habits) -> None:
    """A quarter of the year at the same pace, within three standard errors; in the long run the whole year."""
    assert pytest.approx(0.715, abs=0.0005) == SERVED
    quarter = generate(DEFAULT_SEED, orders=whole.demand.size // 4, days=whole.days // 4)
    county, near = (whole, 2 * CLOSE) if THOROUGH else (quarter, 10 * CLOSE)
    served = measured(county, replay(county, FirstCome(), habits, DEFAULT_SEED)).served
    assert served == pytest.approx(SERVED, abs=near)


def test_a_lower_share_is_met_by_less_willing_people(small: County, habits: Habits) -> None:
    heard: list[tuple[float, float]] = []
    willing, served = calibrated(small, habits, SEED, 0.4, tell=lambda *one: heard.append(one))
    assert served == pytest.approx(0.4, abs=10 * CLOSE)
    assert willing < habits.willing
    assert (willing, served) in heard
    again = measured(small, replay(small, FirstCome(), replace(habits, willing=willing), SEED)).served
    assert again == served


def test_what_nobody_could_serve_is_refused(small: County, habits: Habits) -> None:
    with pytest.raises(ValueError, match="willingness"):
        calibrated(small, habits, SEED, 0.999)
