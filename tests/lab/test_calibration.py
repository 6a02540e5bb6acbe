"""The one calibrated number is the one that its calibration finds."""

from dataclasses import replace

import pytest

from app.lab.calibration import CLOSE, SERVED, calibrated
from app.lab.county import County
from app.lab.habits import Habits
from app.lab.measures import measured
from app.lab.office import FirstCome
from app.lab.replay import replay
from tests.lab.conftest import DEFAULT_SEED, SEED


def test_the_office_of_the_seeds_serves_what_the_seeds_say(whole: County, habits: Habits) -> None:
    assert pytest.approx(0.715, abs=0.0005) == SERVED
    served = measured(whole, replay(whole, FirstCome(), habits, DEFAULT_SEED)).served
    assert served == pytest.approx(SERVED, abs=2 * CLOSE)


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
