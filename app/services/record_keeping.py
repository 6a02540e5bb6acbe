"""What is kept as long as a record of service, and no longer: the words that hang on an order long ended.

What was done, when and by whom is the record, and stays (志愿服务条例 Art. 19; GB/T 40143-2021: ten years at
least); what people wrote about it goes. Which columns those are, the columns say themselves (models/personal.py):
a new one of a table with an `order_id` needs no word here.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, delete, func, or_, select, update
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.domain.lifecycle import ENDED
from app.models.block import TeamBlock
from app.models.media import Media
from app.models.order import Beneficiary, Order
from app.models.personal import Kept
from app.models.recurring import RecurringException, RecurringOrder, RecurringStatus
from app.models.team import Team, TeamSpecialty
from app.sealing import Sealed
from app.services.access import SYSTEM
from app.services.batches import count, some
from app.services.scope import visible
from app.services.terms import Center

GONE: Final = "已过保存期限"
NOBODY: Final = "0" * 64
"""The key of a beneficiary whom no order knows again."""
OVER: Final = (RecurringStatus.ENDED, RecurringStatus.REJECTED)
_EMPTY: Final[dict[str, Any]] = {"text": "", "list": [], "object": {}}
_INSTEAD: Final[dict[str, Any]] = {
    "service_order.title": GONE,
    "service_order.beneficiary_key": NOBODY,
    "content_check.found": [],
}
_WITH: Final[dict[str, dict[str, Any]]] = {"absence": {"appealed_at": None}}
"""What a CHECK wants to go along."""

_orders, _blocks = table_of(Order), table_of(TeamBlock)
_whole_rows: Final = frozenset({table_of(TeamBlock), table_of(Media)})


def of_orders() -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every table that hangs on an order, and what is left in its columns of words afterwards."""
    for table in SQLModel.metadata.sorted_tables:
        words = [one for one in table.columns if _kept(one) is Kept.RECORD]
        if words and table not in _whole_rows and _order_of(table) is not None:
            yield table, {one.name: _left(one) for one in words}


async def words(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """Of every such table at most `limit` rows; a block hangs on the beneficiary's key, and goes first."""
    done = 0
    for table, left in of_orders():
        filled = or_(*(_filled(table.c[name], value) for name, value in left.items()))
        where = [filled] if table is not _orders else [filled, ~_blocked().exists()]
        old = old_of(table, center).where(*where).limit(limit).with_for_update(skip_locked=True, of=table)
        values = left | _WITH.get(table.name, {})
        done += await count(session, update(table).where(table.c.id.in_(old)).values(values))
    return done


async def blocks(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """That a team and a beneficiary shall not meet again says who they were: it goes as a whole."""
    old = old_of(_blocks, center).limit(limit).with_for_update(skip_locked=True, of=_blocks)
    return await count(session, delete(_blocks).where(_blocks.c.id.in_(old)))


async def series(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """Of a series that is over, when the last of its orders is as old: its title, and why it was not as always."""
    over = visible(RecurringOrder, SYSTEM).where(
        col(RecurringOrder.org_path).startswith(center.path),
        col(RecurringOrder.status).in_(OVER),
        func.coalesce(col(RecurringOrder.made_until), col(RecurringOrder.created_at)) < center.records,
        or_(col(RecurringOrder.title) != GONE, func.length(col(RecurringOrder.reason)) > 0),
        ~select(_orders.c.id)
        .where(
            _orders.c.recurring_id == col(RecurringOrder.id),
            or_(_orders.c.status.not_in(ENDED), _orders.c.status_at >= center.records),
        )
        .exists(),
    )
    found = (await session.exec(over.limit(limit).with_for_update(skip_locked=True))).all()
    for one in found:
        one.title, one.reason = GONE, ""
        one.wanted = one.wanted | {"title": GONE}
        session.add(one)
    theirs = col(RecurringException.recurring_id).in_([one.id for one in found])
    await session.exec(update(RecurringException).where(theirs).values(reason=""))
    return len(found)


async def proofs(session: AsyncSession, center: Center, at: datetime, limit: int) -> int:
    """The number of a team's qualification, ten years after it ran out or the team did its last service."""
    held, teams = table_of(TeamSpecialty), table_of(Team)
    here = teams.c.org_path.startswith(center.path)
    served = select(_orders.c.id).where(
        _orders.c.team_id == teams.c.id,
        or_(_orders.c.status.not_in(ENDED), _orders.c.status_at >= center.records),
    )
    stopped = select(teams.c.id).where(here, ~teams.c.active, ~served.exists())
    old = or_(
        held.c.team_id.in_(select(teams.c.id).where(here)) & (held.c.proof_until < center.records.date()),
        held.c.team_id.in_(stopped) & (held.c.created_at < center.records),
    )
    gone = some(held, limit, held.c.proof_no.is_not(None), old)
    return await count(session, update(held).where(held.c.id.in_(gone)).values(proof_no=None))


def old_of(table: Table, center: Center) -> Any:
    """SELECT of the ids of the rows whose order ended so long ago."""
    ended = (
        _orders.c.org_path.startswith(center.path),
        _orders.c.status.in_(ENDED),
        _orders.c.status_at < center.records,
    )
    rows = select(table.c.id).where(*ended)
    hangs = _order_of(table)
    return rows if table is _orders else rows.join(_orders, hangs)


def _order_of(table: Table) -> ColumnElement[bool] | None:
    if table is _orders:
        return _orders.c.id == table.c.id
    if table is table_of(Beneficiary):
        return _orders.c.beneficiary_id == table.c.id
    return _orders.c.id == table.c.order_id if "order_id" in table.c else None


def _kept(column: Column[Any]) -> Kept | None:
    personal = column.info.get("personal")
    return personal.kept if personal else None


def _left(column: Column[Any]) -> Any:
    name = f"{column.table.name}.{column.name}"
    if name in _INSTEAD:
        return _INSTEAD[name]
    if column.nullable:
        return None
    return _EMPTY[column.type.kind] if isinstance(column.type, Sealed) else ""


def _filled(column: Column[Any], left: Any) -> ColumnElement[bool]:
    if left is None:
        return column.is_not(None)
    return func.length(column) > 0 if isinstance(column.type, Sealed) else column != left


def _blocked() -> Any:
    return select(_blocks.c.id).where(_blocks.c.order_id == _orders.c.id)
