"""People as staff find and register them. A list never shows a whole phone number."""

from datetime import date, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, model_validator

from app.clock import now
from app.schemas.base import Day, Input, Keyset, Name, Output, Phone, Remark, broken
from app.schemas.codes import Username
from app.schemas.grant import OrgRole
from app.schemas.masks import MaskedPhone

OLDEST = date(1900, 1, 1)
CHINA = timedelta(hours=8)


def _born(day: date) -> date:
    if not OLDEST <= day <= (now() + CHINA).date():
        raise broken("birth_date_invalid", "出生日期不正确")
    return day


BirthDate = Annotated[Day, AfterValidator(_born)]


class PersonFilter(Keyset):
    """A whole phone number or a whole name: the register cannot be leafed through."""

    phone: Phone | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _asks_for_somebody(self) -> Self:
        if self.phone is None and self.name is None:
            raise broken("search_needed", "请输入完整的电话号码或姓名")
        return self


class StaffCreate(Input):
    """A member of staff, with the first role: without one they could do nothing and be found nowhere."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "云岫调度员",
                    "phone": "13800000103",
                    "username": "dispatcher_yunxiu",
                    "password": "Chushi-Mima-2026",
                    "role": "dispatcher",
                    "organisation_id": "0192f3c0-0000-7000-8000-000000000002",
                }
            ]
        }
    )

    name: Name
    phone: Phone
    birth_date: BirthDate | None = None
    username: Username
    password: Annotated[SecretStr, Field(max_length=128)]
    role: OrgRole
    organisation_id: UUID
    reason: Remark = ""
    """For who decides, where the role takes two."""


class PersonFound(Output):
    """`username` is null for who signs in by WeChat only."""

    id: UUID
    name: str
    phone: MaskedPhone
    username: str | None
    active: bool


class StaffOut(PersonFound):
    """`approval_id` is null but where the first role waits for a second person's consent."""

    approval_id: UUID | None = None
