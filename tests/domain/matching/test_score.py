"""Each factor on known numbers, the direction it moves in, and weights that cannot be weights."""

from dataclasses import fields, replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.matching.features import Ring
from app.domain.matching.score import FACTORS, NAMES, FactorName, Features, Frame, Weights, scores, values

FRAME = Frame(required=1, on_site=True, possible=10, mean_recent=2_000, wishes=2)
PLAIN: dict[str, int] = {
    **dict.fromkeys(NAMES, 0),
    "level_sum": 2,
    "starts": 5,
    "capacity": 2,
    "reliability": 8_000,
    "minutes": 15,
    "metres": 3_461,
}


def told(**changes: Any) -> Features:
    """One team, or as many as the longest of `changes`."""
    size = max((len(one) for one in changes.values() if isinstance(one, list)), default=1)
    return Features(
        *(np.broadcast_to(np.array(changes.get(name, PLAIN[name]), np.int64), size) for name in NAMES)
    )


def value(factor: FactorName, frame: Frame = FRAME, **changes: Any) -> list[float]:
    features = told(**changes)
    return list(np.broadcast_to(FACTORS[factor](features, frame), len(features.ring)).tolist())


def alike(weight: float, scarcity: float) -> Weights:
    """All but the last as much."""
    return Weights(**dict.fromkeys(FactorName, weight) | {"scarcity": scarcity})


@pytest.mark.parametrize(
    ("factor", "changes", "wanted"),
    [
        ("specialty", {"level_sum": 3}, 0.75),
        ("specialty", {"level_sum": 1}, 0.25),
        ("specialty", {"level_sum": 3, "besides": 3, "kin": 3}, 1.0),
        ("specialty", {"level_sum": 3, "besides": 30, "kin": 30}, 1.0),
        ("specialty", {"level_sum": 3, "besides": 3}, 0.85),
        ("specialty", {"level_sum": 3, "besides": 1, "kin": 1}, 0.75 + 0.05 + 0.1 / 3),
        ("location", {"minutes": 0}, 1.0),
        ("location", {"minutes": 15}, 0.5),
        ("location", {"minutes": 45}, 0.25),
        ("availability", {"starts": 10}, 1.0),
        ("availability", {"starts": 1}, 0.1),
        ("load", {"open_work": 0}, 1.0),
        ("load", {"open_work": 2}, 0.5),
        ("load", {"open_work": 6}, 0.25),
        ("load", {"capacity": 0, "open_work": 1}, 0.5),
        ("reliability", {"reliability": 10_000}, 1.0),
        ("reliability", {"reliability": 8_350}, 0.835),
        ("continuity", {"times": 0}, 0.0),
        ("continuity", {"times": 2, "stars": 10}, 1.0),
        ("continuity", {"times": 2, "stars": 6}, 0.6),
        ("affinity", {"ring": Ring.OWN}, 1.0),
        ("affinity", {"ring": Ring.STREET}, 2 / 3),
        ("affinity", {"ring": Ring.CENTER}, 1 / 3),
        ("affinity", {"ring": Ring.LENT}, 0.0),
        ("fairness", {"recent": 0}, 1.0),
        ("fairness", {"recent": 2}, 0.6),
        ("fairness", {"recent": 3}, 0.5),
        ("wish", {"wishes": 1}, 0.5),
        ("wish", {"wishes": 2}, 1.0),
        ("scarcity", {"price": 250}, 0.25),
        ("scarcity", {"price": 1_000}, 1.0),
    ],
)
def test_formulae(factor: str, changes: dict[str, Any], wanted: float) -> None:
    assert value(FactorName(factor), **changes) == pytest.approx([wanted], abs=1e-15)


def test_what_an_order_does_not_ask_for_speaks_for_nobody() -> None:
    nothing = Frame(required=0, on_site=False, possible=0, mean_recent=0, wishes=0)
    for factor in (FactorName.SPECIALTY, FactorName.LOCATION, FactorName.WISH):
        assert value(factor, nothing, minutes=[0, 500], level_sum=[0, 3]) == [1.0, 1.0]


BETTER = {
    "level_sum": [1, 2, 3],
    "besides": [0, 1, 2, 3, 4],
    "kin": [0, 1, 2, 3, 4],
    "starts": [1, 2, 10],
    "capacity": [1, 2, 100, 255],
    "reliability": [0, 1, 9_999, 10_000],
    "wishes": [0, 1, 2],
}
WORSE = {
    "minutes": [0, 1, 15, 16, 500],
    "open_work": [0, 1, 2, 50],
    "ring": [0, 1, 2, 3],
    "recent": [0, 1, 30, 65_535],
    "price": [0, 1, 500, 1_000],
}
SILENT = {"metres", "times", "stars"}
"""Metres count through minutes; times and stars are one fraction."""


@pytest.mark.parametrize("name", NAMES)
def test_every_feature_moves_the_score_one_way(name: str) -> None:
    assert len(BETTER.keys() | WORSE.keys() | SILENT) == len(NAMES)
    if name in SILENT:
        stars = scores(told(times=[2, 2, 2], stars=[2, 6, 10]), FRAME, Weights())
        assert (np.diff(stars) > 0).all()
        return
    wanted = BETTER.get(name) or WORSE[name]
    changes: dict[str, Any] = {name: wanted} | ({"open_work": 3} if name == "capacity" else {})
    steps = np.diff(scores(told(**changes), FRAME, Weights()))
    assert ((steps >= 0) if name in BETTER else (steps <= 0)).all()
    assert steps.any()


FEATURES = st.fixed_dictionaries(
    {
        "level_sum": st.integers(1, 3),
        "besides": st.integers(0, 255),
        "kin": st.integers(0, 255),
        "metres": st.integers(0, 10**6),
        "minutes": st.integers(0, 16_000),
        "starts": st.integers(1, 10),
        "open_work": st.integers(0, 10_000),
        "capacity": st.integers(0, 255),
        "reliability": st.integers(0, 10_000),
        "times": st.integers(0, 50),
        "stars": st.just(0),
        "ring": st.integers(0, 3),
        "recent": st.integers(0, 65_535),
        "wishes": st.integers(0, 2),
        "price": st.integers(0, 1_000),
    }
)
WEIGHTS = st.lists(st.floats(0, 1000), min_size=10, max_size=10).filter(lambda drawn: sum(drawn[:9]) > 1e-9)


@given(FEATURES, st.integers(0, 5), WEIGHTS)
def test_every_factor_and_every_score_keeps_its_bounds(
    features: dict[str, int], stars: int, drawn: list[float]
) -> None:
    features["stars"] = features["times"] * stars
    weights = Weights(*drawn)
    one = told(**features)
    measured = values(one, FRAME)
    assert ((measured >= 0) & (measured <= 1)).all()
    assert -weights.scarcity - 1e-9 <= scores(one, FRAME, weights)[0] <= 1 + 1e-9
    added = 0.0
    for share, part in zip(weights.shares, measured[:, 0].tolist(), strict=True):
        added += part * share
    assert added == scores(one, FRAME, weights)[0], "added in this order, to the last bit"


def test_many_at_once_are_as_each_alone() -> None:
    dice = np.random.default_rng(5)
    columns = {name: dice.integers(0, 4, 500).tolist() for name in NAMES}
    together = scores(told(**columns), FRAME, Weights()).tolist()
    alone = [
        scores(told(**{name: columns[name][n] for name in NAMES}), FRAME, Weights())[0] for n in range(500)
    ]
    assert together == alone


@pytest.mark.parametrize("name", FactorName)
@pytest.mark.parametrize("wrong", [-0.1, -1e-300, 1000.1, 1e9, nan, inf, -inf])
def test_what_cannot_be_a_weight(name: str, wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1000"):
        replace(Weights(), **{name: wrong})


def test_not_all_weights_are_nothing() -> None:
    with pytest.raises(ValueError, match="not all zero"):
        Weights(*[0.0] * 9)
    with pytest.raises(ValueError, match="not all zero"):
        alike(0, 5)
    assert Weights(0, 1, *[0.0] * 8).shares[:3] == (0.0, 1.0, 0.0)


def test_only_proportions_matter() -> None:
    ours = Weights()
    doubled = {name: 2 * getattr(ours, name) for name in FactorName if name != "scarcity"}
    twice = replace(ours, **doubled)
    assert sum(ours.shares[:9]) == pytest.approx(1.0)
    assert twice.shares == ours.shares
    assert twice.version == ours.version
    assert ours.shares[9] == -0.5


def test_a_version_says_which_weights_and_stays_for_ever() -> None:
    """Receipts carry it for years: whoever changes it by accident fails here."""
    assert alike(1, 0.5).version == "10f1-d58d2e5a6c61"
    other = {replace(Weights(), **{name: 0.33}).version for name in FactorName}
    assert len(other | {Weights().version}) == len(FactorName) + 1


def test_factors_are_those_of_their_names() -> None:
    assert list(FACTORS) == list(FactorName)
    assert [one.name for one in fields(Weights)] == list(FactorName)
