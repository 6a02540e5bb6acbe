"""An order on the wire: what a resident sends, what everybody reads."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.domain.beneficiary import Circumstance
from app.domain.discretion import Sight
from app.domain.gender import Gender
from app.domain.lifecycle import Action, OrderStatus
from app.domain.policy import Urgency
from app.domain.roles import Role
from app.models.menu import Mode, Risk
from app.models.order import Consent, Relation
from app.schemas.base import (
    Clean,
    Code,
    Input,
    Instant,
    Name,
    Output,
    Paragraph,
    Phone,
    PublicTitle,
    Remark,
    broken,
)
from app.schemas.place import Location
from app.schemas.taxonomy import LanguageCode

LONGEST_WINDOW = timedelta(days=31)
Address = Annotated[str, Field(max_length=200), Clean]


class WindowIn(Input):
    """When the service may take place: it fits anywhere inside, for its whole duration."""

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _forward(self) -> "WindowIn":
        if self.end <= self.start:
            raise broken("window_reversed", "结束时间须晚于开始时间")
        if self.end - self.start > LONGEST_WINDOW:
            raise broken("window_too_long", "期望时间的范围不能超过31天")
        return self


class ContactIn(Input):
    name: Name
    phone: Phone


class BeneficiaryIn(Input):
    """代点单: who is served, and how they agreed to somebody ordering for them (PIPL Art. 13)."""

    name: Name
    phone: Phone | None = None
    kind: Annotated[str, Field(max_length=20), Clean] = ""
    relation: Relation
    consent: Consent
    consent_note: Remark = ""
    consent_media_ids: Annotated[list[UUID], Field(max_length=3)] = Field(default_factory=list)


class WishIn(Input):
    """Of whoever comes. With `must` nobody else may come, so that perhaps nobody can."""

    gender: Gender | None = None
    language: LanguageCode | None = None
    must: bool = False

    @model_validator(mode="after")
    def _says_what(self) -> "WishIn":
        if self.must and self.gender is None and self.language is None:
            raise broken("wish_empty", "请写明希望的性别或语言")
        return self


def _once_each(told: list[Circumstance]) -> list[Circumstance]:
    if len(set(told)) != len(told):
        raise broken("circumstance_repeated", "同一种情形只需选择一次")
    return told


Circumstances = Annotated[
    list[Circumstance],
    Field(
        max_length=len(Circumstance),
        description="Of who is served. Sensitive (PIPL Art. 28-29): ask for a consent of its own first.",
    ),
    AfterValidator(_once_each),
]


class NeedIn(Input):
    """A menu item (`menu_item_id`), or a need in one's own words (`title` and `category`)."""

    organisation_id: UUID
    menu_item_id: UUID | None = None
    title: PublicTitle | None = None
    category: Code | None = None
    detail: Paragraph = ""
    mode: Mode = Mode.ON_SITE
    address: Address = ""
    location: Location | None = None
    contact: ContactIn
    people: Annotated[int, Field(ge=1, le=200, strict=True)] | None = None
    duration_minutes: Annotated[int, Field(ge=15, le=720, strict=True)] | None = None
    urgency: Urgency = Urgency.NORMAL
    beneficiary: BeneficiaryIn | None = None
    circumstances: Circumstances = Field(default_factory=list)
    wish: WishIn | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.menu_item_id is None and not (self.title and self.category and self.duration_minutes):
            raise broken("order_needs_subject", "请选择菜单中的服务，或填写标题、类别和预计时长")
        if self.mode is Mode.ON_SITE and not (self.location and self.address):
            raise broken("order_needs_place", "上门或到场服务须填写地址并标出位置")
        if self.mode is Mode.ONLINE and self.location:
            raise broken("order_online_has_no_place", "线上服务不需要位置")
        return self


class OrderCreate(NeedIn):
    """A menu item (`menu_item_id`), or a need in one's own words (`title` and `category`), and when it fits."""

    window: WindowIn
    media_ids: Annotated[list[UUID], Field(max_length=9)] = Field(default_factory=list)

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "organisation_id": "0192f3c0-0000-7000-8000-000000000003",
                    "menu_item_id": "0192f3c0-0000-7000-8000-000000000042",
                    "detail": "独居老人，擦窗拖地",
                    "window": {"start": "2026-11-28T09:00:00+08:00", "end": "2026-11-28T11:00:00+08:00"},
                    "address": "松岭社区3栋201",
                    "location": {"lat": 28.2001, "lon": 112.9801},
                    "contact": {"name": "张阿婆", "phone": "13800000001"},
                    "circumstances": ["lone_elderly"],
                    "wish": {"gender": "female", "must": False},
                }
            ]
        }
    }

    @property
    def pictures(self) -> list[UUID]:
        """Of the need, and of the consent to a proxy order."""
        return [*self.media_ids, *(self.beneficiary.consent_media_ids if self.beneficiary else ())]

    @model_validator(mode="after")
    def _each_picture_once(self) -> Self:
        if len(set(self.pictures)) != len(self.pictures):
            raise broken("order_media_repeated", "同一张图片只需附一次")
        return self


class ContactPatch(Input):
    """What was wrong. Another place is another order: the location stays."""

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"contact": {"name": "张阿婆", "phone": "13800000002"}}]}
    }

    contact: ContactIn | None = None
    address: Annotated[str, Field(min_length=1, max_length=200), Clean] | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.contact is None and self.address is None:
            raise broken("correction_empty", "请填写要更正的联系人或地址")
        return self


class Window(Output):
    start: datetime
    end: datetime


class Contact(Output):
    """Masked (`张**`, `138****0001`) where `contacts` of the order says so."""

    name: str
    phone: str


class Place(Output):
    """GCJ-02; where it is masked, of a neighbourhood of about 500 m."""

    lat: float
    lon: float


class BeneficiaryOut(Output):
    name: str
    phone: str
    kind: str
    relation: Relation
    consent: Consent
    consent_note: str


class Wish(Output):
    gender: Gender | None
    language: str | None
    must: bool


class OrderSummary(Output):
    """One line of a list. `at_risk`: most of the present state's limit has gone by; `overdue`: all of it.

    `auto`: the clock dispatches it; a dispatcher may take over.
    """

    id: UUID
    created_at: datetime
    organisation_id: UUID
    title: str
    category: str
    status: OrderStatus
    status_text: str
    urgency: Urgency
    window: Window
    scheduled: Window | None
    team_id: UUID | None
    due_at: datetime | None
    at_risk: bool
    overdue: bool
    auto: bool
    escalated: bool
    urged_times: int
    on_behalf: bool
    version: int


class MergedInto(Output):
    """How the order stands that this one was merged into; `order_id` for those who may see it."""

    order_id: UUID | None
    status: OrderStatus
    status_text: str
    scheduled: Window | None


class OrderDetail(OrderSummary):
    """The whole order. `contacts` says how much of who and where (`contact`, `address`, `location`, `beneficiary`)
    is shown: the placer's own data are whole; whoever serves or dispatches sees them masked, and asks for them by
    `POST orders/{id}/reveal`; for all others they are null. `circumstances` are for who serves or dispatches.
    `wish` is null where nothing is wished; it is shown to all, because a team answers with it in mind.
    """

    menu_item_id: UUID | None
    handler_id: UUID
    placed_by_id: UUID
    detail: str
    mode: Mode
    risk: Risk
    people: int
    duration_minutes: int
    required_specialties: list[str]
    required_levels: dict[str, int]
    wish: Wish | None
    contacts: Sight
    address: str | None
    location: Place | None
    contact: Contact | None
    beneficiary: BeneficiaryOut | None
    circumstances: list[Circumstance] | None
    media_ids: list[UUID]
    preferred_team_id: UUID | None
    recurring_id: UUID | None
    merged_into: MergedInto | None
    possible_duplicates: int | None = Field(
        description="Orders that may be the same need; counted when a dispatcher opens it before a team is asked."
    )


class WhyOut(Output):
    """One sentence, in Chinese, about nobody else."""

    text: str


class OrderEventOut(Output):
    """One line of the timeline. `reason` is shown to staff, and to others only where it is meant for them."""

    seq: int
    at: datetime
    action: Action
    from_status: OrderStatus | None
    to_status: OrderStatus
    actor_role: Role
    reason: str
