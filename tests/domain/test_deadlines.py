"""By when a state should have ended: around the clock, in service hours, by category and urgency."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from app.domain.deadlines import Deadline, deadline
from app.domain.lifecycle import ENDED, OrderStatus
from app.domain.policy import Clock, Policy, Urgency, effective
from app.domain.service_hours import ServiceHours

MONDAY_9 = datetime(2026, 11, 23, 1, tzinfo=UTC)
FRIDAY_17 = datetime(2026, 11, 27, 9, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
AGREED = (MONDAY_9 + 5 * HOUR, MONDAY_9 + 7 * HOUR)
OFFICE = {"times": {"normal": {"clock": "service_hours"}}}


@pytest.mark.parametrize(
    ("status", "urgency", "hours"),
    [
        (OrderStatus.SUBMITTED, Urgency.NORMAL, 24.0),
        (OrderStatus.SUBMITTED, Urgency.URGENT, 2.0),
        (OrderStatus.APPROVED, Urgency.EMERGENCY, 0.25),
        (OrderStatus.OFFERED, Urgency.URGENT, 1.0),
        (OrderStatus.POOLED, Urgency.NORMAL, 24.0),
        (OrderStatus.ACCEPTED, Urgency.NORMAL, 6.0),
        (OrderStatus.IN_SERVICE, Urgency.NORMAL, 31.0),
        (OrderStatus.DELIVERED, Urgency.NORMAL, 168.0),
    ],
)
def test_by_default(status: OrderStatus, urgency: Urgency, hours: float) -> None:
    limit = deadline(Policy(), status, "care", urgency, MONDAY_9, AGREED)
    due_at = MONDAY_9 + timedelta(hours=hours)
    assert limit == Deadline(due_at, MONDAY_9 + (due_at - MONDAY_9) * 3 / 4)


@pytest.mark.parametrize("status", sorted(ENDED))
def test_what_has_ended_is_never_late(status: OrderStatus) -> None:
    assert deadline(Policy(), status, "care", Urgency.NORMAL, MONDAY_9) == Deadline(None, None)


def test_a_category_has_limits_of_its_own() -> None:
    policy = effective([{"times_by_category": {"health": {"urgent": {"accept": 30}}}}])
    limits = policy.limits_of("health", Urgency.URGENT)
    assert (limits.accept, limits.review) == (30, 120)
    assert policy.limits_of("care", Urgency.URGENT).accept == 60
    for wrong in ({"accept": 0}, {"acept": 30}):
        with pytest.raises(ValidationError):
            effective([{"times_by_category": {"health": {"urgent": wrong}}}])


def test_in_service_hours_a_limit_waits_for_the_morning() -> None:
    policy = effective([OFFICE, {"times": {"normal": {"review": 90}}}])
    limit = deadline(policy, OrderStatus.SUBMITTED, "care", Urgency.NORMAL, FRIDAY_17)
    assert limit.due_at == datetime(2026, 11, 30, 2, tzinfo=UTC), "half an hour on Friday, one on Monday"
    urgent = deadline(policy, OrderStatus.SUBMITTED, "care", Urgency.URGENT, FRIDAY_17)
    assert urgent.due_at == FRIDAY_17 + 2 * HOUR


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "end"),
    [
        (ServiceHours(), MONDAY_9 - 3 * HOUR, 60, MONDAY_9 + HOUR),
        (ServiceHours(), MONDAY_9, 510, MONDAY_9 + 8.5 * HOUR),
        (ServiceHours(), MONDAY_9, 511, MONDAY_9 + 24 * HOUR + timedelta(minutes=1)),
        (ServiceHours(closed_days=(date(2026, 11, 23),)), MONDAY_9, 60, MONDAY_9 + 25 * HOUR),
        (ServiceHours(open_days=(date(2026, 11, 28),)), FRIDAY_17, 90, FRIDAY_17 + 17 * HOUR),
        (
            ServiceHours(weekdays=(1, 2, 3, 4, 5, 6, 7), opens=time(0), closes=time(23)),
            FRIDAY_17,
            60,
            FRIDAY_17 + HOUR,
        ),
    ],
)
def test_service_hours(hours: ServiceHours, start: datetime, minutes: int, end: datetime) -> None:
    assert hours.after(start, minutes, ZONE) == end


def test_a_place_that_never_opens_is_refused() -> None:
    wrongs: list[dict[str, object]] = [
        {"weekdays": []},
        {"weekdays": [8]},
        {"opens": "18:00", "closes": "09:00"},
        {"lunch": 1},
    ]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            effective([{"times": {"service_hours": wrong}}])
    closed = ServiceHours(
        weekdays=(1,), closed_days=tuple(date(2026, 11, 23) + timedelta(weeks=n) for n in range(99))
    )
    assert closed.after(MONDAY_9, 60, ZONE) == MONDAY_9 + timedelta(days=400)
    assert Clock("always") is Clock.ALWAYS
