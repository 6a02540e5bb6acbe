"""长期点单 on the wire: what is wanted again and again, and what became of each time."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.domain.discretion import Sight
from app.domain.lifecycle import OrderStatus
from app.domain.recurrence import LONGEST_TEXT, RULES_ZH, RuleError, parse
from app.models.recurring import OnHoliday, RecurringStatus
from app.schemas.base import Clean, Input, Instant, Keyset, Output, Reason, WallTime, broken
from app.schemas.order import BeneficiaryOut, Contact, NeedIn, Window


def _understood(text: str) -> str:
    try:
        parse(text)
    except RuleError as error:
        raise broken(error.code, RULES_ZH[error.code]) from None
    return text


RuleText = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_understood), Clean]


class RecurringCreate(NeedIn):
    """An order without its window, and an RRULE (RFC 5545) in the local time of the organisation.

    `first_start` without an offset is such a local time, too. A rule needs COUNT or UNTIL.
    """

    rule: RuleText
    first_start: WallTime
    window_minutes: Annotated[int, Field(ge=15, le=1440, strict=True)]
    on_holiday: OnHoliday = OnHoliday.KEEP
    preferred_team_id: UUID | None = None

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "organisation_id": "0192f3c0-0000-7000-8000-000000000003",
                    "menu_item_id": "0192f3c0-0000-7000-8000-000000000042",
                    "detail": "肢残居民上门康复指导",
                    "rule": "FREQ=WEEKLY;BYDAY=TH;COUNT=8",
                    "first_start": "2026-11-26T14:00:00+08:00",
                    "window_minutes": 180,
                    "on_holiday": "skip",
                    "preferred_team_id": "0192f3c0-0000-7000-8000-000000000021",
                    "address": "松岭社区3栋201",
                    "location": {"lat": 28.2001, "lon": 112.9801},
                    "contact": {"name": "张阿婆", "phone": "13800000001"},
                }
            ]
        }
    }

    @model_validator(mode="after")
    def _without_pictures(self) -> Self:
        if self.beneficiary is not None and self.beneficiary.consent_media_ids:
            raise broken("recurring_without_pictures", "长期点单不附图片，请在同意说明中写明")
        return self


class RecurringFilter(Keyset):
    mine: bool = False
    status: RecurringStatus | None = None


class ExceptionIn(Input):
    """Without `moved_to` this once is skipped; `moved_to` its own time keeps it after all."""

    moved_to: Instant | None = None
    reason: Reason

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [{"moved_to": "2026-12-04T14:00:00+08:00", "reason": "那天要去医院复查"}]
        }
    }


class Outcome(StrEnum):
    """What becomes of one time: planned, at another time, left out by wish or holiday, too late, or ordered."""

    PLANNED = "planned"
    MOVED = "moved"
    SKIPPED = "skipped"
    HOLIDAY = "holiday"
    MISSED = "missed"
    MADE = "made"


OUTCOME_ZH: dict[Outcome, str] = {
    Outcome.PLANNED: "到时安排",
    Outcome.MOVED: "已改期",
    Outcome.SKIPPED: "本次不需要",
    Outcome.HOLIDAY: "节假日不安排",
    Outcome.MISSED: "未能安排",
    Outcome.MADE: "已点单",
}

RECURRING_ZH: dict[RecurringStatus, str] = {
    RecurringStatus.REQUESTED: "待审核",
    RecurringStatus.ACTIVE: "进行中",
    RecurringStatus.REJECTED: "不予受理",
    RecurringStatus.ENDED: "已结束",
}


class Occurrence(Output):
    """`occurs_at` is when the rule says; `window` is when it will be, or was ordered for."""

    occurs_at: datetime
    window: Window
    outcome: Outcome
    outcome_text: str
    reason: str
    order_id: UUID | None
    order_status: OrderStatus | None
    order_status_text: str | None


class RecurringSummary(Output):
    id: UUID
    created_at: datetime
    organisation_id: UUID
    title: str
    rule: str
    first_start: datetime
    window_minutes: int
    time_zone: str
    on_holiday: OnHoliday
    preferred_team_id: UUID | None
    status: RecurringStatus
    status_text: str
    reason: str


class RecurringDetail(RecurringSummary):
    """`upcoming` are the next ten times, `so_far` those that were ordered or have gone by. `contacts` says how
    much of who and where is shown, as in an order.
    """

    placed_by_id: UUID
    category: str
    detail: str
    people: int
    duration_minutes: int
    contacts: Sight
    address: str | None
    contact: Contact | None
    beneficiary: BeneficiaryOut | None
    upcoming: list[Occurrence]
    so_far: list[Occurrence]
