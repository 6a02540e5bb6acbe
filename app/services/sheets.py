"""What stands in a file: by kind, whose permission it takes, its headings, and its rows as they are read now.

Whatever the kind, rows come from `visible()` and so from the reach of who asked; numbers, addresses, and names of
those who are served are masked unless the file was asked for whole; the contacts of a child are left out, whole or
not (未成年人网络保护条例 Art. 36).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.age import is_adult
from app.domain.beneficiary import Circumstance
from app.domain.discretion import community, masked_name
from app.domain.gender import GENDER_ZH
from app.domain.lifecycle import STATUS_ZH
from app.domain.roles import Permission
from app.domain.sheet import Cell
from app.domain.taxonomy import categories, specialties
from app.models.audit import AuditEntry
from app.models.order import Beneficiary, Order
from app.models.organisation import Organisation
from app.models.person import Person
from app.models.team import Team
from app.models.volunteer import Volunteer, VolunteerSpecialty
from app.schemas.masks import masked_phone
from app.schemas.sheet import SheetKind
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

NO_CHILD = "（未成年人，不导出）"


@dataclass(frozen=True, slots=True)
class Look:
    """How rows are shown: whole or masked, by the clock of the place, on which day somebody is of age."""

    whole: bool
    zone: ZoneInfo
    at: datetime

    def time(self, instant: datetime | None) -> str:
        return instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M") if instant else ""

    def name(self, name: str) -> str:
        return name if self.whole else masked_name(name)

    def phone(self, phone: str) -> str:
        return phone if self.whole else masked_phone(phone)

    def address(self, address: str) -> str:
        return address if self.whole else community(address)

    def child(self, born: Any) -> bool:
        return born is not None and not is_adult(born, self.at.astimezone(self.zone).date())


Rows = Callable[[AsyncSession, Any, Look], Awaitable[list[tuple[UUID, tuple[Cell, ...]]]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns` are (key, heading); `rows` reads what a SELECT of `model`, ordered and limited, selects."""

    model: type[Volunteer] | type[Order] | type[AuditEntry]
    permission: Permission
    columns: tuple[tuple[str, str], ...]
    rows: Rows


async def _volunteers(session: AsyncSession, chosen: Any, look: Look) -> list[tuple[UUID, tuple[Cell, ...]]]:
    found = await columns(
        session,
        chosen.join(Person, col(Person.id) == Volunteer.person_id).join(
            Organisation, col(Organisation.id) == Volunteer.organisation_id
        ),
        *(Volunteer.id, Volunteer.number, Volunteer.gender, Volunteer.insured_until, Volunteer.active),
        *(
            Volunteer.created_at,
            Person.name,
            Person.phone,
            Person.birth_date,
            col(Organisation.name).label("place"),
        ),
    )
    skills = await _skills(session, [row.id for row in found])
    return [
        (
            row.id,
            (
                row.number,
                row.name,
                NO_CHILD if look.child(row.birth_date) else look.phone(row.phone),
                GENDER_ZH[row.gender] if row.gender else "",
                row.place,
                "、".join(skills.get(row.id, ())),
                row.insured_until.isoformat() if row.insured_until else "",
                "在册" if row.active else "已停用",
                look.time(row.created_at),
            ),
        )
        for row in found
    ]


async def _skills(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    held: dict[UUID, list[str]] = {}
    query = select(VolunteerSpecialty.volunteer_id, VolunteerSpecialty.specialty)
    for row in await columns(session, query.where(col(VolunteerSpecialty.volunteer_id).in_(ids))):
        known = specialties().get(row.specialty)
        held.setdefault(row.volunteer_id, []).append(known.name if known else row.specialty)
    return held


async def _orders(session: AsyncSession, chosen: Any, look: Look) -> list[tuple[UUID, tuple[Cell, ...]]]:
    placer = aliased(Person)
    found = await columns(
        session,
        chosen.join(Organisation, col(Organisation.id) == Order.organisation_id)
        .join(placer, col(placer.id) == Order.placed_by_id)
        .outerjoin(Team, col(Team.id) == Order.team_id),
        *(Order.id, Order.created_at, Order.title, Order.category, Order.status, Order.circumstances),
        *(Order.contact_name, Order.contact_phone, Order.address, Order.beneficiary_id),
        *(Order.scheduled_start, Order.status_at, placer.birth_date),
        *(col(Organisation.name).label("place"), col(Team.name).label("team")),
    )
    served = await _served(session, {row.beneficiary_id for row in found if row.beneficiary_id})
    made: list[tuple[UUID, tuple[Cell, ...]]] = []
    for row in found:
        child = Circumstance.MINOR in row.circumstances or (
            row.beneficiary_id is None and look.child(row.birth_date)
        )
        category = categories().get(row.category)
        who: tuple[str, ...] = (NO_CHILD,) * 4
        if not child:
            name, phone = look.name(row.contact_name), look.phone(row.contact_phone)
            who = (name, phone, look.name(served.get(row.beneficiary_id, "")), look.address(row.address))
        told = (row.title, category.name if category else row.category, row.place, STATUS_ZH[row.status])
        when = (look.time(row.scheduled_start), row.team or "", look.time(row.created_at))
        made.append((row.id, (row.id.hex, *told, *who, *when, look.time(row.status_at))))
    return made


async def _served(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    found = visible(Beneficiary, SYSTEM).where(col(Beneficiary.id).in_(set(ids)))
    return {row.id: row.name for row in await columns(session, found, Beneficiary.id, Beneficiary.name)}


async def _entries(session: AsyncSession, chosen: Any, look: Look) -> list[tuple[UUID, tuple[Cell, ...]]]:
    found = await columns(
        session,
        chosen.outerjoin(Person, col(Person.id) == AuditEntry.actor_id),
        *(AuditEntry.id, AuditEntry.created_at, AuditEntry.actor_id, AuditEntry.act, AuditEntry.result),
        *(AuditEntry.org_path, AuditEntry.object_kind, AuditEntry.object_id, AuditEntry.reason),
        *(AuditEntry.address, AuditEntry.data, AuditEntry.request_id, AuditEntry.chain, Person.name),
    )
    return [
        (
            row.id,
            (
                *(row.id.hex, look.time(row.created_at), row.actor_id.hex if row.actor_id else ""),
                *(look.name(row.name or ""), row.act, row.result, row.org_path, row.object_kind),
                *(row.object_id.hex if row.object_id else "", row.reason, row.address),
                *(orjson.dumps(row.data).decode(), row.request_id, row.chain or ""),
            ),
        )
        for row in found
    ]


SHEETS: dict[SheetKind, Sheet] = {
    SheetKind.VOLUNTEERS: Sheet(
        Volunteer,
        Permission.EXPORTS_MAKE,
        (
            *(("number", "志愿者编号"), ("name", "姓名"), ("phone", "电话"), ("gender", "性别")),
            *(("organisation", "所属组织"), ("specialties", "专长"), ("insured_until", "保险至")),
            *(("state", "状态"), ("registered_at", "登记时间")),
        ),
        _volunteers,
    ),
    SheetKind.ORDERS: Sheet(
        Order,
        Permission.EXPORTS_MAKE,
        (
            *(("id", "订单编号"), ("title", "名称"), ("category", "类别"), ("organisation", "受理组织")),
            *(("state", "状态"), ("contact", "联系人"), ("phone", "联系电话"), ("served", "服务对象")),
            *(("address", "地址"), ("scheduled_at", "约定时间"), ("team", "服务队")),
            *(("placed_at", "点单时间"), ("state_at", "状态时间")),
        ),
        _orders,
    ),
    SheetKind.AUDIT: Sheet(
        AuditEntry,
        Permission.AUDIT_READ,
        (
            *(("id", "记录编号"), ("at", "时间"), ("actor_id", "操作人编号"), ("actor", "操作人")),
            *(("act", "操作"), ("result", "结果"), ("org_path", "组织"), ("object_kind", "对象类型")),
            *(("object_id", "对象编号"), ("reason", "理由"), ("address", "来源地址"), ("data", "内容")),
            *(("request_id", "请求编号"), ("chain", "链值")),
        ),
        _entries,
    ),
}
