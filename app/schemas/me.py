"""Myself on the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import ConfigDict

from app.domain.duties import Owed
from app.domain.roles import Role
from app.models.organisation import OrgLevel
from app.models.points import PointsCause
from app.schemas.base import Name, Output
from app.schemas.masks import MaskedPhone
from app.schemas.patch import Patch, optional
from app.schemas.person import BirthDate


class PlaceName(Output):
    id: UUID
    name: str
    level: OrgLevel


class TeamName(Output):
    id: UUID
    name: str


class RoleOut(Output):
    """A granted role, at an organisation and everything below it, or at a team."""

    role: Role
    organisation: PlaceName | None
    team: TeamName | None


class MyProfile(Output):
    """`username` is there for who may sign in by password, `volunteer_number` for registered volunteers."""

    id: UUID
    name: str
    phone: MaskedPhone
    birth_date: date | None
    username: str | None
    volunteer_number: str | None


class MeOut(MyProfile):
    """`owed` is what rests some or all of my roles until it is done; those are then not among `roles`."""

    roles: list[RoleOut]
    owed: list[Owed]


class MePatch(Patch):
    """What is not sent stays; `birth_date: null` takes it back."""

    name: Name = optional()
    birth_date: BirthDate | None = optional()

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "张阿婆", "birth_date": "1950-05-01"}]}
    )


class PhoneOut(Output):
    phone: MaskedPhone


class BalanceOut(Output):
    center: PlaceName
    balance: int


class NextStar(Output):
    star: int
    minutes_missing: int


class PointsOut(Output):
    """Minutes proven by check-in (信用时数) and entered by a leader (荣誉时数); stars, 0–5, count both."""

    balances: list[BalanceOut]
    verified_minutes: int
    declared_minutes: int
    stars: int
    next_star: NextStar | None


class PointsEntryOut(Output):
    id: UUID
    created_at: datetime
    amount: int
    cause: PointsCause
    center_id: UUID
    order_id: UUID | None
    order_title: str | None
