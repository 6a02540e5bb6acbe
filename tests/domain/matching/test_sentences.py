"""What a dispatcher reads aloud, with its numbers."""

from typing import Any

import pytest

from app.domain.matching.features import NO_DAY, NO_END, Need, Wish
from app.domain.matching.rank import rank
from app.domain.matching.score import FactorName, Weights
from app.domain.matching.sentences import far_zh, window_zh
from tests.domain.matching.cases import NAMES, OTHER, STREET, TODAY, Team, case, need


def read(team: Team, asked: Need, *others: Team) -> dict[FactorName, str]:
    one = case([team, *others], asked.slots)
    found = rank(one.index, asked, one.standing(), Weights(), 10, NAMES)
    (item,) = (item for item in found.items if one.number[item.row] == 0)
    return {factor.name: factor.reason for factor in item.factors}


@pytest.mark.parametrize(
    ("factor", "team", "asked", "sentence"),
    [
        ("specialty", {}, {}, "擅长保洁（二级）"),
        (
            "specialty",
            {"skills": {0: (3, NO_DAY), 3: (1, NO_DAY), 2: (1, NO_DAY)}},
            {},
            "擅长保洁（三级），另有2项专长，其中1项相近",
        ),
        ("specialty", {"skills": {0: (1, NO_DAY), 2: (1, NO_DAY)}}, {}, "擅长保洁（一级），另有1项专长"),
        (
            "specialty",
            {"skills": {1: (3, TODAY), 2: (2, NO_END)}},
            {"required": (1, 2), "levels": (1, 1), "needs_proof": (True, True)},
            "持有电工证（三级）、持有律师资质（二级）",
        ),
        ("specialty", {}, {"required": (), "levels": (), "needs_proof": ()}, "本单不限专长"),
        ("location", {"km": 1.2}, {}, "距离1.2公里，电动车约6分钟"),
        ("location", {"km": 0.3, "travel": 0}, {}, "距离300米，步行约5分钟"),
        ("location", {"km": 3, "travel": 2}, {}, "距离3公里，汽车约13分钟"),
        ("location", {"km": 0}, {}, "距离0米，电动车约0分钟"),
        ("location", {}, {"place": None}, "线上服务，不限距离"),
        ("availability", {}, {}, "周六上午5个可开始时段中有5个空闲"),
        (
            "availability",
            {"exceptions": ((TODAY, bytes([0, 0, 0b00001111, 0, 0, 0])),)},
            {},
            "周六上午5个可开始时段中有3个空闲",
        ),
        ("load", {}, {}, "暂无在办任务，同一时段可承接2单"),
        ("load", {"open_work": 3, "capacity": 4}, {}, "在办3单，同一时段可承接4单"),
        ("reliability", {"reliability": 8_350}, {}, "综合信用84分（接单、准时、完成、评价）"),
        ("continuity", {}, {}, "未曾服务过这位服务对象"),
        ("continuity", {}, {"served": {0: (2, 9)}}, "曾为这位服务对象服务2次，平均4.5分"),
        ("affinity", {}, {}, "本站队伍"),
        ("affinity", {"organisation": STREET}, {}, "所（街道、乡镇）队伍"),
        ("affinity", {"organisation": 0}, {}, "中心队伍"),
        ("affinity", {"organisation": OTHER}, {}, "邻近站点共享队伍"),
        ("fairness", {"recent": 4}, {}, "近30天服务4次，全中心队均4.0次"),
        ("wish", {}, {}, "没有特别的意愿"),
        ("wish", {"women": False}, {"gender": Wish.FEMALE, "language": 1}, "满足2项意愿中的1项"),
        ("scarcity", {}, {}, "该队时间不紧缺"),
        (
            "scarcity",
            {"prices": ((TODAY, 350),)},
            {},
            "该队时间紧缺：占用它，其他订单约少完成0.35单",
        ),
    ],
)
def test_sentences(factor: str, team: dict[str, Any], asked: dict[str, Any], sentence: str) -> None:
    assert read(Team(**team), need(**asked))[FactorName(factor)] == sentence


def test_the_mean_is_that_of_active_teams() -> None:
    others = [Team(recent=3), Team(recent=100, active=False)]
    told = read(Team(recent=0), need(), *others)
    assert told[FactorName.FAIRNESS] == "近30天服务0次，全中心队均1.5次"


@pytest.mark.parametrize(
    ("first_day", "first_slot", "slots", "words"),
    [
        (TODAY, 18, 6, "周六上午"),
        (TODAY, 24, 12, "周六下午"),
        (TODAY, 36, 12, "周六晚上"),
        (TODAY, 0, 12, "周六凌晨"),
        (TODAY, 18, 12, "周六"),
        (TODAY + 1, 12, 12, "周日上午"),
        (TODAY + 2, 0, 48, "周一"),
        (TODAY, 40, 20, "期望时间内"),
        (TODAY, 0, 0, "期望时间内"),
    ],
)
def test_windows_in_words(first_day: int, first_slot: int, slots: int, words: str) -> None:
    assert window_zh(need(first_day=first_day, first_slot=first_slot, slots=slots)) == words


@pytest.mark.parametrize(
    ("metres", "words"),
    [(0, "0米"), (999, "999米"), (1_000, "1公里"), (1_249, "1.2公里"), (20_000, "20公里")],
)
def test_distances_in_words(metres: int, words: str) -> None:
    assert far_zh(metres) == words
