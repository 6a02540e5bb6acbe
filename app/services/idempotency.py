"""`Idempotency-Key`: a phone that lost the answer sends the same POST again and gets that answer.

The key's row is inserted first, inside the request's own transaction, and the answer is written into it
before the commit. So a concurrent twin waits on the unique key and then reads the first answer; a request
that failed leaves no row, and its repeat is a fresh try. The key belongs to the person, the digest to the
call: the same key with another body is refused.
"""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import insert_new
from app.errors import AppError
from app.models.idempotency import IdempotencyRecord


class IdempotencyMismatch(AppError):
    status, code = 422, "idempotency_mismatch"
    title, title_en = "同一个请求标识用于了不同的内容", "The idempotency key was used with another request"


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored first answer."""

    status_code: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """The caller's Idempotency-Key and the digest of this call."""

    key: str
    digest: str


def digest_of(method: str, path: str, body: bytes) -> str:
    """What makes two calls the same call."""
    return sha256(f"{method} {path}\n".encode() + body).hexdigest()


async def begin(session: AsyncSession, person_id: UUID, key: str, digest: str) -> Answer | None:
    """Claim the key (None: go ahead), or the first answer when it was already used for the same call.

    Raises IdempotencyMismatch when it was used for another.
    """
    if await insert_new(session, IdempotencyRecord(person_id=person_id, key=key, digest=digest)):
        return None
    return await stored(session, person_id, key, digest)


async def stored(session: AsyncSession, person_id: UUID, key: str, digest: str) -> Answer | None:
    """The answer kept under a key, or None when there is none."""
    record = await session.get(IdempotencyRecord, (person_id, key), populate_existing=True)
    if record is None:
        return None
    if record.digest != digest:
        raise IdempotencyMismatch
    return Answer(record.status_code, record.body)


async def finish(session: AsyncSession, person_id: UUID, key: str, answer: Answer) -> None:
    """Keep the answer, in the transaction that made it."""
    await session.exec(
        update(IdempotencyRecord)
        .where(col(IdempotencyRecord.person_id) == person_id, col(IdempotencyRecord.key) == key)
        .values(status_code=answer.status_code, body=answer.body)
    )
