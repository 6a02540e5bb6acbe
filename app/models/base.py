"""What every table shares: naming convention, UUIDv7 ids, and columns that mean the same on both engines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from inspect import Signature
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import JSON, Column, Enum, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from app.clock import now
from app.models.personal import Personal
from app.sealing import Hashed, Sealed

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

PATH_LENGTH = 200
Made = TypeVar("Made")


def new_id() -> UUID:
    """Time-ordered (UUIDv7), made here and not by the database, so a cursor over ids is a cursor in time."""
    return uuid7()


@dataclass(frozen=True)
class Fresh(Generic[Made]):
    """A default that is made anew for each row. It says itself that it takes nothing: else pydantic reads that out
    of the function again for every row, which was a fifth of what a row cost.
    """

    make: Callable[[], Made]
    __signature__: ClassVar[Signature] = Signature()

    def __call__(self) -> Made:
        return self.make()


class Record(SQLModel):
    """A row with an id that sorts by creation."""

    id: UUID = Field(default_factory=Fresh(new_id), primary_key=True)
    created_at: datetime = Field(default_factory=Fresh(now))


def enum_column(kind: type[StrEnum], check: str = "", **options: Any) -> Any:
    """VARCHAR holding the *value*, checked by the database: readable in SQL, and a partial index on it
    means what it says. Alembic does not compare CHECK texts: a changed member needs its own migration.
    `initial` is what a new row has that says nothing; the rest goes to the column.
    """
    initial = {"default": options.pop("initial")} if "initial" in options else {}
    column_type = Enum(
        kind,
        name=check or f"{kind.__name__.lower()}_known",
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )
    column = Column(column_type, nullable=options.pop("nullable", False), **options)
    return Field(sa_column=column, **initial)


def about(personal: Personal) -> dict[str, Any]:
    """What a column that is not sealed holds of a person: options for the column (`sa_column_kwargs`)."""
    return {"info": {"personal": personal}}


def json_column(options: dict[str, Any] | None = None) -> Any:
    """JSON on SQLite, JSONB on PostgreSQL."""
    return Column(JSON().with_variant(JSONB(), "postgresql"), nullable=False, **(options or {}))


EMPTY: dict[str, Callable[[], Any]] = {"list": list, "object": dict}


def sealed_column(column: str, personal: Personal, kind: str = "text", **options: Any) -> Any:
    """Personal data at rest (app/sealing.py). `column` is `table.column`; a list or object is empty at first, and
    `initial` is what a new row has that says nothing.
    """
    nullable = options.pop("nullable", False)
    initial: dict[str, Any] = {"default": options.pop("initial")} if "initial" in options else {}
    if kind in EMPTY:
        initial = {"default_factory": Fresh(EMPTY[kind])}
    held: Column[Any] = Column(Sealed(column, kind), nullable=nullable, info={"personal": personal})
    return Field(sa_column=held, **initial)


def hashed_column(use: str, personal: Personal, **options: Any) -> Any:
    """The keyed hash beside a sealed column: written and searched with the plain text, null where that is empty.

    It has no default: defaults are set last, and would undo what the sealed column has just set here.
    """
    return Field(sa_column=Column(Hashed(use), nullable=True, info={"personal": personal}, **options))


def path_column(**options: Any) -> Any:
    """An organisation path such as `/qinghe/yunxiu/`, byte-ordered so that a prefix can use its index."""
    text = String(PATH_LENGTH).with_variant(String(PATH_LENGTH, collation="C"), "postgresql")
    return Field(sa_column=Column(text, nullable=options.pop("nullable", False), **options))
