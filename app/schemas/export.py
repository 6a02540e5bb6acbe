"""My data, whole and portable (PIPL Art. 45): what I gave and what was recorded about me, nothing masked.

Of somebody for whom I ordered there is nothing in here but the order itself: that is their data.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.domain.beneficiary import Circumstance
from app.domain.gender import Gender
from app.domain.lifecycle import OrderStatus
from app.domain.policy import Urgency
from app.domain.roles import Role
from app.models.approval import ApprovalKind, ApprovalState
from app.models.consent import Purpose
from app.models.content import ContentKind, ContentState
from app.models.person import Means
from app.models.recurring import RecurringStatus
from app.schemas.base import Output
from app.schemas.inbox import NoticeOut
from app.schemas.masks import MaskedProof
from app.schemas.me import PointsEntryOut, RoleOut


class ProfileData(Output):
    id: UUID
    created_at: datetime
    name: str
    phone: str
    birth_date: date | None
    username: str | None
    wechat_openid: str | None
    wechat_unionid: str | None


class SkillData(Output):
    specialty: str
    level: int
    proof_no: str | None
    proof_until: date | None


class VolunteerData(Output):
    number: str
    created_at: datetime
    organisation_id: UUID
    gender: Gender | None
    id_number: MaskedProof
    languages: list[str]
    insured_until: date | None
    active: bool
    specialties: list[SkillData]


class OrderData(Output):
    """An order I placed; who, where, how they live and what they wish only if it was for myself."""

    id: UUID
    created_at: datetime
    organisation_id: UUID
    title: str
    category: str
    status: OrderStatus
    urgency: Urgency
    window_start: datetime
    window_end: datetime
    scheduled_start: datetime | None
    scheduled_end: datetime | None
    on_behalf: bool
    detail: str | None
    address: str | None
    lat: float | None
    lon: float | None
    contact_name: str | None
    contact_phone: str | None
    circumstances: list[Circumstance] | None
    wish_gender: Gender | None
    wish_language: str | None
    wish_must: bool | None


class RecurringData(Output):
    """A series I asked for; what was wanted only if it was for myself."""

    id: UUID
    created_at: datetime
    organisation_id: UUID
    title: str
    rule: str
    first_start: datetime
    window_minutes: int
    status: RecurringStatus
    wanted: dict[str, Any] | None


class ReviewData(Output):
    order_id: UUID
    created_at: datetime
    timeliness: int
    attitude: int
    quality: int
    resolution: int
    comment: str


class ServiceData(Output):
    """An order on whose crew I was named."""

    order_id: UUID
    created_at: datetime


class AttendanceData(Output):
    order_id: UUID
    check_in_at: datetime | None
    check_in_lat: float | None
    check_in_lon: float | None
    check_out_at: datetime | None
    check_out_lat: float | None
    check_out_lon: float | None
    verified_minutes: int
    declared_minutes: int
    declared_reason: str
    marks: list[str]


class PictureData(Output):
    id: UUID
    created_at: datetime
    order_id: UUID | None
    content_type: str
    size: int
    sha256: str


class SignInData(Output):
    created_at: datetime
    means: Means
    seen_at: datetime
    device: str
    address: str
    revoked_at: datetime | None


class ComplaintData(Output):
    order_id: UUID
    created_at: datetime
    words: str
    answered_at: datetime | None
    answer: str


class ConsentData(Output):
    purpose: Purpose
    version: str
    created_at: datetime
    withdrawn_at: datetime | None
    guardian_name: str | None
    guardian_phone: str | None
    guardian_relation: str | None


class RevealData(Output):
    """Who had the contacts of an order I placed, or of a series, shown to them: as what, and why."""

    order_id: UUID | None
    recurring_id: UUID | None
    created_at: datetime
    role: Role
    reason: str


class ApprovalData(Output):
    """What I asked a second person for."""

    created_at: datetime
    kind: ApprovalKind
    state: ApprovalState
    reason: str
    note: str


class ContentData(Output):
    """What I wrote and somebody or something looked at first, and what came of it."""

    order_id: UUID
    created_at: datetime
    kind: ContentKind
    state: ContentState
    note: str


class MyData(Output):
    """`export_id` is written into the trail: a copy that turns up somewhere says whose it is."""

    export_id: UUID
    exported_at: datetime
    profile: ProfileData
    roles: list[RoleOut]
    team_ids: list[UUID]
    volunteer: VolunteerData | None
    orders: list[OrderData]
    recurring_orders: list[RecurringData]
    reviews: list[ReviewData]
    services: list[ServiceData]
    attendance: list[AttendanceData]
    points_entries: list[PointsEntryOut]
    notifications: list[NoticeOut]
    pictures: list[PictureData]
    sign_ins: list[SignInData]
    consents: list[ConsentData]
    complaints: list[ComplaintData]
    reveals: list[RevealData]
    approvals: list[ApprovalData]
    content_checks: list[ContentData]
