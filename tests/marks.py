"""A mark in every column that says something of a person, and which of them can still be found: by opening them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Date, Enum, Float, LargeBinary, String, Table, select
from sqlmodel import AutoString, SQLModel

from app.house import House
from app.models.base import new_id
from app.models.personal import Kept, Personal
from app.sealing import Hashed, Sealed
from app.services.recurring_orders import KEPT_TERMS
from app.storage.port import media_key
from tests.broken_promises import PARENT, STAFFED
from tests.test_constraints import plant as plant_row

TABLES = SQLModel.metadata.sorted_tables
WORDY = (String, AutoString, JSON, Date, Float, LargeBinary, Sealed, Hashed)
HERE = "/kept/"


def personal(column: Column[Any]) -> Personal | None:
    told: Personal | None = column.info.get("personal")
    return told


def name_of(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def kept_until() -> dict[str, Kept]:
    """Every column that says something of a person and can hold words, bytes, days or places, and its term."""
    return {
        name_of(column): told.kept
        for table in TABLES
        for column in table.columns
        if (told := personal(column)) and isinstance(column.type, WORDY) and not isinstance(column.type, Enum)
    }


class Marks:
    """What was planted: the trace of each column is text that is found where its value is, and nowhere else."""

    def __init__(self, house: House, begun: int = 1) -> None:
        self.house, self._count, self.traces = house, begun, dict[str, str]()

    def value(self, column: Column[Any]) -> Any:
        """What to write into a column; its trace is remembered."""
        self._count += 1
        number, mark = self._count, f"birdsong{self._count:05}"
        value: Any = mark
        match column.type:
            case Hashed(use=use):
                self.traces[name_of(column)] = self.house.database.keyring.hashed(mark, use)
                return mark
            case Sealed(kind="bytes"):
                value = mark.encode()
            case Sealed(kind="list") | JSON():
                value = [mark]
            case Sealed(kind="object"):
                value = {"said": mark}
            case Sealed(kind="date") | Date():
                value, mark = (day := date(1900, 1, 1) + timedelta(days=number)), str(day)
            case Sealed(kind="number") | Float():
                value, mark = (far := 10_000.125 + number), str(far)
        match name_of(column):
            case "media.storage_key":
                value = mark = media_key(new_id(), "image/jpeg")
            case "service_order.beneficiary_key":
                value = mark = mark.ljust(64, "0")
            case "recurring_order.wanted":
                value = dict.fromkeys(KEPT_TERMS, "") | {"detail": mark}
        self.traces[name_of(column)] = mark
        return value

    def of(self, table: Table, kinds: Iterable[Kept] = tuple(Kept)) -> dict[str, Any]:
        """A value for each column of `table` that is kept so."""
        terms = kept_until()
        return {
            column.name: self.value(column)
            for column in table.columns
            if terms.get(name_of(column)) in tuple(kinds)
        }

    async def left(self) -> set[str]:
        """The columns whose mark is still somewhere, whatever the table: every column there is, opened."""
        told: list[str] = []
        async with self.house.database.reading() as session:
            connection = await session.connection()
            for table in TABLES:
                told += (str(value) for row in await connection.execute(select(table)) for value in row)
        everything = "\n".join(told)
        return {name for name, trace in self.traces.items() if trace in everything}


async def plant_ended(house: House, marks: Marks, then: datetime) -> None:
    """A row in every table with a mark in every column there is: of one order of one center, and all of it over at
    `then`; the person's account, too.
    """
    ended = _ended(then)
    async with house.database.transaction() as session:
        connection = await session.connection()
        parents: dict[str, Any] = {}
        for table in TABLES:
            alike = {"org_path": HERE, "created_at": then}
            everywhere = {name: value for name, value in alike.items() if name in table.c}
            row = marks.of(table) | everywhere | ended.get(table.name, {})
            parents[table.name] = (await plant_row(connection, table, row, {}, parents)).get("id")


async def plant_person(house: House, marks: Marks, parents: dict[str, Any]) -> UUID:
    """Somebody with an account and a mark in every column that is kept as long as that; the id.

    `parents` are the ids of what else is referred to, by table.
    """
    parents = dict(parents)
    async with house.database.transaction() as session:
        connection = await session.connection()
        for table in TABLES:
            if row := marks.of(table, (Kept.ACCOUNT, Kept.NAMED)):
                parents[table.name] = (await plant_row(connection, table, row, {}, parents)).get("id")
    person: UUID = parents["person"]
    return person


def _ended(then: datetime) -> dict[str, dict[str, Any]]:
    """What says of a row that it is over, and what it hangs on."""
    return {
        "absence": {"appealed_at": then},
        "media": {"order_id": PARENT, "stage": "delivery"},
        "notification": {"due_at": then, "order_id": PARENT, "org_path": None},
        "organisation": {"path": HERE, "code": "kept"},
        "person": {"active": False, "closed_at": then},
        "data_consent": {"withdrawn_at": then},
        "recurring_order": {"status": "ended", "made_until": then},
        "refresh_token": {"expires_at": then},
        "reveal": {"order_id": PARENT},
        "service_order": {
            **STAFFED,
            "status": "closed",
            "status_at": then,
            "beneficiary_id": PARENT,
        },
        "sign_in": {"revoked_at": then, "seen_at": then},
        "sign_in_attempt": {"tried_at": then},
        "team_specialty": {"proof_until": then.date()},
    }
