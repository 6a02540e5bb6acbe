"""The rows under load: a center with residents, order histories, and teams whose leaders hold open offers.

The first row of a kind is made by the service itself; the many are copies of it, sent by COPY.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
from sqlalchemy import Table

from app.db import table_of
from app.domain.lifecycle import OfferStatus, OrderStatus
from app.domain.roles import Role
from app.domain.trust import PrivacyPolicy
from app.house import House
from app.models.consent import DataConsent, Purpose
from app.models.offer import Offer
from app.models.order import Order
from app.models.person import Person, RoleGrant, SignIn
from app.models.team import Team
from app.schemas.order import OrderCreate
from app.sealing import Hashed, Keyring, Sealed
from app.services.order_draft import draft
from app.services.order_rows import Rows
from benchmarks.stage import LEADERS, READERS, RESIDENTS, identity
from tests.factories import District, plant

Row = dict[str, Any]

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
    order, rows = draft(snapshot, house.database.keyring, identity("person", 0), wanted, scene.at)
    scene.rows.extend(rows)
    scene.parts.update(order)
    async with connection(house) as database:
        await _people(database, scene)
        await copy(database, house, Order, _history(order))
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
    at, house, team = scene.at, scene.house, scene.district.team.model_dump()
    numbers = range(RESIDENTS + READERS + LEADERS)
    person = scene.district["resident"].model_dump()
    named = (
        {**person, "id": identity("person", n), "name": f"测试{n}", "name_hash": f"测试{n}"} for n in numbers
    )
    await copy(database, house, Person, named)
    sign_in = SignIn(person_id=person["id"], created_at=at, seen_at=at).model_dump()
    signed_in = (
        {**sign_in, "id": identity("sign_in", n), "person_id": identity("person", n)} for n in numbers
    )
    await copy(database, house, SignIn, signed_in)
    agreed = DataConsent(person_id=person["id"], purpose=Purpose.SERVICE, version=PrivacyPolicy().version)
    consent = agreed.model_dump() | {"created_at": at}
    consents = (
        {**consent, "id": identity("consent", n), "person_id": identity("person", n)} for n in numbers
    )
    await copy(database, house, DataConsent, consents)
    teams = range(LEADERS)
    await copy(
        database, house, Team, [{**team, "id": identity("team", n), "name": f"第{n}队"} for n in teams]
    )
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
    await copy(database, house, RoleGrant, grants)


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
        await copy(database, scene.house, Order, orders)
        await copy(database, scene.house, Offer, offers)


async def copy(database: Any, house: House, model: type, rows: Iterable[Row]) -> None:
    """Send rows of the same columns, sealed as the service would have sealed them."""
    table, ring = table_of(model), house.database.keyring
    sent = [plain(table, row, ring) for row in rows]
    records = (tuple(row.values()) for row in sent)
    await database.copy_records_to_table(table.name, records=records, columns=list(sent[0]))


def plain(table: Table, row: Row, keyring: Keyring) -> Row:
    """The same values as a driver takes them: sealed or hashed, JSON as text, enums as their value."""
    return {name: _plain(table.c[name].type, value, keyring) for name, value in row.items()}


def _plain(kind: Any, value: Any, keyring: Keyring) -> Any:
    if isinstance(kind, Sealed):
        return kind.sealed(keyring, value)
    if isinstance(kind, Hashed):
        return keyring.hashed(value, kind.use) if value else None
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value) if isinstance(value, str) else value
