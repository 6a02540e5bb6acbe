"""Volunteer teams: what they can do, from where, when, and who belongs to them."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.domain.travel import TravelMode
from app.models.base import Fresh, Record, about, enum_column, json_column, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

PROOF = Personal(Category.SENSITIVE, "核验从业资格（志愿服务条例第十六条）", Kept.PROOF)
BELONGS = Personal(Category.CONDUCT, "志愿服务队的成员名单", Kept.ACCOUNT)

NEVER = "0" * 84


class Team(Record, table=True):
    """`weekly` is 336 half hours from Monday 00:00 local time, as 84 hex digits (app/domain/hours.py).

    `capacity` is how many orders the team can serve in the same half hour; `title` is the place's own word
    for its rank (总队, 大队, 小队 …; S2.4, S3.5). It serves whatever lies within `radius_km`, and besides the whole
    of each organisation in `area_ids`. `lends`: a neighbouring station may ask it, too (S5.7).
    """

    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        CheckConstraint("capacity BETWEEN 1 AND 100", name="capacity_1_100"),
        CheckConstraint("radius_km > 0", name="radius_positive"),
        CheckConstraint("length(weekly) = 84", name="weekly_84"),
    )

    organisation_id: UUID = Field(foreign_key="organisation.id")
    org_path: str = path_column(index=True)
    name: str = Field(max_length=60)
    kind: str = Field(max_length=40)
    title: str = Field(default="", max_length=20)
    lat: float
    lon: float
    address: str = Field(default="", max_length=200)
    radius_km: float
    area_ids: list[str] = Field(default_factory=Fresh(list), sa_column=json_column())
    travel: TravelMode = enum_column(TravelMode, initial=TravelMode.EBIKE)
    lends: bool = True
    capacity: int = 1
    weekly: str = Field(default=NEVER, max_length=84)
    adults_only: bool = False
    insured_until: date | None = None
    active: bool = True


class TeamSpecialty(Record, table=True):
    __tablename__ = "team_specialty"
    __table_args__ = (
        UniqueConstraint("team_id", "specialty"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level_1_3"),
    )

    team_id: UUID = Field(foreign_key="team.id")
    specialty: str = Field(max_length=40)
    level: int = 1
    proof_no: str | None = sealed_column("team_specialty.proof_no", PROOF, nullable=True, initial=None)
    proof_until: date | None = None


class TeamException(Record, table=True):
    """On `day` the team is free in exactly these 48 half hours (12 hex digits), whatever the week says."""

    __tablename__ = "team_exception"
    __table_args__ = (
        UniqueConstraint("team_id", "day"),
        CheckConstraint("length(free) = 12", name="free_12"),
    )

    team_id: UUID = Field(foreign_key="team.id")
    day: date
    free: str = Field(max_length=12)


class TeamMember(Record, table=True):
    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("team_id", "person_id"),)

    team_id: UUID = Field(foreign_key="team.id")
    person_id: UUID = Field(foreign_key="person.id", index=True, sa_column_kwargs=about(BELONGS))
