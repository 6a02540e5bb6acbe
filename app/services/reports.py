"""Figures of a whole center, for those who answer for it."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Forbidden
from app.models.organisation import Organisation, OrgLevel
from app.models.points import PointsAccount, PointsEntry
from app.services.access import Actor, below

_here = col(PointsAccount.center_id) == Organisation.id
_issuer = col(PointsAccount.person_id).is_(None)
_issued = (
    select(-func.coalesce(func.sum(PointsEntry.amount), 0))
    .join(PointsAccount, col(PointsAccount.id) == PointsEntry.account_id)
    .where(_here, _issuer)
    .correlate(Organisation)
    .scalar_subquery()
)
_held = (
    select(func.coalesce(func.sum(PointsAccount.balance), 0))
    .where(_here, ~_issuer)
    .correlate(Organisation)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Points that a center has issued, by its ledger, and those its volunteers hold, by their balances."""

    center: Organisation
    issued: int
    held: int

    @property
    def difference(self) -> int:
        """Zero, or somebody has written past app/services/points.py; `sidan verify` says where."""
        return self.issued - self.held


async def ledgers(session: AsyncSession, actor: Actor) -> list[Ledger]:
    """Of each center that the actor oversees as a whole. Raises Forbidden where that is none."""
    centers = (
        select(Organisation, _issued, _held)
        .where(
            col(Organisation.level) == OrgLevel.CENTER,
            below(Organisation.path, actor.paths(Permission.POINTS_READ)),
        )
        .order_by(col(Organisation.id).desc())
    )
    found = [Ledger(center, int(issued), int(held)) for center, issued, held in await session.exec(centers)]
    if not found:
        raise Forbidden
    return found
