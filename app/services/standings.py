"""What teams have done, counted ahead of time: reliability and recent services, as the ranking reads them.

Counted from offers, orders, stays and reviews of the last two years, so that an old failing is forgotten and an
old merit too. Nothing here is a truth of its own: lost, it is counted again.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import and_, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import OfferStatus, OrderStatus
from app.domain.matching.reliability import History, reliability
from app.models.failing import Absence
from app.models.offer import Offer
from app.models.order import Order
from app.models.service import Attendance, Review
from app.models.standing import TeamStanding
from app.models.team import Team
from app.services import organisations
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

HISTORY = timedelta(days=730)
RECENT = timedelta(days=30)
LATE = timedelta(minutes=15)
"""Who arrives a quarter of an hour after the agreed start has kept somebody waiting."""

_SAID_YES = (OfferStatus.ACCEPTED, OfferStatus.RELEASED)
_ANSWERED = (*_SAID_YES, OfferStatus.DECLINED, OfferStatus.LAPSED)
_asked_to_stand_by = and_(
    col(Offer.standby), col(Offer.status).in_((OfferStatus.DECLINED, OfferStatus.LAPSED))
)
"""Nobody is the worse for not being ready in case another fails."""

_of_offer = and_(
    col(Absence.order_id) == col(Offer.order_id),
    col(Absence.team_id) == col(Offer.team_id),
    ~col(Absence.overturned),
)
_SERVED = (OrderStatus.DELIVERED, OrderStatus.CLOSED)
_COUNTED = ("asked", "accepted", "due", "on_time", "served", "released", "rating_sum", "ratings", "recent")


async def tally(session: AsyncSession, center_path: str, at: datetime) -> int:
    """Count every team of the center as of `at` and keep what differs; for how many teams it did.

    The revision is counted up when anything differs, so that every process ranks by the new numbers.
    """
    wanted = visible(Team, SYSTEM).where(col(Team.org_path).startswith(center_path))
    teams = [row.id for row in await columns(session, wanted, Team.id)]
    counted = await _count(session, center_path, at)
    points = reliability(History(**{name: _column(counted, teams, name) for name in History.__slots__}))
    kept = {row.team_id: row for row in await session.exec(_standings(wanted))}
    differing = 0
    for team_id, worth in zip(teams, points.tolist(), strict=True):
        found = {name: counted[team_id][name] for name in _COUNTED} | {"reliability": worth}
        row = kept.get(team_id)
        if row is None or found != {name: getattr(row, name) for name in found}:
            differing += 1
            row = row or TeamStanding(team_id=team_id)
            row.sqlmodel_update(found | {"updated_at": at})
            session.add(row)
    if differing:
        await organisations.bump(session, center_path)
    await session.flush()
    return differing


def _standings(wanted: Any) -> Any:
    return select(TeamStanding).where(col(TeamStanding.team_id).in_(wanted.with_only_columns(Team.id)))


def _column(counted: dict[UUID, Counter[str]], teams: list[UUID], name: str) -> Any:
    return np.array([counted[team][name] for team in teams], np.int64)


async def _count(session: AsyncSession, center_path: str, at: datetime) -> dict[UUID, Counter[str]]:
    found: dict[UUID, Counter[str]] = defaultdict(Counter)
    of_center = visible(Offer, SYSTEM).join(Order, col(Order.id) == col(Offer.order_id))
    of_center = of_center.where(
        col(Order.org_path).startswith(center_path), col(Offer.created_at) >= at - HISTORY
    )
    arrived = func.min(Attendance.check_in_at).label("arrived")
    stays: Any = select(col(Attendance.order_id), arrived).group_by(col(Attendance.order_id)).subquery()
    stars = Review.timeliness + Review.attitude + Review.quality + Review.resolution
    offers = await columns(
        session,
        of_center.where(col(Offer.status).in_(_ANSWERED), ~_asked_to_stand_by)
        .join(Absence, _of_offer, isouter=True)
        .join(stays, stays.c.order_id == col(Order.id), isouter=True)
        .join(Review, col(Review.order_id) == col(Order.id), isouter=True),
        *(col(Offer.id), col(Offer.team_id), col(Offer.status).label("answer"), col(Offer.answered_at)),
        *(col(Order.status).label("state"), col(Order.scheduled_start), col(Order.scheduled_end)),
        *(stays.c.arrived, stars.label("stars")),  # type: ignore[attr-defined]
        *(col(Offer.excused), col(Absence.id).label("absence")),
    )
    seen: set[UUID] = set()
    for offer in offers:
        one = found[offer.team_id]
        mine = offer.answer is OfferStatus.ACCEPTED
        if mine and offer.stars is not None:
            one.update(ratings=1, rating_sum=offer.stars)
        if offer.id not in seen:
            seen.add(offer.id)
            one.update(_deeds(offer, mine, at))
    return found


def _deeds(offer: Any, mine: bool, at: datetime) -> dict[str, int]:
    """What one answered offer adds; a service that nobody proved late was in time, what is excused is not."""
    accepted, left = offer.answer in _SAID_YES, offer.answer is OfferStatus.RELEASED and not offer.excused
    absent = offer.absence is not None
    served = mine and offer.state in _SERVED
    missed = mine and not served and offer.scheduled_end is not None and offer.scheduled_end < at
    late = served and offer.arrived is not None and offer.arrived > offer.scheduled_start + LATE
    recent = mine and offer.answered_at is not None and offer.answered_at >= at - RECENT
    return {
        "asked": 1,
        "accepted": int(accepted),
        "released": int(left and not absent),
        "due": int(left or served or missed),
        "served": int(served),
        "on_time": int(served and not late),
        "recent": int(recent),
    }
