"""As many rows as events: what the timeline says has its row, and what has a row was said."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, union_all
from sqlmodel import col

from app.domain.lifecycle import Action
from app.models.event import OrderEvent
from app.services.verifying.violations import Rows, plain, subject


def unlike(rows: Any, action: Action, *where: ColumnElement[bool]) -> Rows:
    """Orders with more or fewer such rows than events of `action`, and by how many (`surplus`)."""
    there = select(col(rows.order_id), literal(1).label("counted")).where(*where)
    told = select(col(OrderEvent.order_id), literal(-1)).where(plain(OrderEvent.action) == action.value)
    both = union_all(there, told).subquery()
    surplus = func.sum(both.c.counted)
    return (
        select(subject(both.c.order_id), surplus.label("surplus"))
        .group_by(both.c.order_id)
        .having(surplus != 0)
    )
