"""The trail as auditors read it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.schemas.base import Input, Instant, Keyset, Output


class AuditChoice(Input):
    """Whose, to what, which, with what result, and when; all of it together."""

    actor_id: UUID | None = None
    object_id: UUID | None = None
    act: Annotated[str, Field(pattern=r"^[a-z_]{1,60}$")] | None = None
    result: Annotated[str, Field(pattern=r"^[a-z_]{1,60}$")] | None = None
    since: Instant | None = None
    until: Instant | None = None


class AuditFilter(Keyset, AuditChoice):
    """`since` counts, `until` does not."""


class AuditEntryOut(Output):
    """`act` is the operation's id in this contract; `result` is `done`, or the code of the problem. `data` holds
    ids, codes and numbers. `chain` is null until the entry is linked, seconds after it was written."""

    id: UUID
    created_at: datetime
    actor_id: UUID | None
    actor: str | None
    act: str
    result: str
    org_path: str
    object_kind: str
    object_id: UUID | None
    reason: str
    address: str
    data: dict[str, Any]
    request_id: str
    chain: str | None


class AuditChainOut(Output):
    """`head` is the newest link: whoever writes it down can prove later that nothing before it was changed. `sound`
    says so of the newest `checked` entries; `waiting` that some have no link yet."""

    head: str
    sound: bool
    checked: int
    waiting: bool
