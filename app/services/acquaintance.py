"""Which teams an order already knows: who declined it, who is not sent to this person again, who was there before.

Asked for one order or for a whole queue in the same three parts of one statement.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import cast, literal, union_all
from sqlalchemy.types import String
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import NEVER_AGAIN, OfferStatus, OrderStatus
from app.domain.matching.index import TeamIndex
from app.models.block import TeamBlock
from app.models.offer import Offer
from app.models.order import Order
from app.models.service import Review
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

SERVED = (OrderStatus.DELIVERED, OrderStatus.CLOSED)
UNRATED_STARS = 3
DIMENSIONS = 4


@dataclass(frozen=True, slots=True)
class Known:
    """Rows of an index; `served` as Need.served wants it."""

    declined: frozenset[int]
    blocked: frozenset[int]
    served: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """By order, or by the beneficiary's key. Each service counts once, with stars from 1 to 5."""

    declined: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    blocked: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    served: dict[str, list[tuple[UUID, int]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, order: Order, index: TeamIndex) -> Known:
        times: dict[int, tuple[int, int]] = {}
        for team_id, stars in self.served.get(order.beneficiary_key, ()):
            if (row := index.row_of(team_id)) is not None:
                before = times.get(row, (0, 0))
                times[row] = before[0] + 1, before[1] + stars
        return Known(
            _rows(index, self.declined.get(order.id.hex, set())),
            _rows(index, self.blocked.get(order.beneficiary_key, set())),
            times,
        )


async def acquaintances(session: AsyncSession, queue: Any) -> Acquaintances:
    """Of all orders that `queue`, a SELECT of orders, selects."""
    ids, keys = queue.with_only_columns(Order.id), queue.with_only_columns(Order.beneficiary_key)
    refusing = NEVER_AGAIN - {OfferStatus.OPEN, OfferStatus.STANDBY}
    stars: Any = Review.timeliness + Review.attitude + Review.quality + Review.resolution
    declined: Any = visible(Offer, SYSTEM).where(
        col(Offer.order_id).in_(ids), col(Offer.status).in_(refusing)
    )
    blocked: Any = select(TeamBlock).where(col(TeamBlock.beneficiary_key).in_(keys))
    served: Any = (
        visible(Order, SYSTEM)
        .join(Review, col(Review.order_id) == col(Order.id), isouter=True)
        .where(col(Order.beneficiary_key).in_(keys), col(Order.status).in_(SERVED))
    )
    together = union_all(
        declined.with_only_columns(
            literal("declined"), cast(Offer.order_id, String(36)), Offer.team_id, literal(0)
        ),
        blocked.with_only_columns(
            literal("blocked"), TeamBlock.beneficiary_key, TeamBlock.team_id, literal(0)
        ),
        served.with_only_columns(literal("served"), Order.beneficiary_key, Order.team_id, stars),
    )
    found = Acquaintances()
    for kind, key, team_id, given in await columns(session, together):
        if kind == "declined":
            found.declined[key.replace("-", "")].add(team_id)
        elif kind == "blocked":
            found.blocked[key].add(team_id)
        else:
            rating = UNRATED_STARS if given is None else (given + DIMENSIONS // 2) // DIMENSIONS
            found.served[key].append((team_id, rating))
    return found


def _rows(index: TeamIndex, teams: set[UUID]) -> frozenset[int]:
    return frozenset(row for team in teams if (row := index.row_of(team)) is not None)
