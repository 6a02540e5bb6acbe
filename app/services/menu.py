"""The menu of a center: what residents may order without asking first (S2.19)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Conflict, Invalid, NotFound
from app.models.menu import MenuItem
from app.models.organisation import Organisation, OrgLevel
from app.schemas.menu import MenuCreate, MenuFilter
from app.services import organisations
from app.services.access import Actor, center_of
from app.services.keyset import newest_first
from app.services.unique import insert_unique


class MenuCodeTaken(Conflict):
    code, title = "menu_code_taken", "菜单中已有这个代码"
    title_en = "The menu has this code already"


class NotACenter(Invalid):
    code, title = "not_a_center", "菜单由中心统一制定，请填写中心的编号"
    title_en = "A menu belongs to a center"


class LevelUnrequired(Invalid):
    code, title = "level_unrequired", "只能给所需的专长设最低等级"
    title_en = "A least level may be set for a required specialty only"


async def listing(session: AsyncSession, wanted: MenuFilter) -> list[MenuItem]:
    """What can be ordered now, newest first; one more than `limit` when there is a next page.

    Raises NotFound (`organisation_id`).
    """
    rows = select(MenuItem).where(col(MenuItem.active))
    if wanted.organisation_id is not None:
        place = await organisations.get(session, wanted.organisation_id)
        center = select(Organisation.id).where(Organisation.path == center_of(place.path))
        rows = rows.where(col(MenuItem.center_id) == center.scalar_subquery())
    if wanted.category is not None:
        rows = rows.where(col(MenuItem.category) == wanted.category)
    if wanted.q is not None:
        rows = rows.where(col(MenuItem.title).icontains(wanted.q, autoescape=True))
    return list(await session.exec(newest_first(rows, MenuItem, wanted)))


async def get(session: AsyncSession, item_id: UUID) -> MenuItem:
    """Raises NotFound, also for what was taken off the menu."""
    item = await session.get(MenuItem, item_id)
    if item is None or not item.active:
        raise NotFound("菜单中没有这项服务")
    return item


async def create(session: AsyncSession, actor: Actor, new: MenuCreate) -> MenuItem:
    """Raises NotFound, Forbidden, NotACenter, LevelUnrequired, MenuCodeTaken."""
    center = await organisations.reach(session, actor, Permission.MENU_MANAGE, new.center_id)
    if center.level is not OrgLevel.CENTER:
        raise NotACenter
    _check_levels(new.required_specialties, new.required_levels)
    await organisations.bump(session, center.path)
    return await insert_unique(session, MenuItem(**new.model_dump()), MenuCodeTaken)


async def change(session: AsyncSession, actor: Actor, item_id: UUID, columns: dict[str, Any]) -> MenuItem:
    """Also puts back what was taken off. Raises NotFound, Forbidden, LevelUnrequired."""
    item = await session.get(MenuItem, item_id)
    if item is None:
        raise NotFound("菜单中没有这项服务")
    center = await organisations.reach(session, actor, Permission.MENU_MANAGE, item.center_id)
    if columns:
        after = item.model_dump() | columns
        _check_levels(after["required_specialties"], after["required_levels"])
        await organisations.bump(session, center.path)
        item.sqlmodel_update(columns)
        await session.flush()
    return item


def _check_levels(required: Iterable[str], levels: Iterable[str]) -> None:
    if not set(levels) <= set(required):
        raise LevelUnrequired
