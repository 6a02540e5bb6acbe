from dataclasses import replace
from math import isfinite
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.matching.features import Exclusion
from app.domain.matching.rank import Ranking, rank
from app.domain.matching.score import FactorName, Weights
from tests.domain.matching.cases import NAMES, NEED, Team, lit, random_case, tables
from tests.domain.matching.oracle import brute_force

DEFAULT = Weights()
SEEDS = st.integers(0, 2**32 - 1)
WEIGHTS = (
    st.tuples(*[st.sampled_from([0.0, 0.15, 0.2, 0.35, 1.0, 1e9])] * 4)
    .filter(any)
    .map(lambda weights: Weights(*weights))
)


def ranked(*teams: Team, limit: int = 10) -> Ranking:
    table, moment = tables(*teams)
    return rank(table, NEED, moment, DEFAULT, limit, NAMES)


@settings(max_examples=2000, deadline=None)
@given(SEEDS, WEIGHTS, st.integers(0, 12))
def test_equals_brute_force(seed: int, weights: Weights, limit: int) -> None:
    table, need, moment = random_case(seed)
    expected, excluded = brute_force(table, need, moment, weights, limit)
    found = rank(table, need, moment, weights, limit, NAMES[: table.level.shape[1]])
    assert [item.index for item in found.items] == [row[0] for row in expected]
    assert {reason: list(rows) for reason, rows in found.excluded.items()} == excluded
    for item, (_, score, earliest, values) in zip(found.items, expected, strict=True):
        assert item.score == pytest.approx(score, abs=1e-12)
        assert item.earliest_start == earliest
        assert [factor.value for factor in item.factors] == pytest.approx(values, abs=1e-12)


@settings(max_examples=150, deadline=None)
@given(SEEDS, WEIGHTS)
def test_a_score_is_the_sum_of_what_is_said(seed: int, weights: Weights) -> None:
    table, need, moment = random_case(seed)
    for item in rank(table, need, moment, weights, 40, NAMES[: table.level.shape[1]]).items:
        assert item.score == pytest.approx(sum(factor.contribution for factor in item.factors), abs=1e-9)
        assert 0 <= item.score <= 1 + 1e-9
        assert tuple(factor.name for factor in item.factors) == tuple(FactorName)
        for factor in item.factors:
            assert 0 <= factor.value <= 1
            assert isfinite(factor.contribution)
            assert factor.contribution == factor.value * factor.weight
            assert factor.reason


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.integers(0, 8))
def test_every_team_has_one_verdict_and_a_limit_only_cuts(seed: int, limit: int) -> None:
    table, need, moment = random_case(seed)
    names = NAMES[: table.level.shape[1]]
    whole = rank(table, need, moment, DEFAULT, table.size, names)
    told = [item.index for item in whole.items] + [row for rows in whole.excluded.values() for row in rows]
    assert sorted(told) == list(range(table.size))
    assert whole.considered == table.size
    for index in range(table.size):
        reason = whole.why_not(index)
        assert index in (whole.excluded[reason] if reason else [item.index for item in whole.items])
    assert rank(table, need, moment, DEFAULT, limit, names).items == whole.items[:limit]


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_a_team_is_judged_alone(seed: int, random: Random) -> None:
    """Nothing said about a team depends on which others stand beside it, or where."""
    table, need, moment = random_case(seed)
    names = NAMES[: table.level.shape[1]]
    rows = list(range(table.size))
    random.shuffle(rows)
    few = rows[: len(rows) // 2]
    whole = {item.index: item for item in rank(table, need, moment, DEFAULT, table.size, names).items}
    some, now = lit(table, moment, few)
    part = rank(some, need, now, DEFAULT, table.size, names)
    assert {few[item.index]: replace(item, index=few[item.index]) for item in part.items} == {
        index: whole[index] for index in few if index in whole
    }


def test_equal_scores_go_by_row_even_across_the_limit() -> None:
    better, same = Team(km=0.5), Team(km=2)
    found = ranked(same, same, better, same, same, limit=3)
    assert [item.index for item in found.items] == [2, 0, 1]


def test_no_team_no_answer_no_error() -> None:
    found = ranked()
    assert (found.items, dict(found.excluded), found.considered) == ((), {}, 0)


@pytest.mark.parametrize("slots", [7, 1000])
def test_a_window_shorter_than_the_service_suits_nobody(slots: int) -> None:
    table, moment = tables(Team(), Team())
    found = rank(table, replace(NEED, duration_slots=slots), moment, DEFAULT, 10, NAMES)
    assert found.excluded == {Exclusion.NO_FREE_TIME: (0, 1)}


def test_earliest_start_is_where_the_whole_service_fits() -> None:
    found = ranked(Team(on_duty="111111", free="102011"))
    assert found.items[0].earliest_start == 4


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_a_limit_is_kept(limit: int) -> None:
    assert len(ranked(Team(), Team(), limit=limit).items) == min(limit, 2)


def test_what_does_not_belong_together_is_refused() -> None:
    table, moment = tables(Team(), Team())
    _, fewer = tables(Team())
    with pytest.raises(ValueError, match="other teams"):
        rank(table, NEED, fewer, DEFAULT, 1, NAMES)
    with pytest.raises(ValueError, match="no column"):
        rank(table, NEED, moment, DEFAULT, 1, NAMES[:2])
    with pytest.raises(ValueError, match="no column"):
        rank(table, replace(NEED, required=(3,)), moment, DEFAULT, 1, NAMES)
    with pytest.raises(ValueError, match="not negative"):
        rank(table, NEED, moment, DEFAULT, -1, NAMES)
