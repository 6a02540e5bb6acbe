"""The morning's digest: when it is due, and in which words."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.domain.digest import Waiting, digest_day

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("hour", "minute", "due"), [(0, 29, False), (0, 30, True), (4, 29, True), (4, 30, False), (16, 0, False)]
)
def test_it_is_due_in_the_morning_only(hour: int, minute: int, due: bool) -> None:
    at = datetime(2026, 11, 23, hour, minute, tzinfo=UTC)
    assert digest_day(at, time(8, 30), CHINA) == (date(2026, 11, 23) if due else None)


def test_only_what_there_is_is_said() -> None:
    assert Waiting().text() == ""
    assert (Waiting(review=2) + Waiting(review=1, overdue=1)).text() == "待审核3件，超时1件"
