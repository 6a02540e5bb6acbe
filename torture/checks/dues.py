"""Nothing that was due is left: every order past its limit was acted upon, every message went its way."""

from collections.abc import Iterator
from datetime import datetime

from app.domain.lifecycle import MOVES, Action, OfferStatus, OrderStatus
from app.models.offer import Offer
from app.models.order import Order
from torture.checks.violation import Broken
from torture.snapshot import Snapshot

MARKED = MOVES[Action.OVERDUE].sources
"""States of which the clock says that they last too long."""
ENDED = frozenset({OrderStatus.ACCEPTED, OrderStatus.DELIVERED})
"""States that the clock ends: nobody came, nobody rated."""


def check(seen: Snapshot, at: datetime) -> Iterator[Broken]:
    """`at` (aware): whatever was due by then is late."""
    for order_id, order in seen.orders.items():
        for text in _late(order, seen.offers.get(order_id, []), at):
            yield Broken("left_behind", str(order_id), text)
        for offer in seen.offers.get(order_id, []):
            if offer.status == OfferStatus.OPEN and offer.expires_at <= at:
                yield Broken("left_behind", str(offer.id), f"an offer open since {offer.expires_at}")
        marked = any(event.action == Action.OVERDUE for event in seen.events.get(order_id, []))
        if order.overdue_at is not None and not marked:
            yield Broken("left_behind", str(order_id), "is overdue without the event that says so")
    made = [event for events in seen.events.values() for event in events if event.created_at <= at]
    if unplaced := sum(event.position is None for event in made):
        yield Broken("left_behind", "order_event", f"{unplaced} events have no position in the feed")
    for notices in seen.notices.values():
        for notice in notices:
            if notice.send_at is not None and notice.send_at <= at:
                yield Broken(
                    "left_behind", str(notice.id), f"a message due {notice.send_at} has not gone out"
                )


def _late(order: Order, offers: list[Offer], at: datetime) -> Iterator[str]:
    due = order.due_at is not None and order.due_at <= at
    if due and order.status in MARKED and order.overdue_at is None:
        yield f"{order.status} since {order.status_at}, due {order.due_at}, and nobody was told"
    if due and (order.status in ENDED or (order.status == OrderStatus.POOLED and not order.auto)):
        yield f"{order.status} since {order.status_at}, due {order.due_at}"
    if order.status == OrderStatus.OFFERED and not any(one.status == OfferStatus.OPEN for one in offers):
        yield "waits for an answer, and nobody is asked"
    if order.step_at is not None and order.step_at <= at:
        yield f"the clock should have looked at it at {order.step_at}"
