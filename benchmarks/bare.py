"""The service's statements through bare asyncpg behind FastAPI: what is left when SQLAlchemy is taken away.

What a careful hand would write: uvloop, a pool, prepared statements, a pydantic body, orjson, a frozen heap, the
token verified on every request. An order is three inserts in a transaction, without the idempotency record
and the conditions that the service adds, and nothing in it is sealed; reading and accepting send what the service
was recorded to send, without any thinking in between.
"""

import gc
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI, Header, Request, Response
from jose import jwt
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from app.clock import now
from benchmarks.stage import RESIDENTS, Plan, load, number_of

POOL = 10


class Point(BaseModel):
    lat: float
    lon: float


class Window(BaseModel):
    start: datetime
    end: datetime


class Contact(BaseModel):
    name: str
    phone: str


class Wanted(BaseModel):
    organisation_id: UUID
    menu_item_id: UUID
    detail: str
    window: Window
    address: str
    location: Point
    contact: Contact


def create_app() -> FastAPI:
    stage = load()
    inserts = [_insert(table, row) for table, row in stage.rows]
    (_, order_row), (_, event_row), (_, notice_row) = stage.rows

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(**stage.connection, min_size=POOL, max_size=POOL) as pool:
            app.state.pool = pool
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)
            yield

    async def person(authorization: Annotated[str, Header()]) -> UUID:
        found = jwt.decode(authorization.removeprefix("Bearer "), stage.secret, algorithms=["HS256"])
        return UUID(found["sub"])

    app = FastAPI(lifespan=lifespan)

    @app.get("/readyz")
    async def ready(request: Request) -> Response:
        await request.app.state.pool.fetchval("SELECT 1")
        return Response(b"{}")

    @app.post("/api/v1/orders")
    async def create(request: Request, wanted: Wanted, caller: Annotated[UUID, Depends(person)]) -> Response:
        at, order_id = now(), uuid7()
        order = {
            **order_row,
            "id": order_id,
            "created_at": at,
            "organisation_id": wanted.organisation_id,
            "handler_id": wanted.organisation_id,
            "menu_item_id": wanted.menu_item_id,
            "placed_by_id": caller,
            "detail": wanted.detail.encode(),
            "address": wanted.address.encode(),
            "lat": struct.pack("!d", wanted.location.lat),
            "lon": struct.pack("!d", wanted.location.lon),
            "contact_name": wanted.contact.name.encode(),
            "contact_phone": wanted.contact.phone.encode(),
            "window_start": wanted.window.start,
            "window_end": wanted.window.end,
            "status_at": at,
        }
        event = {
            **event_row,
            "id": uuid7(),
            "order_id": order_id,
            "created_at": at,
            "actor_id": caller,
        }
        notice = {
            **notice_row,
            "id": uuid7(),
            "created_at": at,
            "order_id": order_id,
            "data": orjson.dumps({"title": order["title"], "reason": "", "audience": "staff"}).decode(),
            "dedupe_key": f"{order_id.hex}:1:staff:",
        }
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            for sql, row in zip(inserts, (order, event, notice), strict=True):
                await connection.execute(sql, *row.values())
        return _json(order, 201)

    @app.get("/api/v1/orders")
    async def listing(request: Request, caller: Annotated[UUID, Depends(person)]) -> Response:
        number = number_of(caller) - RESIDENTS
        answers = await _replay(request, stage.plans["list"], number)
        return _json({"items": [dict(row) for row in answers[-1]], "next_cursor": None})

    @app.post("/api/v1/offers/{offer_id}/accept")
    async def accept(request: Request, offer_id: UUID, _: Annotated[UUID, Depends(person)]) -> Response:
        plan = stage.plans["accept"]
        answers = await _replay(request, plan, number_of(offer_id))
        moved = next(rows for one, rows in zip(plan, answers, strict=True) if one.sql.startswith(MOVING))
        return _json(dict(moved[0]))

    return app


MOVING = "UPDATE service_order"


async def _replay(request: Request, plan: Plan, number: int) -> list[Any]:
    async with request.app.state.pool.acquire() as connection:
        if len(plan) == 1:
            return [await connection.fetch(plan[0].sql, *plan[0].filled(number))]
        async with connection.transaction():
            return [await connection.fetch(one.sql, *one.filled(number)) for one in plan]


def _insert(table: str, row: dict[str, Any]) -> str:
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"


def _json(data: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(data, default=str), status, media_type="application/json")
