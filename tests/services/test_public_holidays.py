"""国庆 2026: from 1 to 7 October nobody comes, but Sunday 20 September and Saturday 10 October are worked."""

from datetime import date

from app.domain.service_hours import ServiceHours
from app.services.public_holidays import holiday_on


def test_the_country_and_the_place() -> None:
    usual = ServiceHours()
    assert [day for day in range(1, 13) if holiday_on(date(2026, 10, day), usual)] == [*range(1, 8)]
    assert holiday_on(date(2026, 10, 1), usual) == "国庆节"
    assert [holiday_on(date(2026, 9, day), usual) for day in (19, 20, 26, 27)] == [""] * 4
    own = ServiceHours(closed_days=(date(2026, 11, 26),), open_days=(date(2026, 10, 1),))
    assert holiday_on(date(2026, 11, 26), own) == "休息日"
    assert holiday_on(date(2026, 10, 1), own) == ""
