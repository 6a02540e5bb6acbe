"""The figures of a year, on years that can be counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from app.lab.county import County
from app.lab.measures import gini, measured
from app.lab.outcome import End, Outcome


@pytest.mark.parametrize(
    ("load", "value"),
    [
        ([1, 1, 1, 1], 0.0),
        ([0, 0, 0, 0], 0.0),
        ([0, 0, 0, 1], 0.75),
        ([0, 1], 0.5),
        ([1, 2, 3, 4], 0.25),
        ([4, 3, 2, 1], 0.25),
        ([5], 0.0),
    ],
)
def test_gini_of_known_loads(load: list[int], value: float) -> None:
    assert gini(load) == pytest.approx(value)
    assert gini(np.array(load) * 10) == pytest.approx(value)


@pytest.mark.parametrize("load", [[], [-1, 1]])
def test_gini_of_nonsense_is_refused(load: list[int]) -> None:
    with pytest.raises(ValueError, match="load"):
        gini(load)


def test_figures_are_of_all_orders(small: County) -> None:
    outcome = Outcome.blank(small.demand.size, small.teams)
    outcome.end[:] = End.REFUSED
    outcome.end[:26] = End.SERVED
    outcome.asked[:] = 2
    outcome.ever_accepted[:52] = True
    outcome.accepted[:26] = small.demand.placed[:26] + 60 * np.arange(1, 27)
    outcome.metres[:26] = 4000
    outcome.load[0] = 26
    outcome.stars[:26] = 4
    of = measured(small, outcome)
    assert of.served == pytest.approx(26 / 150)
    assert of.accepted == pytest.approx(52 / 150)
    assert of.unserved["refused"] == pytest.approx(124 / 150)
    assert of.served + sum(of.unserved.values()) == pytest.approx(1)
    assert of.wait_median == pytest.approx(13.5)
    assert of.wait_p90 == pytest.approx(np.percentile(np.arange(1, 27), 90))
    assert of.asked_per_service == pytest.approx(300 / 26)
    assert (of.travel_km, of.stars) == (4.0, 4.0)
    assert of.gini == pytest.approx(1 - 1 / small.teams)
    vulnerable = small.demand.vulnerable
    assert of.vulnerable_served == pytest.approx(vulnerable[:26].sum() / vulnerable.sum())


def test_in_time_is_within_the_limits_of_the_place(small: County) -> None:
    everybody = replace(small.demand, vulnerable=np.ones(small.demand.size, np.bool_))
    outcome = Outcome.blank(small.demand.size, small.teams)
    outcome.end[:] = End.SERVED
    outcome.accepted = small.demand.placed + 1
    assert measured(replace(small, demand=everybody), outcome).vulnerable_in_time == 1
    outcome.accepted = small.demand.placed + 49 * 60
    late = measured(replace(small, demand=everybody), outcome)
    assert (late.vulnerable_in_time, late.vulnerable_served) == (0, 1)


def test_a_year_without_a_service_has_no_averages(small: County) -> None:
    outcome = Outcome.blank(small.demand.size, small.teams)
    outcome.end[:] = End.NO_TEAM
    of = measured(small, outcome)
    assert of.served == of.gini == 0
    assert np.isnan([of.wait_median, of.wait_p90, of.travel_km, of.stars]).all()
