"""Numbers of people are found however they are written, and other numbers are left alone."""

import pytest

from app.domain.numbers import holds_number


@pytest.mark.parametrize(
    "text",
    [
        "13800000001",
        "找张阿婆13800000001",
        "电话138 0000 0001，请先打",
        "138-0000-0001",
        "１３８０００００００１",
        "+8613800000001",
        "0731-82345678",
        "073182345678",
        "身份证430102194001011234",
        "43010219400101123x",
        "430102 19400101 123X",
        "430102400101123",
    ],
)
def test_somebody_s_number(text: str) -> None:
    assert holds_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "家庭保洁",
        "3栋201，5楼",
        "2026-11-28 09:00 到 11:00",
        "12345热线转来",
        "订单0190123456",
        "12800000001",
        "1380000000",
        "138000000012",
        "x" * 10_000 + "1" * 10_000,
    ],
)
def test_some_other_number(text: str) -> None:
    assert not holds_number(text)
