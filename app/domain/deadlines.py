"""时限: by when the present state of an order should have ended, and from when on it is at risk.

Overdue and at risk are marks that anybody can read off two instants; neither is a state.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.lifecycle import OrderStatus
from app.domain.policy import Policy, Urgency


class Deadline(NamedTuple):
    """Both None where no clock runs; `risk_at` is not after `due_at`."""

    due_at: datetime | None = None
    risk_at: datetime | None = None


def deadline(
    policy: Policy,
    status: OrderStatus,
    category: str,
    urgency: Urgency,
    at: datetime,
    schedule: tuple[datetime | None, datetime | None] = (None, None),
) -> Deadline:
    """Of a state entered `at` (aware); `schedule` is the agreed start and end once a team has accepted."""
    due_at = _due(policy, status, category, urgency, at, schedule)
    if due_at is None:
        return Deadline()
    return Deadline(due_at, at + (due_at - at) * policy.times.at_risk_percent / 100)


def _due(
    policy: Policy,
    status: OrderStatus,
    category: str,
    urgency: Urgency,
    at: datetime,
    schedule: tuple[datetime | None, datetime | None],
) -> datetime | None:
    limits = policy.limits_of(category, urgency)
    start, end = schedule
    match status:
        case OrderStatus.SUBMITTED:
            return policy.after(at, limits.review, limits.clock)
        case OrderStatus.APPROVED:
            return policy.after(at, limits.dispatch, limits.clock)
        case OrderStatus.OFFERED | OrderStatus.POOLED:
            return policy.after(at, limits.accept, limits.clock)
        case OrderStatus.ACCEPTED if start is not None:
            return max(at, start) + timedelta(minutes=policy.appointments.no_show_minutes)
        case OrderStatus.IN_SERVICE if end is not None:
            return max(at, end) + timedelta(hours=policy.times.deliver_hours)
        case OrderStatus.DELIVERED:
            return at + timedelta(days=policy.times.rating_days)
        case _:
            return None
