"""The first answer to each keyed POST, so that a phone which lost it can ask again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.clock import now
from app.models.base import Fresh, about, sealed_column
from app.models.personal import Category, Kept, Personal

ANSWER = Personal(Category.WORDS, "网络中断后重新给出同一回答", Kept.ANSWER)


class IdempotencyRecord(SQLModel, table=True):
    """Unique by (person, key). `status_code` is 0 only inside the transaction that is making the answer."""

    __tablename__ = "idempotency_record"
    __table_args__ = (Index("ix_idempotency_record_created", "created_at"),)

    person_id: UUID = Field(primary_key=True)
    key: str = Field(max_length=64, primary_key=True, sa_column_kwargs=about(ANSWER))
    created_at: datetime = Field(default_factory=Fresh(now))
    digest: str = Field(max_length=64, sa_column_kwargs=about(ANSWER))
    status_code: int = 0
    body: bytes = sealed_column("idempotency_record.body", ANSWER, "bytes", initial=b"")
