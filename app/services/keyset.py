"""The order and the length of every list of rows."""

from typing import TypeVar

from sqlmodel import col
from sqlmodel.sql.expression import Select, SelectOfScalar

from app.models.base import Record
from app.schemas.base import Keyset

Rows = TypeVar("Rows", bound=Select[tuple[object, ...]] | SelectOfScalar[object])


def newest_first(rows: Rows, model: type[Record], wanted: Keyset) -> Rows:
    """After the cursor, newest first, one more than the limit: whether it is there says if a page follows."""
    if wanted.cursor is not None:
        rows = rows.where(col(model.id) < wanted.cursor)
    return rows.order_by(col(model.id).desc()).limit(wanted.limit + 1)
