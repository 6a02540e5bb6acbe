"""The trail: what staff and administrators did, who was let in or refused, and who saw whose data.

Every request leaves its entry by itself (app/routers/trail.py); a service only adds what nobody else knows. An
entry is written with what it tells of, in the same transaction, so that neither is there without the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.audit import AuditEntry
from app.origin import origin
from app.services.access import Actor

DONE = "done"
EVERYWHERE = "/"
_DEED = "deed"
MOST_SEEN = 100


@dataclass(slots=True)
class Deed:
    """What is known of a transaction's act besides its request; `told` once an entry was written for it."""

    object_kind: str = ""
    object_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    told: bool = False


def deed_of(session: AsyncSession) -> Deed:
    """The one of this transaction."""
    deed: Deed = session.info.setdefault(_DEED, Deed())
    return deed


def about(session: AsyncSession, object_kind: str, object_id: UUID | None, **data: Any) -> None:
    """What the act was done to, and what the row itself will not show for ever: ids, codes and numbers, no words of
    or about a person.
    """
    deed = deed_of(session)
    deed.object_kind, deed.object_id = object_kind, object_id
    deed.data |= data


def saw(session: AsyncSession, people: Iterable[UUID]) -> None:
    """Whose data was shown."""
    deed_of(session).data["saw"] = [str(one) for one in people][:MOST_SEEN]


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
    deed_of(session).told = True
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


def place_of(actor: Actor) -> str:
    """Where the actor acted: the first place at which a permission was asked for; where none was, the highest that
    they hold a role at.
    """
    highest = min((held.org_path for held in actor.held), key=len, default=EVERYWHERE)
    return actor.gate.org_path or highest
