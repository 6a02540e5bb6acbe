"""People with a password, and rows that an order leaves behind, for the tests of signing in and of me."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import SQLModel

from app.domain.beneficiary import own_key
from app.domain.lifecycle import OrderStatus
from app.domain.policy import Urgency
from app.house import House
from app.models.base import new_id
from app.models.menu import Mode, Risk
from app.models.order import BENEFICIARY, Order
from app.models.person import Person
from app.services.passwords import hash_strong
from tests.factories import NOW, SATURDAY_9, District

PASSWORD = "Daohua-Xiang-2026"
_kept: list[str] = []
"""Its hash, worked out once: that takes its time on purpose."""


async def save(house: House, *rows: SQLModel) -> None:
    """Insert in the given order."""
    async with house.database.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def staff(house: House, **changes: Any) -> Person:
    """Somebody who signs in with PASSWORD, in no center."""
    if not _kept:
        _kept.append(await hash_strong(PASSWORD, ""))
    person = Person(name="测试员", username=f"staff_{new_id().hex}", password_hash=_kept[0], **changes)
    await save(house, person)
    return person


async def reread(house: House, person: Person) -> Person:
    async with house.database.transaction() as session:
        found = await session.get(Person, person.id)
        assert found is not None
        return found


def order_of(
    district: District, person: str, status: OrderStatus, at: datetime = NOW, **changes: Any
) -> Order:
    """An order for oneself; a staffed one needs `team_id`, `scheduled_start` and `scheduled_end`."""
    columns: dict[str, Any] = {
        "organisation_id": district.station.id,
        "handler_id": district.station.id,
        "org_path": district.station.path,
        "placed_by_id": district[person].id,
        "beneficiary_key": district.house.database.keyring.hashed(own_key(district[person].id), BENEFICIARY),
        "title": "家庭保洁",
        "category": "care",
        "detail": "门口有台阶",
        "risk": Risk.NONE,
        "urgency": Urgency.NORMAL,
        "people": 1,
        "mode": Mode.ON_SITE,
        "address": "松岭社区3栋201",
        "lat": 28.3,
        "lon": 112.9,
        "contact_name": "张阿婆",
        "contact_phone": "13800000001",
        "window_start": SATURDAY_9,
        "window_end": SATURDAY_9 + timedelta(hours=2),
        "duration_minutes": 60,
        "status": status,
        "status_at": at,
        "created_at": at,
        "pool_path": district.station.path if status is OrderStatus.POOLED else None,
    }
    return Order(**columns | changes)


def staffed(district: District) -> dict[str, Any]:
    return {
        "team_id": district.team.id,
        "scheduled_start": SATURDAY_9,
        "scheduled_end": SATURDAY_9 + timedelta(hours=1),
    }
