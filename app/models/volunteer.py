"""Volunteers and what they can do (志愿服务记录办法: skills are part of the basic record)."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.domain.gender import Gender
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
from app.models.personal import Category, Kept, Personal

NUMBER = Personal(Category.SENSITIVE, "实名登记（志愿服务记录办法）", Kept.ACCOUNT)
PROOF = Personal(Category.SENSITIVE, "核验从业资格（志愿服务条例第十六条）", Kept.NAMED)
REGISTERED = Personal(Category.IDENTITY, "志愿者注册与记录（志愿服务记录办法）", Kept.NAMED)
MATCHED = Personal(Category.IDENTITY, "服务对象希望的性别与语言", Kept.ACCOUNT)
SKILL = Personal(Category.IDENTITY, "安排合适的服务", Kept.NAMED)
INSURED = Personal(Category.CONDUCT, "确认保险有效（志愿服务条例第十七条）", Kept.NAMED)


class Volunteer(Record, table=True):
    """A person registered as volunteer at an organisation, with a number that hides the identity card.

    `id_number` is the identity card's, given where the center asks for 实名; it is shown to nobody whole. `gender`
    is part of the basic record, and like the codes in `languages` what a beneficiary may wish for.
    """

    person_id: UUID = Field(foreign_key="person.id", unique=True)
    number: str = Field(max_length=20, unique=True, sa_column_kwargs=about(REGISTERED))
    organisation_id: UUID = Field(foreign_key="organisation.id")
    org_path: str = path_column(index=True)
    gender: Gender | None = enum_column(Gender, nullable=True, initial=None, **about(MATCHED))
    languages: list[str] = Field(default_factory=Fresh(list), sa_column=json_column(about(MATCHED)))
    id_number: str | None = sealed_column("volunteer.id_number", NUMBER, nullable=True, initial=None)
    id_number_hash: str | None = hashed_column("id_number", NUMBER, unique=True)
    insured_until: date | None = Field(default=None, sa_column_kwargs=about(INSURED))
    active: bool = True


class VolunteerSpecialty(Record, table=True):
    """A skill with level 1–3; a legal qualification carries its proof and the day it runs out (条例 Art. 16)."""

    __tablename__ = "volunteer_specialty"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "specialty"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level_1_3"),
    )

    volunteer_id: UUID = Field(foreign_key="volunteer.id")
    specialty: str = Field(max_length=40, sa_column_kwargs=about(SKILL))
    level: int = Field(default=1, sa_column_kwargs=about(SKILL))
    proof_no: str | None = sealed_column("volunteer_specialty.proof_no", PROOF, nullable=True, initial=None)
    proof_until: date | None = Field(default=None, sa_column_kwargs=about(PROOF))
