"""The SQL a route sends, taken down while the service sends it, so that others can be made to send the same.

An argument that belongs to the one call recorded (its caller, its order, ids made on the way) becomes a Slot;
all others stay as they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import event, insert

from app.house import House
from app.main import create_app
from benchmarks.scene import Scene
from benchmarks.stage import LEADERS, READERS, RESIDENTS, Plan, Slot, Statement, identity

_KEY = "fresh0"
_FRESH = tuple(f"fresh{number}" for number in range(1, 8))


@dataclass
class _Taking:
    """Turns the arguments of one recorded call into slots. `known` are the ids the call was made with."""

    known: dict[UUID, Slot]
    constant: set[UUID]
    key: str
    fresh: Iterator[str] = field(default_factory=lambda: iter(_FRESH))

    def argument(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.argument(one) for one in value]
        if isinstance(value, UUID):
            value = UUID(int=value.int)
            if value not in self.known and value not in self.constant:
                self.known[value] = Slot(next(self.fresh))
            return self.known.get(value, value)
        if isinstance(value, str):
            if value and value == self.key:
                return Slot(_KEY, text=True, before="bench-")
            there = [known for known in self.known if known.hex in value]
            if there and not value.startswith("{"):
                first = min(there, key=lambda known: value.index(known.hex))
                slot, (before, _, after) = self.known[first], value.partition(first.hex)
                return Slot(slot.kind, slot.first, slot.modulus, True, before, after)
        return value


@contextmanager
def _listening(house: House) -> Iterator[list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, sql: str, arguments: Any, _x: Any, many: bool) -> None:
        heard.extend((sql, one) for one in (arguments if many else [arguments]))

    engine = house.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


async def record(scene: Scene, method: str, path: str, body: bytes, ids: dict[UUID, Slot]) -> Plan:
    """Make this call on the service itself, as number 0 to warm its caches, and take it down as number 1.

    `ids` are the ids of number 1 in which one call differs from the next; the caller's come first. Raises
    AssertionError when a call fails.
    """
    transport = httpx.ASGITransport(app=create_app(scene.house))
    first = next(iter(ids.values())).first
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as caller:
        for number in (0, 1):
            key = f"recorded-{number}"
            headers = {
                "Authorization": f"Bearer {scene.token(first + number)}",
                "Content-Type": "application/json",
            }
            headers |= {"Idempotency-Key": key} if method == "POST" else {}
            numbered = path.format(offer=identity("offer", number))
            with _listening(scene.house) as heard:
                answer = await caller.request(method, numbered, content=body, headers=headers)
            assert answer.is_success, answer.text
    taking = _Taking(dict(ids), _constants(scene), key)
    return [Statement(sql, tuple(map(taking.argument, arguments))) for sql, arguments in heard]


def _constants(scene: Scene) -> set[UUID]:
    district = scene.district
    return {one.id for one in (district.center, district.office, district.station, district.cleaning)}


async def plans(scene: Scene) -> dict[str, Plan]:
    """By route: create (one statement), list, accept; and create_three, the same order as three inserts.

    The offers numbered 0 and 1 must be open; both are accepted here.
    """
    offered = {
        identity("offer", 1): Slot("offer"),
        identity("order", 1): Slot("order"),
        identity("team", 1): Slot("team", 0, LEADERS),
        identity("person", 1): Slot("person", 0, RESIDENTS),
    }
    leader = _caller(RESIDENTS + READERS, LEADERS)
    listing = "/api/v1/orders?mine=true&limit=20"
    return {
        "create": await record(scene, "POST", "/api/v1/orders", scene.body(), _caller(0, RESIDENTS)),
        "create_three": _three_inserts(scene),
        "list": await record(scene, "GET", listing, b"", _caller(RESIDENTS, READERS)),
        "accept": await record(scene, "POST", "/api/v1/offers/{offer}/accept", b"{}", leader | offered),
    }


def _caller(first: int, many: int) -> dict[UUID, Slot]:
    return {identity(kind, first + 1): Slot(kind, first, many) for kind in ("person", "sign_in")}


def _three_inserts(scene: Scene) -> Plan:
    known = {identity("person", 0): Slot("person", 0, RESIDENTS)}
    taking = _Taking(known, _constants(scene), "")
    dialect = scene.house.database.engine.dialect
    plan = []
    for table, row in scene.rows:
        made = insert(table).values(dict.fromkeys(row)).compile(dialect=dialect)
        arguments = [_sent(table.c[name], row[name], dialect) for name in made.positiontup or ()]
        plan.append(Statement(str(made), tuple(map(taking.argument, arguments))))
    return plan


def _sent(column: Any, value: Any, dialect: Any) -> Any:
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return value if process is None or isinstance(value, datetime) else process(value)
