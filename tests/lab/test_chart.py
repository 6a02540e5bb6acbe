"""The chart is SVG that parses, and shows every policy and figure."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from app.domain.matching.score import Weights
from app.lab.board import percent, waiting
from app.lab.chart import PANELS, drawn
from app.lab.comparison import Run, Trial
from app.lab.county import County
from app.lab.habits import Habits
from app.lab.lineup import POLICIES, POLICY_ZH
from app.lab.measures import Measures

SVG = "{http://www.w3.org/2000/svg}"
FIGURES = Measures(
    orders=10,
    served=0.5,
    accepted=0.6,
    wait_median=0.25,
    wait_p90=9.0,
    travel_km=3.0,
    gini=0.4,
    asked_per_service=2.5,
    vulnerable_served=0.5,
    vulnerable_in_time=0.25,
    stars=4.5,
    unserved={"refused": 0.5},
)


@pytest.fixture
def trial(small: County) -> Trial:
    return Trial(small, Habits(), 1, tuple(POLICIES), Weights())


def test_it_shows_every_policy_in_every_panel(trial: Trial) -> None:
    runs = [Run(name, False, replace(FIGURES, served=n / 10)) for n, name in enumerate(POLICIES, 1)]
    root = ElementTree.fromstring(drawn(trial, runs))  # noqa: S314  (our own text)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert root.tag == f"{SVG}svg"
    for name in POLICIES:
        assert texts.count(POLICY_ZH[name]) == len(PANELS)
    assert {panel.title for panel in PANELS} <= set(texts)
    assert {"10.0%", "70.0%", "15分钟"} <= set(texts)
    bars = [float(bar.get("width", "")) for bar in root.iter(f"{SVG}rect")][1 : 1 + len(runs)]
    assert bars == sorted(bars)
    assert bars[0] == pytest.approx(bars[-1] / len(runs), abs=0.1)
    assert all(float(text.get("x", "")) < float(root.get("width", "")) for text in root.iter(f"{SVG}text"))


def test_nothing_to_show_is_still_a_chart(trial: Trial) -> None:
    blank = replace(FIGURES, wait_median=float("nan"), travel_km=float("nan"), served=0.0)
    root = ElementTree.fromstring(drawn(trial, [Run("rank", True, blank)]))  # noqa: S314
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "—" in texts
    assert "四单·逐单排序（新权重）" in texts
    assert "nan" not in drawn(trial, [Run("rank", True, blank)])
    ElementTree.fromstring(drawn(trial, []))  # noqa: S314


@pytest.mark.parametrize(
    ("hours", "text"), [(0.5, "30分钟"), (1.0, "1.0小时"), (26.2, "26.2小时"), (float("nan"), "—")]
)
def test_waiting_is_said_in_minutes_or_hours(hours: float, text: str) -> None:
    assert waiting(hours) == text
    assert percent(0.7151) == "71.5%"
