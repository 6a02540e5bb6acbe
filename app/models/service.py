"""The service itself: who went (crew), when and where they were (attendance), what was done, how it was rated."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.models.base import Fresh, Record, about, json_column, sealed_column
from app.models.personal import Category, Kept, Personal

TRACK = Personal(Category.SENSITIVE, "证明到场、核算服务时长", Kept.CONTACT)
WORDS = Personal(Category.WORDS, "记录做了什么、评价如何", Kept.RECORD)
SERVED = Personal(Category.CONDUCT, "志愿服务记录与证明", Kept.SERVICE)
RATED = Personal(Category.CONDUCT, "改进服务、计算队伍信誉", Kept.SERVICE)
_OPEN = text("check_in_at IS NOT NULL AND check_out_at IS NULL")
_DECLARED = text("check_in_at IS NULL")


class CrewMember(Record, table=True):
    __tablename__ = "crew_member"
    __table_args__ = (UniqueConstraint("order_id", "person_id"),)

    order_id: UUID = Field(foreign_key="service_order.id")
    person_id: UUID = Field(foreign_key="person.id", index=True, sa_column_kwargs=about(SERVED))


class Attendance(Record, table=True):
    """One stay of one volunteer: proven by check-in and check-out, or entered by the leader.

    `verified_minutes` (信用时数) come from the phone's proof alone, `declared_minutes` (荣誉时数) from the
    leader's word; they are never added together in one column. `client_id` is made by the phone, so an
    upload repeated after bad signal is the same stay. `marks` says what the judge noticed.
    """

    __table_args__ = (
        UniqueConstraint("client_id"),
        CheckConstraint("verified_minutes >= 0 AND declared_minutes >= 0", name="minutes_positive"),
        CheckConstraint("check_in_at IS NOT NULL OR declared_minutes > 0", name="proof_or_word"),
        Index(
            "uq_attendance_open",
            *("order_id", "person_id"),
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "uq_attendance_declared",
            *("order_id", "person_id"),
            unique=True,
            sqlite_where=_DECLARED,
            postgresql_where=_DECLARED,
        ),
    )

    order_id: UUID = Field(foreign_key="service_order.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    client_id: UUID
    check_in_at: datetime | None = Field(default=None, sa_column_kwargs=about(SERVED))
    check_in_received_at: datetime | None = None
    check_in_lat: float | None = sealed_column(
        "attendance.check_in_lat", TRACK, "number", nullable=True, initial=None
    )
    check_in_lon: float | None = sealed_column(
        "attendance.check_in_lon", TRACK, "number", nullable=True, initial=None
    )
    check_in_accuracy_m: float | None = Field(default=None, sa_column_kwargs=about(TRACK))
    check_out_at: datetime | None = Field(default=None, sa_column_kwargs=about(SERVED))
    check_out_received_at: datetime | None = None
    check_out_lat: float | None = sealed_column(
        "attendance.check_out_lat", TRACK, "number", nullable=True, initial=None
    )
    check_out_lon: float | None = sealed_column(
        "attendance.check_out_lon", TRACK, "number", nullable=True, initial=None
    )
    check_out_accuracy_m: float | None = Field(default=None, sa_column_kwargs=about(TRACK))
    verified_minutes: int = Field(default=0, sa_column_kwargs=about(SERVED))
    declared_minutes: int = Field(default=0, sa_column_kwargs=about(SERVED))
    declared_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    declared_reason: str = sealed_column("attendance.declared_reason", WORDS, initial="")
    marks: list[str] = Field(default_factory=Fresh(list), sa_column=json_column(about(SERVED)))


class Delivery(Record, table=True):
    """结项: what was done. A reopened order is delivered again, so an order may have several."""

    order_id: UUID = Field(foreign_key="service_order.id", index=True)
    delivered_by_id: UUID = Field(foreign_key="person.id")
    summary: str = sealed_column("delivery.summary", WORDS)
    people_served: int = 1


class Review(Record, table=True):
    """评单 on four dimensions of 1–5; one for each delivery, and none is ever invented."""

    __table_args__ = (
        UniqueConstraint("delivery_id"),
        CheckConstraint(
            "timeliness BETWEEN 1 AND 5 AND attitude BETWEEN 1 AND 5"
            " AND quality BETWEEN 1 AND 5 AND resolution BETWEEN 1 AND 5",
            name="ratings_1_5",
        ),
    )

    order_id: UUID = Field(foreign_key="service_order.id", index=True)
    delivery_id: UUID = Field(foreign_key="delivery.id")
    reviewed_by_id: UUID = Field(foreign_key="person.id")
    timeliness: int = Field(sa_column_kwargs=about(RATED))
    attitude: int = Field(sa_column_kwargs=about(RATED))
    quality: int = Field(sa_column_kwargs=about(RATED))
    resolution: int = Field(sa_column_kwargs=about(RATED))
    comment: str = sealed_column("review.comment", WORDS, initial="")
