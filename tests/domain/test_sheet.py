"""The mark of a leaked line is found in whatever of the line turned up."""

import pytest

from app.domain.sheet import Mark, mark, mark_in

EXPORT = "0192f3c000007000a000c0ffee001122"
BEARS = mark(EXPORT, 17)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BEARS, Mark("c0ffee001122", 17)),
        (f'{BEARS},"张阿婆",13800000001,"松岭社区3栋201"', Mark("c0ffee001122", 17)),
        (f'{{"mark": "{BEARS.upper()}", "name": "张阿婆"}}', Mark("c0ffee001122", 17)),
        (mark(EXPORT, 1_234_567), Mark("c0ffee001122", 1_234_567)),
        (f"导出编号 {EXPORT}；导出人 张三", Mark("c0ffee001122", 0)),
        ("0192f3c0-0000-7000-a000-c0ffee001122", Mark("c0ffee001122", 0)),
        ("张阿婆，13800000001，2026-11-23", None),
        ("c0ffee001122-17", None),
        ("", None),
    ],
)
def test_a_mark_is_read_back(text: str, found: Mark | None) -> None:
    assert mark_in(text) == found
