"""The trail: what staff and administrators did, who was let in or refused, and who saw whose data."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.audit import AuditEntry
from app.origin import origin
from app.services.access import Actor

DONE = "done"
EVERYWHERE = "/"


def record(
    session: AsyncSession,
    actor: Actor | None,
    act: str,
    *,
    org_path: str = EVERYWHERE,
    object_kind: str = "",
    object_id: UUID | None = None,
    result: str = DONE,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Written with what it tells of, in the same transaction. `actor` is null where nobody is signed in (yet)."""
    here = origin.get()
    session.add(
        AuditEntry(
            actor_id=actor.person_id if actor else None,
            sign_in_id=actor.sign_in_id if actor else None,
            act=act,
            result=result,
            org_path=org_path,
            object_kind=object_kind,
            object_id=object_id,
            reason=reason,
            data=data or {},
            address=here.address,
            request_id=here.request_id,
        )
    )
