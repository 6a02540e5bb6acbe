"""Other systems that want to hear what happens to the orders of a place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from app.models.base import Fresh, Record, json_column, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

SECRET = Personal(Category.ACCOUNT, "为推送的消息签名（不是个人信息，一并加密）", Kept.INSTALLED)
_WAITING = text("active")


class Webhook(Record, table=True):
    """Every event of the orders at and below `org_path` goes to `url`, in order, signed, at least once.

    `position` is the last event that the other side has taken. While it does not, `failures` counts the attempts
    and `next_at` is the next one; nothing after it is lost, everything waits.
    """

    __table_args__ = (
        CheckConstraint("failures >= 0", name="failures_not_negative"),
        Index("ix_webhook_next", "next_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    organisation_id: UUID = Field(foreign_key="organisation.id")
    org_path: str = path_column(index=True)
    url: str = Field(max_length=500)
    secret: str = sealed_column("webhook.secret", SECRET)
    actions: list[str] = Field(default_factory=Fresh(list), sa_column=json_column())
    active: bool = True
    made_by_id: UUID = Field(foreign_key="person.id")
    position: int = Field(default=0, sa_type=BigInteger)
    next_at: datetime
    leased_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    last_error: str = Field(default="", max_length=200)
