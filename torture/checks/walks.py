"""The timeline of each order, walked: one step after the other, one team at a time, numbers without a gap."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from app.domain.lifecycle import STAFFED, Action, OfferStatus
from app.models.event import OrderEvent
from torture.checks.violation import Broken
from torture.snapshot import Snapshot

TAKES = frozenset({Action.ACCEPT, Action.CLAIM, Action.PROMOTE})


def check(seen: Snapshot) -> Iterator[Broken]:
    for order_id, order in seen.orders.items():
        events = seen.events.get(order_id, [])
        yield from _walk(order_id, events)
        last = events[-1] if events else None
        if last is None or (last.seq, last.to_status) != (order.version, order.status):
            told = f"version {last.seq} {last.to_status}" if last else "nothing"
            yield Broken("walk_end", str(order_id), f"{told} in the timeline, {order.version} {order.status}")
        accepted = [one for one in seen.offers.get(order_id, []) if one.status == OfferStatus.ACCEPTED]
        if len(accepted) > 1:
            yield Broken("team_twice", str(order_id), f"{len(accepted)} offers are accepted")
    yield from _positions(seen)


def _walk(order_id: UUID, events: list[OrderEvent]) -> Iterator[Broken]:
    for number, event in enumerate(events, 1):
        if event.seq != number:
            yield Broken("walk_gap", str(order_id), f"event {event.seq} stands where {number} should")
        before = events[number - 2].to_status if number > 1 else None
        if number > 1 and event.from_status != before:
            text = f"{event.action} ({event.seq}) starts from {event.from_status}, after {before}"
            yield Broken("walk_broken", str(order_id), text)
        if event.action in TAKES and before in STAFFED:
            yield Broken(
                "team_twice", str(order_id), f"{event.action} ({event.seq}) of an order that has a team"
            )


def _positions(seen: Snapshot) -> Iterator[Broken]:
    """The places in the feed have no gap (checks/dues.py: every event has one)."""
    events = [event for found in seen.events.values() for event in found]
    taken = Counter(event.position for event in events if event.position is not None)
    missing = [place for place in range(1, max(taken, default=0) + 1) if taken[place] != 1]
    if missing:
        yield Broken(
            "feed_gap", "order_event", f"{len(missing)} positions are missing or double: {missing[:5]}"
        )
