"""Volunteer teams as their administrators send them and staff, leaders and members read them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from app.domain.travel import TravelMode
from app.schemas.base import Clean, Code, Day, Input, Keyset, Output, Title, broken
from app.schemas.contact import Address
from app.schemas.hours import DayHours, WeekHours
from app.schemas.masks import MaskedPhone
from app.schemas.patch import Patch, optional
from app.schemas.place import Located, Location
from app.schemas.skill import SkillOut
from app.schemas.taxonomy import SpecialtyCode

TITLE_LENGTH = 20
RankTitle = Annotated[str, Field(max_length=TITLE_LENGTH), Clean]
Radius = Annotated[float, Field(gt=0, le=500, allow_inf_nan=False, strict=True)]
Capacity = Annotated[int, Field(ge=1, le=100, strict=True)]


def _once_each(areas: list[UUID]) -> list[UUID]:
    if len(set(areas)) != len(areas):
        raise broken("area_repeated", "同一个服务区域只需填写一次")
    return areas


Areas = Annotated[
    list[UUID],
    Field(max_length=50, description="Organisations that the team serves wholly, besides its radius."),
    AfterValidator(_once_each),
]


class TeamFilter(Keyset):
    """`within` is an organisation and everything below it; `name` is how the name begins."""

    within: UUID | None = None
    kind: Code | None = None
    specialty: SpecialtyCode | None = None
    name: Title | None = None
    active: bool | None = None


class TeamCreate(Input):
    """`title` is one of the place's own words for a team's rank (policy `team_titles`), or empty.

    A team that `lends` may be asked by neighbouring stations, too; `travel` is how it usually comes.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organisation_id": "0192f3c0-0000-7000-8000-000000000003",
                    "name": "巧手便民维修队",
                    "kind": "convenience",
                    "title": "中队",
                    "location": {"lat": 28.3175, "lon": 112.703},
                    "radius_km": 10,
                    "area_ids": ["0192f3c0-0000-7000-8000-000000000004"],
                    "travel": "ebike",
                    "lends": True,
                    "capacity": 2,
                }
            ]
        }
    )

    organisation_id: UUID
    name: Title
    kind: Code
    title: RankTitle = ""
    location: Location
    address: Address = ""
    radius_km: Radius
    area_ids: Areas = Field(default_factory=list)
    travel: TravelMode = TravelMode.EBIKE
    lends: bool = True
    capacity: Capacity = 1
    adults_only: bool = False
    insured_until: Day | None = None


class TeamChange(Patch):
    name: Title = optional()
    kind: Code = optional()
    title: RankTitle = optional()
    location: Location = optional()
    address: Address = optional()
    radius_km: Radius = optional()
    area_ids: Areas = optional()
    travel: TravelMode = optional()
    lends: bool = optional()
    capacity: Capacity = optional()
    adults_only: bool = optional()
    insured_until: Day | None = optional()
    active: bool = optional()


class TeamSummary(Located):
    id: UUID
    created_at: datetime
    organisation_id: UUID
    name: str
    kind: str
    title: str
    radius_km: float
    capacity: int
    adults_only: bool
    active: bool


class ExceptionOut(Output):
    """The team's free time on one day, replacing what the week says of it."""

    day: date
    free: list[DayHours]


class TeamDetail(TeamSummary):
    """`exceptions` are those of today and later, nearest first."""

    address: str
    area_ids: list[UUID]
    travel: TravelMode
    lends: bool
    insured_until: date | None
    specialties: list[SkillOut]
    weekly: list[WeekHours]
    exceptions: list[ExceptionOut]


class MemberOut(Output):
    id: UUID
    person_id: UUID
    name: str
    phone: MaskedPhone
    leader: bool
    joined_at: datetime
