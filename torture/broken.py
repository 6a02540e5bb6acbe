"""Plants one bug in this process, by replacing the piece of the house that keeps the guarantee."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import db
from app.domain.delivery import SENT, Delivery
from app.domain.lifecycle import OrderStatus
from app.jobs import deliver_notices, sweep
from app.models.order import Order
from app.routers import keyed
from app.services import closing, discretion, moves, points, revealing
from app.services.notifications import tell
from app.services.policies import policy_at
from torture.bugs import BUGS

NOW_AND_THEN = 0.2
WINDOW_SECONDS = 0.05
"""So long a leader who has read may be overtaken by another, where no condition stops the second."""


def plant(name: str) -> None:
    """Break the guarantee in this process, for good. Raises KeyError for a bug that nobody knows."""
    _PLANTS[name]()


def _lost_ack() -> None:
    """The answer goes out as if all were well, and what it speaks of is rolled back."""

    @asynccontextmanager
    async def transaction(self: db.Database) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session, session.begin():
            yield session
            if random.random() < NOW_AND_THEN:
                await session.flush()
                session.expunge_all()
                await session.rollback()

    _replace(db.Database, "transaction", transaction)


class _Careless:
    """An UPDATE of an order that keeps its first condition, the id, and drops the rest."""

    def __init__(self, model: type) -> None:
        self._statement = update(model)

    def where(self, first: Any, *_: Any) -> Any:
        return self._statement.where(first)


def _double_accept() -> None:
    async def slow(session: AsyncSession, org_path: str) -> Any:
        await asyncio.sleep(WINDOW_SECONDS)
        return await policy_at(session, org_path)

    _replace(moves, "policy_at", slow)
    _replace(moves, "update", lambda model: _Careless(model) if model is Order else update(model))


def _double_credit() -> None:
    async def nothing(session: AsyncSession, person_id: UUID, order_id: UUID) -> int:
        return 0

    _replace(points, "had_for_order", nothing)
    _replace(closing, "uuid5", lambda *_: uuid4())


def _lost_notice() -> None:
    async def forgetful(*args: Any, **options: Any) -> None:
        if random.random() > NOW_AND_THEN:
            await tell(*args, **options)

    _replace(moves, "tell", forgetful)


def _forgotten_key() -> None:
    async def begin(*_: Any) -> None:
        return None

    _replace(keyed, "begin", begin)


def _forgetful_sender() -> None:
    send = deliver_notices._send

    async def forgetful(*given: Any) -> Delivery:
        return SENT if random.random() < NOW_AND_THEN else await send(*given)

    _replace(deliver_notices, "_send", forgetful)


def _stammering_sender() -> None:
    send = deliver_notices._send

    async def stammering(*given: Any) -> Delivery:
        if random.random() < NOW_AND_THEN:
            await send(*given)
        return await send(*given)

    _replace(deliver_notices, "_send", stammering)


def _forgotten_look() -> None:
    remember = revealing._remember

    async def forgetful(*given: Any) -> None:
        if random.random() > NOW_AND_THEN:
            await remember(*given)

    _replace(revealing, "_remember", forgetful)


def _stammering_look() -> None:
    _replace(revealing, "ONCE_IN", timedelta(0))


def _open_door() -> None:
    _replace(discretion, "SERVING", frozenset(OrderStatus))


def _blind_clock() -> None:
    look = sweep._one

    async def blind(model: Any, database: Any, due: Any, deed: Any, row_id: UUID) -> bool:
        return bool(row_id.int % 2) and await look(model, database, due, deed, row_id)

    _replace(sweep, "_one", blind)


def _replace(room: Any, name: str, thing: Any) -> None:
    assert hasattr(room, name), f"{room} has no {name}: the bug would not be there"
    setattr(room, name, thing)


_PLANTS: dict[str, Callable[[], None]] = {
    "lost_ack": _lost_ack,
    "double_accept": _double_accept,
    "double_credit": _double_credit,
    "lost_notice": _lost_notice,
    "forgotten_key": _forgotten_key,
    "forgetful_sender": _forgetful_sender,
    "stammering_sender": _stammering_sender,
    "forgotten_look": _forgotten_look,
    "stammering_look": _stammering_look,
    "open_door": _open_door,
    "blind_clock": _blind_clock,
}
assert _PLANTS.keys() == BUGS.keys()
