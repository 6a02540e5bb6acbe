"""What no longer serves anybody is deleted: kept answers that no phone will ask for, refresh tokens long dead, and
guesses at passwords that no longer count.
"""

from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, tuple_
from sqlmodel import col, select

from app.db import Database
from app.house import House
from app.models.idempotency import IdempotencyRecord
from app.models.person import RefreshToken, SignInAttempt
from app.services.attempts import FORGOTTEN_AFTER

ANSWERS_KEPT = timedelta(hours=48)
TOKENS_KEPT = timedelta(days=30)
"""After expiry: so long the reuse of a stolen token is still recognised as such."""


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Delete at most `limit` rows of each kind that are too old at `at` (aware); how many."""
    dead = (_answers(at, limit), _tokens(at, limit), _attempts(at, limit))
    return sum([await _delete(house.database, one) for one in dead])


def _answers(at: datetime, limit: int) -> Delete:
    record = IdempotencyRecord
    key = (col(record.person_id), col(record.key))
    old = select(*key).where(col(record.created_at) < at - ANSWERS_KEPT).limit(limit)
    return delete(record).where(tuple_(*key).in_(old.with_for_update(skip_locked=True)))


def _tokens(at: datetime, limit: int) -> Delete:
    token = RefreshToken
    dead = select(token.id).where(col(token.expires_at) < at - TOKENS_KEPT).limit(limit)
    return delete(token).where(col(token.id).in_(dead.with_for_update(skip_locked=True)))


def _attempts(at: datetime, limit: int) -> Delete:
    """No lock outlasts a day, and a guess older than that counts from one again."""
    attempt = SignInAttempt
    old = select(attempt.key).where(col(attempt.tried_at) < at - FORGOTTEN_AFTER).limit(limit)
    return delete(attempt).where(col(attempt.key).in_(old.with_for_update(skip_locked=True)))


async def _delete(database: Database, statement: Delete) -> int:
    async with database.transaction() as session:
        return (await (await session.connection()).execute(statement)).rowcount
