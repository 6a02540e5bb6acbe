from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.matching.features import Need
from app.domain.matching.rank import rank
from app.domain.matching.score import FactorName, Weights
from tests.domain.matching.cases import NAMES, NEED, Team, tables

BOTH = replace(NEED, required=(0, 1), needs_proof=(False, True))
CERTIFIED = Team(level=(3, 2, 0), proof_until=(-1, NEED.day, -1))


def factor(name: FactorName, team: Team, need: Need = NEED) -> tuple[float, str]:
    table, moment = tables(team)
    (item,) = rank(table, need, moment, Weights(), 1, NAMES).items
    found = next(factor for factor in item.factors if factor.name is name)
    return found.value, found.reason


@pytest.mark.parametrize(
    ("team", "need", "value", "reason"),
    [
        (Team(level=(3, 0, 0)), NEED, 0.8, "擅长保洁（三级）"),
        (Team(level=(1, 0, 0)), NEED, 0.8 / 3, "擅长保洁（一级）"),
        (Team(level=(9, 0, 0)), NEED, 0.8, "擅长保洁（三级）"),
        (Team(level=(3, 1, 1)), NEED, 0.8 + 0.2 * 2 / 3, "擅长保洁（三级），另有2项专长"),
        (CERTIFIED, BOTH, 0.8 * 5 / 6, "擅长保洁（三级）、持有电工证（二级）"),
        (
            Team(level=(0, 0, 2), proof_until=(-1, -1, NEED.day)),
            replace(NEED, required=(2,), needs_proof=(True,)),
            0.8 * 2 / 3,
            "持有律师资质（二级）",
        ),
        (Team(level=(0, 0, 0)), replace(NEED, required=(), needs_proof=()), 1, "本单不限专长"),
    ],
)
def test_specialty(team: Team, need: Need, value: float, reason: str) -> None:
    found, said = factor(FactorName.SPECIALTY, team, need)
    assert found == pytest.approx(value)
    assert said == reason


@pytest.mark.parametrize(
    ("team", "need", "value", "reason"),
    [
        (Team(km=1.2, radius_km=8), NEED, 0.85, "距离1.2公里，在8公里服务半径内"),
        (Team(km=0.35, radius_km=0.5), NEED, 0.3, "距离350米，在500米服务半径内"),
        (Team(km=8, radius_km=8), NEED, 0, "距离8公里，在8公里服务半径内"),
        (Team(km=0, radius_km=0), NEED, 1, "距离0米，在0米服务半径内"),
        (Team(km=300), replace(NEED, place=None), 1, "线上服务，不限距离"),
    ],
)
def test_location(team: Team, need: Need, value: float, reason: str) -> None:
    found, said = factor(FactorName.LOCATION, team, need)
    assert found == pytest.approx(value, abs=1e-6)
    assert said == reason


@pytest.mark.parametrize(
    ("free", "slots", "value", "reason"),
    [
        ("222222", 2, 1, "窗口内有5个时段可开始服务"),
        ("111022", 2, 0.6, "窗口内有3个时段可开始服务"),
        ("111000", 3, 0.25, "窗口内有1个时段可开始服务"),
        ("111111", 6, 1, "窗口内有1个时段可开始服务"),
    ],
)
def test_availability(free: str, slots: int, value: float, reason: str) -> None:
    need = replace(NEED, duration_slots=slots)
    found, said = factor(FactorName.AVAILABILITY, Team(free=free), need)
    assert found == pytest.approx(value)
    assert said == reason


@pytest.mark.parametrize(
    ("work", "capacity", "value", "reason"),
    [
        (0, 3, 1, "暂无在办任务，同一时段可承接3单"),
        (3, 3, 0.5, "在办3单，同一时段可承接3单"),
        (32_000, 100, 100 / 32_100, "在办32000单，同一时段可承接100单"),
    ],
)
def test_load(work: int, capacity: int, value: float, reason: str) -> None:
    found, said = factor(FactorName.LOAD, Team(open_work=work, capacity=capacity))
    assert found == pytest.approx(value)
    assert said == reason


SHARE = st.floats(0, 1e9)


@given(st.tuples(SHARE, SHARE, SHARE, SHARE).filter(lambda weights: sum(weights) > 1e-6))
def test_only_proportions_matter(weights: tuple[float, float, float, float]) -> None:
    doubled = Weights(*(2 * weight for weight in weights))
    assert sum(doubled.shares) == pytest.approx(1)
    assert doubled.shares == Weights(*weights).shares
    assert doubled.version == Weights(*weights).version


def test_the_version_follows_the_values_and_outlives_the_process() -> None:
    assert Weights().version == Weights(0.35, 0.30, 0.20, 0.15).version == "4f1-9fd64324e18d"
    assert Weights().shares == (0.35, 0.30, 0.20, 0.15)
    assert Weights().version != Weights(0.30, 0.35, 0.20, 0.15).version


def test_the_weights_are_those_of_the_factors_in_their_order() -> None:
    assert tuple(Weights.__slots__) == tuple(FactorName)


@pytest.mark.parametrize("bad", [(0, 0, 0, 0), (-1, 1, 1, 1), (nan, 1, 1, 1), (inf, 1, 1, 1), (1e308,) * 4])
def test_weights_that_cannot_be_shared_out(bad: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Weights(*bad)
