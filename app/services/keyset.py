"""The order and the length of every list of rows."""

from typing import TypeVar

from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from app.models.base import Record
from app.schemas.base import Keyset

Row = TypeVar("Row", bound=Record)


def newest_first(rows: SelectOfScalar[Row], model: type[Row], wanted: Keyset) -> SelectOfScalar[Row]:
    """After the cursor, newest first, one more than the limit: whether it is there says if a page follows."""
    if wanted.cursor is not None:
        rows = rows.where(col(model.id) < wanted.cursor)
    return rows.order_by(col(model.id).desc()).limit(wanted.limit + 1)
