"""The rows under load: a center with residents, order histories, and teams whose leaders hold open offers.

The first row of a kind is made by the service itself; the many are copies of it, sent by COPY.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson

from app.domain.lifecycle import OfferStatus, OrderStatus
from app.domain.roles import Role
from app.house import House
from app.schemas.order import OrderCreate
from app.services.order_draft import draft
from app.services.order_rows import Rows
from benchmarks.stage import LEADERS, READERS, RESIDENTS, identity
from tests.factories import District, plant

HISTORY = 40
"""Own orders of each reader: two pages."""

_HISTORIC = 1 << 40
"""Orders from here on are the readers' history; those below were offered to a team."""


@dataclass(frozen=True)
class Scene:
    """What was planted, and the rows of one order as the service makes them at this moment."""

    district: District
    at: datetime
    rows: Rows
    parts: dict[str, Any]

    @property
    def house(self) -> House:
        return self.district.house

    def token(self, person: int) -> str:
        """A token of the numbered person: residents first, then readers, then leaders."""
        tokens = self.house.tokens
        return tokens.issue(identity("person", person), identity("sign_in", person), self.at)

    def body(self) -> bytes:
        """A `POST orders` body for tomorrow."""
        start = (self.at + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        window = {"start": start.isoformat(), "end": (start + timedelta(hours=3)).isoformat()}
        return orjson.dumps(self.district.order_body(window=window))


async def build(house: House) -> Scene:
    """Plant everything but the open offers."""
    scene = Scene(await plant(house), datetime.now(UTC), [], {})
    snapshot = await house.catalogue.of(scene.district.station.id)
    assert snapshot is not None
    wanted = OrderCreate.model_validate_json(scene.body())
    order, rows = draft(snapshot, identity("person", 0), wanted, scene.at)
    scene.rows.extend(rows)
    scene.parts.update(order)
    async with connection(house) as database:
        await _people(database, scene)
        await _copy(database, "service_order", _history(order))
        await database.execute("VACUUM ANALYZE")
    return scene


def connection(house: House) -> Any:
    """A bare connection to the database of this house."""
    url = house.database.engine.url
    return _Connection(user=url.username, database=url.database, host=str(url.query["host"]))


class _Connection:
    def __init__(self, **where: Any) -> None:
        self._where = where

    async def __aenter__(self) -> Any:
        self._open = await asyncpg.connect(**self._where)
        return self._open

    async def __aexit__(self, *_: object) -> None:
        await self._open.close()


async def _people(database: Any, scene: Scene) -> None:
    at, team = scene.at, scene.district.team.model_dump()
    numbers = range(RESIDENTS + READERS + LEADERS)
    person = scene.district["resident"].model_dump()
    await _copy(
        database, "person", [{**person, "id": identity("person", n), "name": f"测试{n}"} for n in numbers]
    )
    sign_in = {"created_at": at, "revoked_at": None}
    await _copy(
        database,
        "sign_in",
        [{**sign_in, "id": identity("sign_in", n), "person_id": identity("person", n)} for n in numbers],
    )
    teams = range(LEADERS)
    await _copy(database, "team", [{**team, "id": identity("team", n), "name": f"第{n}队"} for n in teams])
    leads = {"created_at": at, "role": Role.TEAM_LEADER.value, "organisation_id": None, "granted_by_id": None}
    grants = [
        {
            **leads,
            "id": identity("grant", n),
            "person_id": identity("person", RESIDENTS + READERS + n),
            "team_id": identity("team", n),
        }
        for n in teams
    ]
    await _copy(database, "role_grant", grants)


def _history(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number in range(READERS * HISTORY):
        placed_by = identity("person", RESIDENTS + number % READERS)
        yield {**order, "id": identity("order", _HISTORIC + number), "placed_by_id": placed_by}


async def offer(scene: Scene, numbers: Sequence[int]) -> None:
    """Orders with these numbers, each offered to the team whose number it is modulo the leaders."""
    order = {**scene.parts, "status": OrderStatus.OFFERED.value, "version": 3}
    orders = (
        {**order, "id": identity("order", n), "placed_by_id": identity("person", n % RESIDENTS)}
        for n in numbers
    )
    open_offer = {
        "created_at": scene.at,
        "status": OfferStatus.OPEN.value,
        "expires_at": scene.at + timedelta(days=1),
        "standby": False,
        "excused": False,
        "answered_at": None,
        "answered_by_id": None,
        "reason": "",
        "receipt": {},
    }
    offers = (
        {
            **open_offer,
            "id": identity("offer", n),
            "order_id": identity("order", n),
            "team_id": identity("team", n % LEADERS),
        }
        for n in numbers
    )
    async with connection(scene.house) as database:
        await _copy(database, "service_order", orders)
        await _copy(database, "offer", offers)


async def _copy(database: Any, table: str, rows: Any) -> None:
    sent = [plain(row) for row in rows]
    records = (tuple(row.values()) for row in sent)
    await database.copy_records_to_table(table, records=records, columns=list(sent[0]))


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """The same values as a driver takes them: JSON as text, enums as their value."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value) if isinstance(value, str) else value
