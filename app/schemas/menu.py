"""The menu (菜单) of a center."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from app.domain.taxonomy import specialties
from app.models.menu import Mode, Risk
from app.schemas.base import Clean, Input, Keyset, Output, Title, broken
from app.schemas.codes import MenuCode
from app.schemas.patch import Patch, optional
from app.schemas.skill import Level
from app.schemas.taxonomy import CategoryCode, PlatformCode, ProgrammeCode, SpecialtyCode

Description = Annotated[str, Field(max_length=500), Clean]
Minutes = Annotated[int, Field(ge=15, le=720, strict=True)]
People = Annotated[int, Field(ge=1, le=200, strict=True)]


def _once_each(codes: list[str]) -> list[str]:
    if len(set(codes)) != len(codes):
        raise broken("specialty_repeated", "同一种专长只需填写一次")
    return codes


Required = Annotated[list[SpecialtyCode], Field(max_length=10), AfterValidator(_once_each)]


def _levels(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """The place of a fault in an object with free names would repeat what was sent."""
    try:
        levels = check(value)
    except ValidationError:
        raise broken("levels_invalid", "请按专长代码填写，等级为1至3") from None
    if not specialties().keys() >= levels.keys():
        raise broken("specialty_unknown", "没有这种专长")
    return levels


Levels = Annotated[
    dict[str, Level],
    Field(
        max_length=10, description="The least level of a required specialty where helping (1) is not enough."
    ),
    WrapValidator(_levels),
]


class MenuFilter(Keyset):
    """`organisation_id` may be any place of the center; `q` is part of a title."""

    organisation_id: UUID | None = None
    category: CategoryCode | None = None
    q: Title | None = None


class MenuCreate(Input):
    """`people` counts volunteers; a team must hold every one of `required_specialties`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "center_id": "0192f3c0-0000-7000-8000-000000000001",
                    "code": "elder_home_cleaning",
                    "title": "独居老人家庭保洁",
                    "category": "care",
                    "programme": "party_members_lead",
                    "platform": "care",
                    "duration_minutes": 120,
                    "people": 2,
                    "required_specialties": ["housekeeping"],
                    "required_levels": {"housekeeping": 2},
                }
            ]
        }
    )

    center_id: UUID
    code: MenuCode
    title: Title
    category: CategoryCode
    programme: ProgrammeCode | None = None
    platform: PlatformCode | None = None
    description: Description = ""
    duration_minutes: Minutes
    people: People = 1
    required_specialties: Required = Field(default_factory=list)
    required_levels: Levels = Field(default_factory=dict)
    risk: Risk = Risk.NONE
    mode: Mode = Mode.ON_SITE


class MenuChange(Patch):
    """Orders already placed keep the defaults with which they were placed."""

    title: Title = optional()
    category: CategoryCode = optional()
    programme: ProgrammeCode | None = optional()
    platform: PlatformCode | None = optional()
    description: Description = optional()
    duration_minutes: Minutes = optional()
    people: People = optional()
    required_specialties: Required = optional()
    required_levels: Levels = optional()
    risk: Risk = optional()
    mode: Mode = optional()
    active: bool = optional()


class MenuSummary(Output):
    id: UUID
    center_id: UUID
    code: str
    title: str
    category: str
    duration_minutes: int
    people: int
    risk: Risk
    mode: Mode


class MenuDetail(MenuSummary):
    programme: str | None
    platform: str | None
    description: str
    required_specialties: list[str]
    required_levels: dict[str, int]
    active: bool
