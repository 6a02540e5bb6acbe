"""What is sealed comes back as it was for who has the key, in its own column, unchanged; and in no other case."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Dialect, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel

from app.db import table_of
from app.house import House
from app.models.order import Order
from app.sealing import NONCE, PREFIX, Hashed, Keyring, Sealed, Unsealable, hand_over

OLD, RING = Keyring("an old key", "index"), Keyring("the key", "index", ["an old key"])
NAME, PHONE = b"person.name", b"person.phone"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "bytes": st.binary(),
    "date": st.dates(),
    "number": st.floats(allow_nan=False),
    "list": st.lists(TEXT),
    "object": st.dictionaries(TEXT, st.none() | st.booleans() | TEXT | st.integers(-(2**53), 2**53)),
}
SEALED = [
    column
    for table in SQLModel.metadata.sorted_tables
    for column in table.c
    if isinstance(column.type, Sealed)
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_back_as_it_was(kind: str) -> None:
    column = Sealed("a.column", kind)

    @settings(max_examples=60, deadline=None)
    @given(KINDS[kind])
    def there_and_back(value: Any) -> None:
        kept = column.sealed(RING, value)
        assert kept is not None
        assert column.opened(RING, kept) == value

    there_and_back()
    assert column.sealed(RING, None) is column.opened(RING, None) is None


@pytest.mark.parametrize(("kind", "nothing"), [("text", ""), ("bytes", b""), ("list", []), ("object", {})])
def test_nothing_stays_nothing(kind: str, nothing: Any) -> None:
    assert Sealed("a.column", kind).sealed(RING, nothing) == b""
    assert Sealed("a.column", kind).opened(RING, b"") == nothing


def test_a_value_shows_neither_itself_nor_what_equals_it() -> None:
    plain = b"13800000001"
    first, second = RING.seal(plain, PHONE), RING.seal(plain, PHONE)
    assert plain not in first
    assert first != second
    assert first[:PREFIX] == second[:PREFIX] == RING.current


def test_no_nonce_comes_twice() -> None:
    nonces = {RING.seal(b"x", NAME)[PREFIX : PREFIX + NONCE] for _ in range(10_000)}
    assert len(nonces) == 10_000


def test_what_was_sealed_in_one_column_is_not_shown_in_another() -> None:
    with pytest.raises(Unsealable, match=r"^person\.phone"):
        RING.open(RING.seal("陈某".encode(), NAME), PHONE)


def test_every_bit_is_guarded() -> None:
    sealed = RING.seal("陈某".encode(), NAME)
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unsealable):
            RING.open(bytes(changed), NAME)
    for length in range(1, len(sealed)):
        with pytest.raises(Unsealable):
            RING.open(sealed[:length], NAME)


def test_an_old_key_opens_and_the_new_one_seals() -> None:
    before = OLD.seal(b"kept", NAME)
    assert RING.open(before, NAME) == b"kept"
    after = RING.seal(b"kept", NAME)
    assert RING.knows(before[:PREFIX])
    assert not OLD.knows(after[:PREFIX])
    with pytest.raises(Unsealable, match="unknown key"):
        OLD.open(after, NAME)


def test_a_hash_is_of_one_use_and_one_key() -> None:
    number = "13800000001"
    same = Keyring("another key", "index").hashed(number, "phone")
    assert RING.hashed(number, "phone") == same, "it outlives the key that seals"
    others = {RING.hashed(number, "name"), Keyring("the key", "another").hashed(number, "phone")}
    assert len(others | {same}) == 3
    assert {len(one) for one in others} == {64}
    assert Hashed("phone").bind_processor(dialect_of(RING))("") is None


def dialect_of(ring: Keyring) -> Dialect:
    dialect: Dialect = sqlite.dialect()
    hand_over(dialect, ring)
    return dialect


def test_an_engine_without_keys_refuses_to_read_and_write() -> None:
    bare: Dialect = sqlite.dialect()
    for processor in (Sealed("a.b").bind_processor, partial(Sealed("a.b").result_processor, coltype=None)):
        with pytest.raises(ValueError, match="without the keys"):
            processor(bare)


async def test_a_sealed_column_is_compared_with_nothing_but_null(house: House) -> None:
    orders = table_of(Order)
    async with house.database.reading() as session:
        connection = await session.connection()
        assert (await connection.execute(select(orders.c.id).where(orders.c.address.is_(None)))).all() == []
    for condition in (orders.c.address == "x", orders.c.address.in_(["x"]), orders.c.lat > 1.0):
        with pytest.raises(StatementError, match="cannot be compared"):
            async with house.database.reading() as session:
                await (await session.connection()).execute(select(orders.c.id).where(condition))


@pytest.mark.parametrize("column", SEALED, ids=str)
def test_every_label_is_that_of_its_column(column: Column[Any]) -> None:
    assert isinstance(column.type, Sealed)
    assert column.type.column == f"{column.table.name}.{column.name}"
