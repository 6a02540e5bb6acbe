"""What I have earned: points at each center, hours of both kinds, and the stars these reach."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.stars import next_star, stars
from app.models.organisation import Organisation
from app.models.points import PointsAccount
from app.models.service import Attendance
from app.services.access import Actor
from app.services.actors import person_of
from app.services.scope import visible


@dataclass(frozen=True, slots=True)
class Balance:
    center: Organisation
    balance: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing to the next star."""

    star: int
    minutes_missing: int


@dataclass(frozen=True, slots=True)
class Earned:
    """Minutes proven (信用时数) and minutes entered by a leader (荣誉时数); stars count both."""

    balances: tuple[Balance, ...]
    verified_minutes: int
    declared_minutes: int

    @property
    def stars(self) -> int:
        return stars(self.verified_minutes + self.declared_minutes)

    @property
    def next_star(self) -> Missing | None:
        """None with five stars."""
        step = next_star(self.verified_minutes + self.declared_minutes)
        return Missing(*step) if step else None


async def earned(session: AsyncSession, actor: Actor) -> Earned:
    accounts = list(await session.exec(visible(PointsAccount, actor).order_by(col(PointsAccount.id))))
    centers = await session.exec(
        select(Organisation).where(col(Organisation.id).in_([account.center_id for account in accounts]))
    )
    by_id = {center.id: center for center in centers}
    minutes = await session.exec(
        select(
            func.coalesce(func.sum(Attendance.verified_minutes), 0),
            func.coalesce(func.sum(Attendance.declared_minutes), 0),
        ).where(Attendance.person_id == person_of(actor))
    )
    verified, declared = minutes.one()
    return Earned(
        tuple(Balance(by_id[account.center_id], account.balance) for account in accounts),
        int(verified),
        int(declared),
    )
