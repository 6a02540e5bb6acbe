"""A team that shall not come again to somebody: kept by beneficiary, so that it holds for orders to come."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.db import insert_new
from app.domain.roles import Permission
from app.errors import Conflict, NotFound
from app.models.block import TeamBlock
from app.models.order import Order
from app.models.team import Team
from app.services import orders
from app.services.access import SYSTEM, Actor, center_of, require_on
from app.services.actors import person_of
from app.services.scope import visible


class TeamBlocked(Conflict):
    code, title = "team_blocked", "该队伍已不再派给这位服务对象"
    title_en = "The team is blocked for this beneficiary already"


async def create(
    session: AsyncSession, actor: Actor, order_id: UUID, team_id: UUID, reason: str
) -> dict[str, Any]:
    """From now on the team is not offered any order of this beneficiary; one it was offered or has stays its own.

    Raises NotFound (order, team of another center), Forbidden, TeamBlocked.
    """
    order = await _theirs(session, actor, order_id)
    team = (await session.exec(_teams(order).where(col(Team.id) == team_id))).one_or_none()
    if team is None:
        raise NotFound("没有这支服务队")
    block = TeamBlock(
        team_id=team.id,
        beneficiary_key=order.beneficiary_key,
        order_id=order.id,
        reason=reason,
        blocked_by_id=person_of(actor),
    )
    if not await insert_new(session, block):
        raise TeamBlocked
    return _shown(block, team)


async def listing(session: AsyncSession, actor: Actor, order_id: UUID) -> list[dict[str, Any]]:
    """Of the beneficiary of this order, oldest first. Raises NotFound, Forbidden."""
    order = await _theirs(session, actor, order_id)
    found = select(TeamBlock).where(TeamBlock.beneficiary_key == order.beneficiary_key)
    blocks = (await session.exec(found.order_by(col(TeamBlock.id)))).all()
    named = _teams(order).where(col(Team.id).in_([block.team_id for block in blocks]))
    teams = {team.id: team for team in await session.exec(named)}
    return [_shown(block, teams[block.team_id]) for block in blocks if block.team_id in teams]


async def remove(session: AsyncSession, actor: Actor, order_id: UUID, team_id: UUID) -> None:
    """The team may come again. Raises NotFound (also what was not blocked), Forbidden."""
    order = await _theirs(session, actor, order_id)
    gone = await session.exec(
        delete(TeamBlock)
        .where(
            col(TeamBlock.beneficiary_key) == order.beneficiary_key,
            col(TeamBlock.team_id) == team_id,
            col(TeamBlock.team_id).in_(_teams(order).with_only_columns(col(Team.id))),
        )
        .returning(col(TeamBlock.id))
    )
    if gone.first() is None:
        raise NotFound("该队伍没有被限制")


async def _theirs(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    return order


def _teams(order: Order) -> SelectOfScalar[Team]:
    """Every team that matching may consider, wherever in the center it is."""
    return visible(Team, SYSTEM).where(col(Team.org_path).startswith(center_of(order.org_path)))


def _shown(block: TeamBlock, team: Team) -> dict[str, Any]:
    return block.model_dump() | {"team": {"id": team.id, "name": team.name}}
