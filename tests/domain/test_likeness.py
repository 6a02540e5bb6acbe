"""Which two orders a dispatcher should look at twice, and which are only neighbours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.likeness import Need, likeness, resemblance

SATURDAY_9 = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
SHOWN = 0.5
DAYS = timedelta(days=3)
HOUR = timedelta(hours=1)
NEED = Need(
    beneficiary_key="a" * 64,
    phone="13800000001",
    address="松岭社区3栋201",
    place=(28.2001, 112.9801),
    start=SATURDAY_9,
    end=SATURDAY_9 + 2 * HOUR,
    category="care",
    text="家庭保洁 擦窗、拖地，老人行动不便",
)
BY_ANOTHER = replace(NEED, beneficiary_key="b" * 64, text="独居老人家庭保洁，擦窗拖地")
NEXT_DOOR = replace(
    NEED, beneficiary_key="c" * 64, phone="13800000002", address="松岭社区3栋502", text="修水龙头，厨房漏水"
)


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (
            replace(NEED, text="家庭保洁：擦窗拖地"),
            ["同一服务对象", "期望时间重叠", "服务类别相同", "内容相近"],
        ),
        (BY_ANOTHER, ["联系电话相同", "期望时间重叠", "服务类别相同", "内容相近"]),
        (
            replace(BY_ANOTHER, phone="", address="松岭社区３栋 201", start=NEED.end + 24 * HOUR),
            ["地址相同", "期望时间相隔1天", "服务类别相同", "内容相近"],
        ),
        (
            replace(NEXT_DOOR, place=(28.2005, 112.9801), text=NEED.text),
            ["相距约44米", "期望时间重叠", "服务类别相同", "内容相近"],
        ),
    ],
)
def test_the_same_need_told_twice(other: Need, reasons: list[str]) -> None:
    other = replace(other, end=max(other.end, other.start + HOUR))
    found = likeness(NEED, other, DAYS, 100)
    assert found.score >= SHOWN
    assert [reason.partition("（")[0] for reason in found.reasons] == reasons
    assert likeness(other, NEED, DAYS, 100) == found


@pytest.mark.parametrize(
    "other",
    [
        NEXT_DOOR,
        replace(NEED, category="repair", text="修水龙头，厨房漏水"),
        replace(NEED, start=NEED.end + DAYS, end=NEED.end + DAYS + HOUR),
        replace(BY_ANOTHER, phone="", address="", place=(28.2021, 112.9801)),
        replace(BY_ANOTHER, phone="", place=None),
    ],
    ids=["a neighbour's other need", "another service", "another week", "another block", "online"],
)
def test_another_need(other: Need) -> None:
    assert likeness(NEED, other, DAYS, 100).score < SHOWN


def test_nearer_is_never_less_alike() -> None:
    def score(**changes: object) -> float:
        return likeness(NEED, replace(BY_ANOTHER, **changes), DAYS, 100).score  # type: ignore[arg-type]

    later = [score(start=NEED.end + n * HOUR, end=NEED.end + (n + 1) * HOUR) for n in range(0, 80, 8)]
    assert later == sorted(later, reverse=True)
    assert later[-1] == 0
    away = [score(phone="", address="", place=(28.2001 + n / 9000, 112.9801)) for n in range(12)]
    assert away == sorted(away, reverse=True)
    assert away[-1] == 0
    assert likeness(NEED, NEED, DAYS, 100).score == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("家庭保洁", "家庭保洁", 1.0),
        ("ＡＥＤ 培训！", "aed培训", 1.0),
        ("擦窗", "拖地", 0.0),
        ("理发", "上门理发", 0.5),
        ("", "", 1.0),
        ("", "理发", 0.0),
        ("茶", "茶", 1.0),
        ("。。。", "理发", 0.0),
    ],
)
def test_texts_by_their_pairs_of_characters(one: str, other: str, expected: float) -> None:
    assert resemblance(one, other) == resemblance(other, one) == expected
