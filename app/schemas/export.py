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
from app.models.recurring import RecurringStatus
from app.schemas.base import Output
from app.schemas.inbox import NoticeOut
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
    revoked_at: datetime | None


class MyData(Output):
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
