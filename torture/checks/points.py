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
    """A closed order is exact. One that was reopened may have earned more with the stars it had before: what was
    earned is not taken back; but never more than its best review is worth.
    """
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
        ratings = _ratings(seen, order.id)
        worths = [_owed(seen, order, rating) for rating in ratings]
        for person_id in worths[-1].keys() | had.keys():
            least, most = worths[-1][person_id], max(owed[person_id] for owed in worths)
            if not least <= had[person_id] <= most:
                text = f"{person_id}: owed {least} to {most}, credited {had[person_id]}"
                yield Broken("points_wrong", str(order_id), text)


def _owed(seen: Snapshot, order: Order, rating: float | None) -> Counter[UUID]:
    verified, declared = Counter[UUID](), Counter[UUID]()
    for stay in seen.stays.get(order.id, []):
        verified[stay.person_id] += stay.verified_minutes
        declared[stay.person_id] += stay.declared_minutes
    owed = Counter[UUID]()
    for person_id, minutes in verified.items():
        allowed = min(declared[person_id], declared_limit(*order.schedule, minutes))
        owed[person_id] = earn(minutes, allowed, rating, RULE)
    return owed


def _ratings(seen: Snapshot, order_id: UUID) -> list[float | None]:
    """What the order was worth at each closing; the last counts now (app/services/closing.py).

    A closing by the clock rates nothing of its own: the review before it, if any, still counts.
    """
    reviews = sorted(seen.reviews.get(order_id, []), key=lambda review: review.id)
    stars: list[float | None] = [
        (one.timeliness + one.attitude + one.quality + one.resolution) / 4 for one in reviews
    ]
    return stars or [None]
