"""A recurring order as its reader may see it, with its next times and what became of the last ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import STATUS_ZH
from app.models.order import Order
from app.models.recurring import RecurringOrder, RecurringStatus
from app.schemas.recurring_order import OUTCOME_ZH, RECURRING_ZH, Outcome
from app.services.access import Actor
from app.services.contact_views import wanted_contacts
from app.services.discretion import sight_of_series
from app.services.policies import policy_at
from app.services.recurring_calendar import Time, calendar
from app.services.recurring_making import orders_of

NEXT = 10
_OVER = (RecurringStatus.REJECTED, RecurringStatus.ENDED)
_TERMS = ("category", "detail", "people", "duration_minutes")


def summary(series: RecurringOrder) -> dict[str, Any]:
    """The shape of schemas.recurring_order.RecurringSummary."""
    return {**series.model_dump(), "status_text": RECURRING_ZH[series.status]}


async def detail(session: AsyncSession, actor: Actor, series: RecurringOrder) -> dict[str, Any]:
    """The shape of schemas.recurring_order.RecurringDetail; who and where only for who needs to know."""
    wanted = series.wanted
    times = await calendar(session, series, await policy_at(session, series.org_path))
    made = await orders_of(session, series.id)
    return {
        **summary(series),
        **{name: wanted.get(name) for name in _TERMS},
        **wanted_contacts(wanted, sight_of_series(actor, series)),
        "upcoming": [] if series.status in _OVER else _upcoming(times, made, now()),
        "so_far": _so_far(times, made, now()),
    }


def _upcoming(times: Sequence[Time], made: Mapping[datetime, Order], at: datetime) -> list[dict[str, Any]]:
    coming = [one for one in times if _start(one, made.get(one.occurs_at)) >= at]
    coming.sort(key=lambda one: _start(one, made.get(one.occurs_at)))
    return [_occurrence(one, made.get(one.occurs_at)) for one in coming[:NEXT]]


def _so_far(times: Sequence[Time], made: Mapping[datetime, Order], at: datetime) -> list[dict[str, Any]]:
    """What was ordered, and what went by without."""
    return [
        _occurrence(one, made.get(one.occurs_at), gone=one.starts_at < at)
        for one in times
        if one.occurs_at in made or one.starts_at < at
    ]


def _start(one: Time, order: Order | None) -> datetime:
    return order.window_start if order else one.starts_at


def _occurrence(one: Time, order: Order | None, *, gone: bool = False) -> dict[str, Any]:
    """The shape of schemas.recurring_order.Occurrence."""
    outcome = Outcome.MISSED if gone and one.wanted else one.outcome
    if order is not None:
        outcome = Outcome.MADE
    return {
        "occurs_at": one.occurs_at,
        "window": {
            "start": order.window_start if order else one.starts_at,
            "end": order.window_end if order else one.ends_at,
        },
        "outcome": outcome,
        "outcome_text": OUTCOME_ZH[outcome],
        "reason": one.reason,
        "order_id": order.id if order else None,
        "order_status": order.status if order else None,
        "order_status_text": STATUS_ZH[order.status] if order else None,
    }
