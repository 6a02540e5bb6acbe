"""What auditors read: the entries of their places, and whether the chain holds."""

from collections.abc import Sequence

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.discretion import masked_name
from app.domain.roles import Permission
from app.errors import Forbidden
from app.models.audit import AuditEntry
from app.schemas.audit import AuditChainOut, AuditChoice, AuditEntryOut, AuditFilter
from app.services import audit_chain, people
from app.services.access import SYSTEM, Actor
from app.services.columns import columns
from app.services.keyset import newest_first
from app.services.scope import visible

CHECKED = 1000
"""So many entries are checked while somebody waits; `sidan verify` checks all."""


def require_auditor(actor: Actor) -> None:
    """Raises Forbidden."""
    if not actor.paths(Permission.AUDIT_READ):
        raise Forbidden


def chosen(actor: Actor, wanted: AuditChoice) -> SelectOfScalar[AuditEntry]:
    """Entries of the actor's places that answer the filters."""
    found = visible(AuditEntry, actor)
    for name in ("actor_id", "object_id", "act", "result"):
        if (value := getattr(wanted, name)) is not None:
            found = found.where(col(getattr(AuditEntry, name)) == value)
    if wanted.since is not None:
        found = found.where(col(AuditEntry.created_at) >= wanted.since)
    if wanted.until is not None:
        found = found.where(col(AuditEntry.created_at) < wanted.until)
    return found


async def listing(session: AsyncSession, actor: Actor, wanted: AuditFilter) -> list[AuditEntryOut]:
    """Newest first; one more than `limit` when there is a next page. Raises Forbidden."""
    require_auditor(actor)
    rows = await session.exec(newest_first(chosen(actor, wanted), AuditEntry, wanted))
    return await shown(session, rows.all())


async def shown(session: AsyncSession, rows: Sequence[AuditEntry]) -> list[AuditEntryOut]:
    """The same with masked names of who acted."""
    names = await people.by_id(session, (row.actor_id for row in rows if row.actor_id))
    return [
        AuditEntryOut(
            **row.model_dump(), actor=masked_name(names[row.actor_id].name) if row.actor_id else None
        )
        for row in rows
    ]


async def chain(session: AsyncSession, actor: Actor) -> AuditChainOut:
    """Raises Forbidden. One chain holds all places: how long it is, is told to nobody."""
    require_auditor(actor)
    state = await audit_chain.state(session)
    broken = await audit_chain.check(session, newest=CHECKED)
    unlinked = visible(AuditEntry, SYSTEM).where(col(AuditEntry.seq).is_(None)).limit(1)
    waiting = await columns(session, unlinked, AuditEntry.id)
    return AuditChainOut(head=state.last_chain, sound=broken is None, checked=CHECKED, waiting=bool(waiting))
