"""How many statements a request takes: what a clock would measure, without its noise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app.house import House


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """The statements that the block executes, as they are sent."""
    sent: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    engine = house.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", heard)
