"""The trail is numbered and linked after its commit, so that nobody waits for anybody to write an entry.

Whoever holds the row of the last link gives the next ones, in the order of ids, to what has none; the others wait
for its commit (as in feed.py). What was changed, taken out, put in or put elsewhere afterwards does not fit, and
`check` names the first entry that does not. What retention deletes goes from the front, and the last link of it
stays in `forgotten_chain`, from which the rest is checked on.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database, insert_new, table_of
from app.domain.audit_link import link
from app.models.audit import AuditChain, AuditEntry
from app.sealing import Unsealable
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

log = logging.getLogger(__name__)

AT_ONCE = 500
UNREADABLE = (Unsealable, TypeError, ValueError)
"""What opening a column raises that holds anything but what was sealed for it."""

_E = AuditEntry
_ENTRY, _CHAIN = table_of(AuditEntry), table_of(AuditChain)
_SAID: tuple[Any, ...] = (
    *(_E.id, _E.created_at, _E.actor_id, _E.sign_in_id, _E.act, _E.result, _E.org_path),
    *(_E.object_kind, _E.object_id, _E.reason, _E.address, _E.data, _E.request_id),
)
_LINKED: tuple[Any, ...] = (*_SAID, _E.seq, _E.chain)
_HOLD = update(_CHAIN).where(_CHAIN.c.id == 1).values(last=_CHAIN.c.last)
_HOLD = _HOLD.returning(_CHAIN.c.last, _CHAIN.c.last_chain)
_LINK = (
    update(_ENTRY)
    .where(_ENTRY.c.id == bindparam("the_entry"), _ENTRY.c.seq.is_(None))
    .values(seq=bindparam("seq"), chain=bindparam("chain"))
)


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not fit: its number, its id where there is one, and why, in Chinese."""

    seq: int
    entry_id: UUID | None
    text: str


def plain(row: Any) -> dict[str, Any]:
    """What an entry says, as its link takes it."""
    said = {one.key: getattr(row, one.key) for one in _SAID}
    ids = {name: value.hex for name, value in said.items() if isinstance(value, UUID)}
    at: datetime = said["created_at"]
    return {**said, **ids, "created_at": at.astimezone(UTC).isoformat(timespec="microseconds")}


async def extend(database: Database, limit: int = AT_ONCE) -> int:
    """Link at most `limit` entries that have no link yet; how many. Any number of processes may call it at once.

    The last link goes to the log as well: there it is out of reach of whoever can write the database.
    """
    waiting = visible(_E, SYSTEM).where(col(_E.seq).is_(None))
    async with database.reading() as session:
        if not await columns(session, waiting.limit(1), _E.id):
            return 0
    async with database.transaction() as session:
        connection = await session.connection()
        last, chain = await _held(session)
        links: list[dict[str, Any]] = []
        for row in await columns(session, waiting.order_by(col(_E.id)).limit(limit), *_SAID):
            last += 1
            chain = link(chain, last, plain(row))
            links.append({"the_entry": row.id, "seq": last, "chain": chain})
        if links:
            await connection.execute(_LINK, links)
            await connection.execute(
                update(_CHAIN).where(_CHAIN.c.id == 1).values(last=last, last_chain=chain)
            )
    if links:
        log.info("audit trail linked up to %d: %s", last, chain)
    return len(links)


async def _held(session: AsyncSession) -> tuple[int, str]:
    """The last link, which nobody else moves until this transaction ends."""
    connection = await session.connection()
    held = (await connection.execute(_HOLD)).first()
    if held is None:
        await insert_new(session, AuditChain(id=1))
        held = (await connection.execute(_HOLD)).one()
    return held.last, held.last_chain


async def state(session: AsyncSession) -> AuditChain:
    """The ends of the chain; of one that has not begun, too."""
    found = await session.exec(
        select(AuditChain).where(AuditChain.id == 1).execution_options(populate_existing=True)
    )
    return found.first() or AuditChain(id=1)


async def check(session: AsyncSession, newest: int | None = None) -> Break | None:
    """The first entry that does not fit, from the one that retention deleted last on, or of the `newest` only."""
    chain = await state(session)
    if chain.last == 0 and (stray := await _first(session, 0)):
        return Break(stray.seq, stray.id, "审计链尚未开始，却有已编号的记录")
    seq, before = chain.forgotten, chain.forgotten_chain
    if newest is not None and chain.last - newest > seq:
        known = await columns(
            session, visible(_E, SYSTEM).where(col(_E.seq) == chain.last - newest), _E.chain
        )
        if not known:
            return Break(chain.last - newest, None, "记录已被删除")
        seq, before = chain.last - newest, known[0].chain
    async for row in _after(session, seq):
        if isinstance(row, Break):
            return row
        if row.seq != seq + 1:
            return Break(seq + 1, None, "记录已被删除")
        seq, before = row.seq, link(before, row.seq, plain(row))
        if before != row.chain:
            return Break(seq, row.id, "记录的内容、位置或链值已被改动")
    if (seq, before) != (chain.last, chain.last_chain):
        return Break(min(seq, chain.last) + 1, None, "链尾与登记的不符，末尾的记录被删除或添加")
    return None


async def _after(session: AsyncSession, seq: int) -> AsyncIterator[Any]:
    """The rows that follow, in their order; a Break instead of one that no key opens."""
    following = visible(_E, SYSTEM).order_by(col(_E.seq))
    while True:
        batch = following.where(col(_E.seq) > seq).limit(AT_ONCE)
        try:
            rows = await columns(session, batch, *_LINKED)
        except UNREADABLE:
            rows = await _one_by_one(session, batch)
        for row in rows:
            yield row
        if len(rows) < AT_ONCE:
            return
        seq = rows[-1].seq


async def _one_by_one(session: AsyncSession, batch: Any) -> list[Any]:
    """Those before the first that cannot be opened, and the Break that it is."""
    rows: list[Any] = []
    for bare in await columns(session, batch, _E.id, _E.seq):
        try:
            rows += await columns(session, visible(_E, SYSTEM).where(col(_E.id) == bare.id), *_LINKED)
        except UNREADABLE:
            return [*rows, Break(bare.seq, bare.id, "记录的密文已被改动，或密钥不在")]
    return rows


async def _first(session: AsyncSession, after: int) -> Any:
    found = visible(_E, SYSTEM).where(col(_E.seq) > after).order_by(col(_E.seq)).limit(1)
    return next(iter(await columns(session, found, _E.seq, _E.id)), None)


async def forget(session: AsyncSession, before: datetime, limit: int) -> int:
    """Delete at most `limit` entries from the front that are older than `before`; how many.

    The chain lets go of them first, in the same transaction: else the database refuses (models/audit_guard.py).
    """
    chain = await state(session)
    front = visible(_E, SYSTEM).where(col(_E.seq) > chain.forgotten).order_by(col(_E.seq)).limit(limit)
    last: Any = None
    for row in await columns(session, front, _E.seq, _E.chain, _E.created_at):
        if row.created_at >= before:
            break
        last = row
    if last is None:
        return 0
    released = (
        update(_CHAIN)
        .where(_CHAIN.c.id == 1, _CHAIN.c.forgotten == chain.forgotten)
        .values(forgotten=last.seq, forgotten_chain=last.chain)
    )
    connection = await session.connection()
    if (await connection.execute(released)).rowcount == 0:
        return 0
    gone = await connection.execute(delete(_ENTRY).where(_ENTRY.c.seq <= last.seq))
    return int(gone.rowcount)
