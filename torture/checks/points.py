"""Points for exactly what was served: calculated again from the stays and the stars (app/domain/points.py)."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from app.domain.attendance import declared_limit
from app.domain.lifecycle import Action, OrderStatus
from app.domain.points import PointsRule, earn
from app.models.order import Order
from torture.checks.violation import Broken
from torture.snapshot import Snapshot

RULE = PointsRule()


def check(seen: Snapshot) -> Iterator[Broken]:
    """An order that was reopened may have earned more before than it would now; a closed one is exact."""
    for order_id, order in seen.orders.items():
        had = Counter[UUID]()
        for credit in seen.credits.get(order_id, []):
            had[credit.person_id] += credit.amount
        if order.status != OrderStatus.CLOSED:
            reopened = any(event.action == Action.REOPEN for event in seen.events.get(order_id, []))
            if had and not reopened:
                yield Broken(
                    "points_early", str(order_id), f"{order.status}, and {had.total()} points are credited"
                )
            continue
        owed = _owed(seen, order)
        for person_id in owed.keys() | had.keys():
            if had[person_id] != owed[person_id]:
                text = f"{person_id}: owed {owed[person_id]}, credited {had[person_id]}"
                yield Broken("points_wrong", str(order_id), text)


def _owed(seen: Snapshot, order: Order) -> Counter[UUID]:
    verified, declared = Counter[UUID](), Counter[UUID]()
    for stay in seen.stays.get(order.id, []):
        verified[stay.person_id] += stay.verified_minutes
        declared[stay.person_id] += stay.declared_minutes
    rating = _rating(seen, order.id)
    owed = Counter[UUID]()
    for person_id, minutes in verified.items():
        allowed = min(declared[person_id], declared_limit(*order.schedule, minutes))
        owed[person_id] = earn(minutes, allowed, rating, RULE)
    return owed


def _rating(seen: Snapshot, order_id: UUID) -> float | None:
    """Of the last review, as app/services/closing.py counts it."""
    reviews = sorted(seen.reviews.get(order_id, []), key=lambda review: review.id)
    if not reviews:
        return None
    last = reviews[-1]
    return (last.timeliness + last.attitude + last.quality + last.resolution) / 4
