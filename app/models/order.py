"""The service order (点单) and, when somebody ordered for another (代点单), that other person."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.domain.gender import Gender
from app.domain.lifecycle import STAFFED, OrderStatus
from app.domain.policy import Urgency
from app.models.base import (
    Fresh,
    Record,
    about,
    enum_column,
    hashed_column,
    json_column,
    path_column,
    sealed_column,
)
from app.models.menu import Mode, Risk
from app.models.personal import Category, Kept, Personal

NAME = Personal(Category.IDENTITY, "上门时找对人", Kept.CONTACT)
PHONE = Personal(Category.CONTACT, "约时间、上门联系", Kept.CONTACT)
HOME = Personal(Category.PLACE, "上门服务、就近配单", Kept.CONTACT)
NEEDS = Personal(Category.SENSITIVE, "优先安排、两人同行、合适的志愿者", Kept.CONTACT)
WANTED = Personal(Category.WORDS, "说明需要什么帮助", Kept.CONTACT)
AGREED = Personal(Category.WORDS, "证明代点单已获同意", Kept.RECORD)
ON_BEHALF = Personal(Category.CONDUCT, "证明代点单已获同意", Kept.SERVICE)
SERVED = Personal(Category.IDENTITY, "认出同一位服务对象（仅为带密钥的摘要）", Kept.RECORD)
TITLE = Personal(Category.WORDS, "列表与通知中说明是什么服务", Kept.RECORD)
SORT = Personal(Category.CONDUCT, "说明是什么服务、需要什么专长", Kept.SERVICE)
WHEN = Personal(Category.CONDUCT, "约定并记录服务时间", Kept.SERVICE)
WISHED = Personal(Category.SENSITIVE, "满足对志愿者的性别与语言要求", Kept.CONTACT)
BENEFICIARY = "beneficiary"
"""The use of the keyed hash in `beneficiary_key`, made of what app/domain/beneficiary.py says."""
_WATCHED = text("step_at IS NOT NULL")
CLOSED = text("status = 'closed'")
"""Word for word the condition of an index: whoever searches by it finds what was closed lately without the rest."""
_STAFFED = ", ".join(f"'{status}'" for status in sorted(STAFFED))


class Relation(StrEnum):
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    STAFF = "staff"


class Consent(StrEnum):
    """How the beneficiary agreed to somebody else ordering and giving their address (PIPL Art. 13, 29)."""

    VERBAL = "verbal"
    WRITTEN = "written"
    RECORDED = "recorded"


class Beneficiary(Record, table=True):
    """服务对象 of a proxy order; often a person without a phone of their own.

    A picture of a written consent is a Media row of the order with stage `consent`.
    """

    org_path: str = path_column(index=True)
    name: str = sealed_column("beneficiary.name", NAME)
    phone: str = sealed_column("beneficiary.phone", PHONE, initial="")
    kind: str = sealed_column("beneficiary.kind", NEEDS, initial="")
    relation: Relation = enum_column(Relation, **about(ON_BEHALF))
    consent: Consent = enum_column(Consent, **about(ON_BEHALF))
    consent_note: str = sealed_column("beneficiary.consent_note", AGREED, initial="")


class Order(Record, table=True):
    """What is wanted, where and when, and where it stands.

    `organisation_id` is where it was placed, `handler_id` who answers for it now (it climbs on escalation).
    `version` counts moves and marks: it is the sequence number of the newest event and the ETag.
    `due_at` is when the present state should have ended; from `risk_at` on it is at risk, and `overdue_at` is when
    the clock said that it was late. `step_at` is when the clock next has something to do with it. While `auto`,
    the clock dispatches: `wave` counts the rounds of offers and `ring` the circles of the pool that were tried;
    `pool_path` is the organisation whose teams may claim it now. `confirmed_at`: the team said again that it comes.
    `occurs_at` is the time it stands for in a `recurring_id`.
    `cell_hash` and `contact_hash` find orders of the same neighbourhood and telephone; `contacts_emptied_at` is
    when what said who and where had been kept long enough, and was emptied.
    `beneficiary_key` is the same for every order that serves the same person (app/domain/beneficiary.py);
    `wish_must` makes what is wished of the volunteer a condition.
    """

    __tablename__ = "service_order"
    __table_args__ = (
        CheckConstraint("window_end > window_start", name="window_forward"),
        CheckConstraint(f"(team_id IS NOT NULL) = (status IN ({_STAFFED}))", name="team_when_staffed"),
        CheckConstraint("(scheduled_start IS NULL) = (team_id IS NULL)", name="schedule_with_team"),
        CheckConstraint("scheduled_end > scheduled_start", name="schedule_forward"),
        CheckConstraint("(lat IS NULL) = (mode = 'online')", name="place_when_on_site"),
        CheckConstraint("people BETWEEN 1 AND 200", name="people_1_200"),
        CheckConstraint("duration_minutes BETWEEN 15 AND 720", name="duration_15_720"),
        CheckConstraint("length(beneficiary_key) = 64", name="beneficiary_key_64"),
        CheckConstraint("(pool_path IS NOT NULL) = (status = 'pooled')", name="pool_when_pooled"),
        CheckConstraint("(merged_into_id IS NOT NULL) = (status = 'merged')", name="merged_into_one"),
        CheckConstraint("(recurring_id IS NULL) = (occurs_at IS NULL)", name="time_in_recurring"),
        CheckConstraint("wave >= 0 AND ring >= 0", name="rounds_not_negative"),
        UniqueConstraint("recurring_id", "occurs_at"),
        CheckConstraint(
            "NOT wish_must OR wish_gender IS NOT NULL OR wish_language IS NOT NULL", name="must_of_wish"
        ),
        Index("ix_service_order_placed_by", "placed_by_id", "id"),
        Index("ix_service_order_team", "team_id", "id"),
        Index("ix_service_order_due", "status", "due_at"),
        Index("ix_service_order_org_path", "org_path", "id"),
        Index("ix_service_order_step", "step_at", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
        Index("ix_service_order_merged_into", "merged_into_id"),
        Index("ix_service_order_closed", "status", "status_at", sqlite_where=CLOSED, postgresql_where=CLOSED),
    )

    organisation_id: UUID = Field(foreign_key="organisation.id")
    handler_id: UUID = Field(foreign_key="organisation.id")
    org_path: str = path_column()
    menu_item_id: UUID | None = Field(default=None, foreign_key="menu_item.id")
    placed_by_id: UUID = Field(foreign_key="person.id")
    beneficiary_id: UUID | None = Field(default=None, foreign_key="beneficiary.id")
    beneficiary_key: str = Field(max_length=64, index=True, sa_column_kwargs=about(SERVED))
    circumstances: list[str] = sealed_column("service_order.circumstances", NEEDS, "list")

    title: str = Field(max_length=60, sa_column_kwargs=about(TITLE))
    category: str = Field(max_length=40, sa_column_kwargs=about(SORT))
    detail: str = sealed_column("service_order.detail", WANTED, initial="")
    required_specialties: list[str] = Field(default_factory=Fresh(list), sa_column=json_column(about(SORT)))
    required_levels: dict[str, int] = Field(default_factory=Fresh(dict), sa_column=json_column(about(SORT)))
    wish_gender: Gender | None = enum_column(
        Gender, "wish_gender_known", nullable=True, initial=None, **about(WISHED)
    )
    wish_language: str | None = Field(default=None, max_length=40, sa_column_kwargs=about(WISHED))
    wish_must: bool = False
    risk: Risk = enum_column(Risk)
    urgency: Urgency = enum_column(Urgency)
    people: int
    mode: Mode = enum_column(Mode)
    address: str = sealed_column("service_order.address", HOME, initial="")
    lat: float | None = sealed_column("service_order.lat", HOME, "number", nullable=True, initial=None)
    lon: float | None = sealed_column("service_order.lon", HOME, "number", nullable=True, initial=None)
    cell_hash: str | None = hashed_column("cell", HOME)
    contact_name: str = sealed_column("service_order.contact_name", NAME)
    contact_phone: str = sealed_column("service_order.contact_phone", PHONE)
    contact_hash: str | None = hashed_column("phone", PHONE)
    contacts_emptied_at: datetime | None = None
    window_start: datetime = Field(sa_column_kwargs=about(WHEN))
    window_end: datetime = Field(sa_column_kwargs=about(WHEN))
    duration_minutes: int

    status: OrderStatus = enum_column(OrderStatus)
    status_at: datetime
    due_at: datetime | None = None
    version: int = 1
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    scheduled_start: datetime | None = Field(default=None, sa_column_kwargs=about(WHEN))
    scheduled_end: datetime | None = Field(default=None, sa_column_kwargs=about(WHEN))
    urged_times: int = 0
    urged_at: datetime | None = None
    escalated_at: datetime | None = None

    risk_at: datetime | None = None
    overdue_at: datetime | None = None
    step_at: datetime | None = None
    auto: bool = False
    wave: int = 0
    ring: int = 0
    pool_path: str | None = path_column(nullable=True)
    confirmed_at: datetime | None = None
    preferred_team_id: UUID | None = Field(default=None, foreign_key="team.id")
    recurring_id: UUID | None = Field(default=None, foreign_key="recurring_order.id")
    occurs_at: datetime | None = None
    merged_into_id: UUID | None = Field(default=None, foreign_key="service_order.id")

    @property
    def schedule(self) -> tuple[datetime, datetime]:
        """The agreed start and end; only an order behind which a team stands has them."""
        if self.scheduled_start is None or self.scheduled_end is None:
            raise ValueError("no team stands behind this order")
        return self.scheduled_start, self.scheduled_end
