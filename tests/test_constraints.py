"""Every promise of the schema is broken once, by a real insert, on both engines: or it may not exist at all.

Keys, references, vocabularies and NOT NULLs are broken from the metadata; what only a person can say (which
values break a CHECK, which rows a partial key is about) stands in the tables below, by constraint name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    insert,
    literal,
    null,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import AutoString, SQLModel, UTCDateTime

from app.house import House
from app.models.base import new_id
from tests.factories import NOW

TABLES = SQLModel.metadata.sorted_tables
Changes = dict[str, Any]

PARENT = object()
"""In a column: the id of a new row of the table that it refers to."""
SAME = object()
"""In a column: what the row before has there."""
NOWHERE = object()
"""In a column: an id that no row has."""

HOUR = timedelta(hours=1)
LEADER = {"role": "team_leader", "team_id": PARENT, "organisation_id": None}
STAFFED = {
    "status": "accepted",
    "team_id": PARENT,
    "scheduled_start": NOW,
    "scheduled_end": NOW + HOUR,
}
ENDED = {"check_out_at": NOW}
DECLARED = {"check_in_at": None, "declared_minutes": 30}

VALID: dict[str, Changes] = {
    "attendance": {"check_in_at": NOW},
    "menu_item": {"duration_minutes": 60},
    "notification": {"person_id": PARENT},
    "organisation": {"level": "center"},
    "reservation": {"ends_at": NOW + HOUR},
    "role_grant": {"role": "dispatcher", "organisation_id": PARENT},
    "service_order": {
        "duration_minutes": 60,
        "window_end": NOW + HOUR,
        "lat": 28.2,
        "lon": 112.98,
        "beneficiary_key": "0" * 64,
        "wish_must": False,
    },
    "team": {"weekly": "0" * 84},
    "team_exception": {"free": "0" * 12},
}
"""What makes a row of a table good, where any value of the right type does not."""

CHECKS: dict[str, list[Changes]] = {
    "ck_attendance_minutes_positive": [{"verified_minutes": -1}, {"declared_minutes": -1}],
    "ck_attendance_proof_or_word": [{"check_in_at": None, "declared_minutes": 0}],
    "ck_dispatch_plan_item_time_with_team": [{"team_id": PARENT}, {"starts_at": NOW}],
    "ck_menu_item_duration_15_720": [{"duration_minutes": 14}, {"duration_minutes": 721}],
    "ck_menu_item_people_1_200": [{"people": 0}, {"people": 201}],
    "ck_notification_one_recipient": [{"person_id": None}, {"org_path": "/a/"}],
    "ck_organisation_center_is_root": [{"parent_id": PARENT}, {"level": "office"}],
    "ck_points_account_balance_not_negative": [{"balance": -1}],
    "ck_points_entry_amount_not_zero": [{"amount": 0}],
    "ck_reservation_permille_0_10000": [{"permille": -1}, {"permille": 10_001}],
    "ck_reservation_time_forward": [{"ends_at": NOW}, {"ends_at": NOW - HOUR}],
    "ck_review_ratings_1_5": [
        {dimension: stars}
        for dimension in ("timeliness", "attitude", "quality", "resolution")
        for stars in (0, 6)
    ],
    "ck_role_grant_leader_of_team": [LEADER | {"role": "dispatcher"}, {"role": "team_leader"}],
    "ck_role_grant_one_scope": [{"organisation_id": None}, LEADER | {"organisation_id": PARENT}],
    "ck_service_order_beneficiary_key_64": [{"beneficiary_key": ""}, {"beneficiary_key": "0" * 63}],
    "ck_service_order_duration_15_720": [{"duration_minutes": 14}, {"duration_minutes": 721}],
    "ck_service_order_must_of_wish": [{"wish_must": True, "wish_gender": None, "wish_language": None}],
    "ck_service_order_people_1_200": [{"people": 0}, {"people": 201}],
    "ck_service_order_place_when_on_site": [{"lat": None}, {"mode": "online"}],
    "ck_service_order_schedule_forward": [STAFFED | {"scheduled_end": NOW}],
    "ck_service_order_schedule_with_team": [STAFFED | {"scheduled_start": None}, {"scheduled_start": NOW}],
    "ck_service_order_team_when_staffed": [STAFFED | {"status": "approved"}, {"status": "closed"}],
    "ck_service_order_window_forward": [{"window_end": NOW}],
    "ck_team_capacity_1_100": [{"capacity": 0}, {"capacity": 101}],
    "ck_team_exception_free_12": [{"free": "0" * 11}],
    "ck_team_price_permille_0_10000": [{"permille": -1}, {"permille": 10_001}],
    "ck_team_radius_positive": [{"radius_km": 0.0}],
    "ck_team_specialty_level_1_3": [{"level": 0}, {"level": 4}],
    "ck_team_standing_counts_not_negative": [
        {count: -1}
        for count in (
            *("asked", "accepted", "due", "on_time", "served", "released"),
            *("rating_sum", "ratings", "recent"),
        )
    ],
    "ck_team_standing_reliability_0_10000": [{"reliability": -1}, {"reliability": 10_001}],
    "ck_team_weekly_84": [{"weekly": "0" * 83}],
    "ck_volunteer_specialty_level_1_3": [{"level": 0}, {"level": 4}],
}

PARTIAL: dict[str, tuple[list[tuple[Changes, Changes]], list[Changes]]] = {
    "uq_attendance_declared": ([(DECLARED, DECLARED)], [{}, ENDED, ENDED]),
    "uq_attendance_open": ([({}, {})], [ENDED, ENDED, DECLARED]),
    "uq_offer_accepted": (
        [({"status": "accepted"}, {"status": "accepted", "team_id": PARENT})],
        [{"status": status, "team_id": PARENT} for status in ("open", "declined", "released", "lapsed")],
    ),
    "uq_offer_never_again": (
        [({"status": "open"}, {"status": status}) for status in ("open", "accepted", "declined", "released")],
        [{"status": "lapsed"}, {"status": "lapsed"}, {"status": "recalled"}],
    ),
    "uq_points_account_issuer": ([({}, {})], [{"person_id": PARENT}, {"person_id": PARENT}]),
    "uq_points_account_person": ([({"person_id": PARENT}, {})], [{"person_id": None}]),
    "uq_role_grant_organisation": ([({}, {})], [LEADER]),
    "uq_role_grant_team": ([(LEADER, LEADER)], [{"role": "dispatcher", "team_id": None}]),
}
"""Two rows with the same key that a partial key forbids, and rows that it allows beside the first."""

REFERRING: dict[str, Changes] = {
    "fk_dispatch_plan_item_team_id": {"starts_at": NOW},
    "fk_organisation_parent_id": {"level": "office"},
    "fk_role_grant_team_id": LEADER,
    "fk_service_order_team_id": STAFFED,
}
"""What else a row must hold before it may refer."""

UNKNOWN: dict[str, Changes] = {"ck_organisation_orglevel_known": {"parent_id": PARENT}}
"""What else a row must hold when a word in it is unknown."""


@dataclass(frozen=True)
class Violation:
    """After a good row with `before` (if any), an insert with `bad` must be refused, and `told` be said."""

    name: str
    table: Table
    bad: Changes
    told: dict[str, str]
    before: Changes | None = None
    number: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.name}-{self.number}" if self.number else self.name


def violations() -> Iterator[Violation]:
    for table in TABLES:
        for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
            yield from _of_constraint(table, constraint)
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            if index.unique:
                yield from _doubled(str(index.name), table, list(index.columns), PARTIAL[str(index.name)][0])
        for column in table.columns:
            if not column.nullable:
                told = f"NOT NULL constraint failed: {table.name}.{column.name}"
                yield Violation(
                    f"nn_{table.name}_{column.name}",
                    table,
                    {column.name: null()},
                    {"sqlite": told, "postgresql": f'null value in column "{column.name}" of relation'},
                )


def _of_constraint(table: Table, constraint: Any) -> Iterator[Violation]:
    name = str(constraint.name)
    match constraint:
        case PrimaryKeyConstraint() | UniqueConstraint():
            columns = list(constraint.columns)
            yield from _doubled(name, table, columns, [({c.name: "once" for c in columns if c.nullable}, {})])
        case ForeignKeyConstraint():
            (column,) = constraint.columns
            bad = REFERRING.get(name, {}) | {column.name: NOWHERE}
            yield Violation(name, table, bad, {"sqlite": "FOREIGN KEY constraint failed", "postgresql": name})
        case CheckConstraint():
            worded = [c.name for c in table.columns if _vocabulary(c) == name]
            unknown = [UNKNOWN.get(name, {}) | {column: literal("nonsense", String)} for column in worded]
            for number, bad in enumerate(unknown or CHECKS[name]):
                told = {"sqlite": f"CHECK constraint failed: {name}", "postgresql": name}
                yield Violation(name, table, bad, told, number=number)


def _vocabulary(column: Column[Any]) -> str:
    """The name of the CHECK that an enum column brings along."""
    return f"ck_{column.table.name}_{column.type.name}" if isinstance(column.type, Enum) else ""


def _doubled(
    name: str, table: Table, key: list[Column[Any]], pairs: list[tuple[Changes, Changes]]
) -> Iterator[Violation]:
    columns = ", ".join(f"{table.name}.{column.name}" for column in key)
    told = {"sqlite": f"UNIQUE constraint failed: {columns}", "postgresql": name}
    for number, (before, second) in enumerate(pairs):
        bad = second | {column.name: SAME for column in key}
        yield Violation(name, table, bad, told, before=before, number=number)


async def plant(connection: AsyncConnection, table: Table, changes: Changes, before: Changes) -> Changes:
    """Insert a row that is good but for `changes`, and before it the rows that it refers to."""
    row: Changes = {}
    for column in table.columns:
        value = ({column.name: _value(column)} | VALID.get(table.name, {}) | changes)[column.name]
        if value is SAME:
            value = before[column.name]
        elif value is NOWHERE:
            value = new_id()
        elif value is PARENT:
            (reference,) = column.foreign_keys
            value = (await plant(connection, reference.column.table, {}, {}))["id"]
        row[column.name] = value
    await connection.execute(insert(table).values(row))
    return row


def _value(column: Column[Any]) -> Any:
    """Some value of the column's type, new each time where that is possible."""
    if column.nullable:
        return None
    if column.foreign_keys:
        return PARENT
    match column.type:
        case Enum(enums=(first, *_)):
            return first
        case Uuid():
            return new_id()
        case String(length=length) | AutoString(length=length):
            return new_id().hex[-(length or 32) :]
        case UTCDateTime() | DateTime():
            return NOW
        case Date():
            return date(2026, 11, 23)
        case Boolean():
            return True
        case Integer() | Float():
            return 1
        case JSON():
            return {}
        case LargeBinary():
            return b""
    raise NotImplementedError(column.type)


CASES = list(violations())


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_broken_promise_is_refused(house: House, case: Violation) -> None:
    engine = house.database.engine
    async with engine.connect() as connection:
        before = {}
        if case.before is not None:
            before = await plant(connection, case.table, case.before, {})
        with pytest.raises(IntegrityError) as refusal:
            await plant(connection, case.table, case.bad, before)
        await connection.rollback()
    assert case.told[engine.dialect.name] in str(refusal.value.orig)


@pytest.mark.parametrize("table", TABLES, ids=str)
async def test_without_the_fault_the_row_is_good(house: House, table: Table) -> None:
    async with house.database.engine.connect() as connection:
        await plant(connection, table, {}, {})
        await connection.rollback()


@pytest.mark.parametrize("name", PARTIAL)
async def test_a_partial_key_leaves_the_others_alone(house: House, name: str) -> None:
    (index,) = (index for table in TABLES for index in table.indexes if index.name == name)
    assert index.table is not None
    ((first, _), *_), others = PARTIAL[name]
    async with house.database.engine.connect() as connection:
        before = await plant(connection, index.table, first, {})
        for other in others:
            await plant(
                connection, index.table, {column.name: SAME for column in index.columns} | other, before
            )
        await connection.rollback()


def test_every_constraint_is_broken_here() -> None:
    named = {str(constraint.name) for table in TABLES for constraint in table.constraints}
    named |= {str(index.name) for table in TABLES for index in table.indexes if index.unique}
    assert {case.name for case in CASES if not case.name.startswith("nn_")} == named
    assert not (CHECKS.keys() | PARTIAL.keys() | REFERRING.keys() | UNKNOWN.keys()) - named, "broken no more"
