"""Orders that are placed at the same moment share a statement; nobody's fate hangs on a neighbour's."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from sqlalchemy import event
from sqlmodel import col, func, select

from app.db import table_of
from app.errors import Unavailable
from app.gathering import MOST, Gathering
from app.house import House
from app.insertion import Call, Insertion, Key
from app.models.menu import MenuItem
from app.models.person import SignIn
from app.services.actors import signed_in
from tests.center import spam_policy
from tests.factories import District

CROWD = 40
GUARD = signed_in()


@contextmanager
def inserts_of(house: House) -> Iterator[list[str]]:
    """The INSERT statements sent while the block runs."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if "INSERT INTO service_order " in sql:
            sent.append(sql)

    event.listen(house.database.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(house.database.engine.sync_engine, "before_cursor_execute", note)


async def place(
    client: httpx.AsyncClient, district: District, who: str, key: str, **changes: Any
) -> httpx.Response:
    headers = district.as_(who, key=key)
    return await client.post("/orders", json=district.order_body(**changes), headers=headers)


async def test_a_crowd_is_placed_by_few_statements(client: httpx.AsyncClient, district: District) -> None:
    people = ("resident", "neighbour", "stranger", "volunteer")
    with inserts_of(district.house) as sent:
        answers = await asyncio.gather(
            *(place(client, district, people[n % 4], f"crowd-key-{n}") for n in range(CROWD))
        )
    assert [answer.status_code for answer in answers] == [201] * CROWD
    assert len({answer.json()["id"] for answer in answers}) == CROWD
    for answer in answers[:4]:
        events = await client.get(f"/orders/{answer.json()['id']}/events", headers=district.as_("dispatcher"))
        assert [one["action"] for one in events.json()] == ["submit"]
    if district.house.database.postgresql:
        assert len(sent) < CROWD / 2
    else:
        assert len(sent) == CROWD


async def test_of_the_same_press_many_times_one_counts(client: httpx.AsyncClient, district: District) -> None:
    answers = await asyncio.gather(*(place(client, district, "resident", "same-key-1") for _ in range(CROWD)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    mine = await client.get("/orders?mine=true", headers=district.as_("resident"))
    assert len(mine.json()["items"]) == 1


async def test_who_signed_out_meanwhile_is_alone_refused(
    client: httpx.AsyncClient, district: District
) -> None:
    async with district.house.database.transaction() as session:
        gone = await session.get_one(SignIn, district.sign_ins[district["neighbour"].id].id)
        gone.revoked_at = gone.created_at
        session.add(gone)
    await spam_policy(client, district, orders_a_day=CROWD)
    who = ["resident" if n % 3 else "neighbour" for n in range(CROWD)]
    answers = await asyncio.gather(*(place(client, district, who[n], f"leave-key-{n}") for n in range(CROWD)))
    assert [answer.status_code for answer in answers] == [201 if one == "resident" else 401 for one in who]


async def test_what_the_database_rejects_spoils_nobody_else(district: District) -> None:
    """A row without its parent stands among good ones; only its own caller hears of it."""
    database, person = district.house.database, district["resident"]
    parameters = {"person_id": person.id, "sign_in_id": district.sign_ins[person.id].id}
    items = [
        MenuItem(
            **district.cleaning.model_dump(exclude={"id", "code", "center_id", "people"}),
            code=f"item-{number}",
            center_id=person.id if number == 7 else district.center.id,
            people=2,
        )
        for number in range(CROWD)
    ]
    told = await asyncio.gather(
        *(
            database.insert_all([(table_of(MenuItem), item.model_dump())], GUARD, parameters)
            for item in items
        ),
        return_exceptions=True,
    )
    assert [one for n, one in enumerate(told) if n != 7] == [True] * (CROWD - 1)
    assert type(told[7]).__name__ == "IntegrityError"
    async with database.transaction() as session:
        kept = select(func.count()).select_from(MenuItem).where(col(MenuItem.code).startswith("item-"))
        assert (await session.exec(kept.where(MenuItem.center_id == district.center.id))).one() == CROWD - 1


INSERTION = Insertion("", (), ("name",))


async def test_a_database_that_is_away_is_away_for_all_and_not_for_ever() -> None:
    away = True

    async def write(_: Insertion, calls: Sequence[Call]) -> set[Key]:
        if away:
            raise Unavailable
        return {(call["name"],) for call in calls}

    gathering = Gathering(write)
    told = await asyncio.gather(
        *(gathering.insert(INSERTION, {"name": n}) for n in range(3)), return_exceptions=True
    )
    assert [type(one) for one in told] == [Unavailable] * 3
    away = False
    assert await gathering.insert(INSERTION, {"name": 4})


async def test_a_call_goes_at_once_and_those_who_come_meanwhile_go_together() -> None:
    batches: list[list[Any]] = []
    begun, free = asyncio.Event(), asyncio.Event()

    async def write(_: Insertion, calls: Sequence[Call]) -> set[Key]:
        batches.append([call["name"] for call in calls])
        begun.set()
        await free.wait()
        return {(call["name"],) for call in calls if call["name"] != 2}

    gathering = Gathering(write)
    first = asyncio.create_task(gathering.insert(INSERTION, {"name": 0}))
    await begun.wait()
    names = [5, 2, 2, *range(10, 10 + MOST)]
    others = [asyncio.create_task(gathering.insert(INSERTION, {"name": name})) for name in names]
    await asyncio.sleep(0)
    others[0].cancel()
    free.set()
    told = await asyncio.gather(first, *others, return_exceptions=True)
    assert isinstance(told.pop(1), asyncio.CancelledError)
    assert told == [True, False, False] + [True] * MOST
    assert batches[0] == [0]
    assert batches[1] == [2, 5, *range(10, 10 + MOST - 2)]
    assert batches[2] == [2, *range(10 + MOST - 2, 10 + MOST)]
