"""Registered volunteers."""

import unicodedata
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from app.domain.gender import Gender
from app.domain.id_number import birth_date_of
from app.schemas.base import Clean, Day, Input, Keyset, Output, broken
from app.schemas.masks import MaskedPhone, MaskedProof
from app.schemas.patch import Patch, optional
from app.schemas.skill import SkillOut
from app.schemas.taxonomy import LanguageCode, SpecialtyCode


def _once_each(codes: list[str]) -> list[str]:
    if len(set(codes)) != len(codes):
        raise broken("language_repeated", "同一种语言只需填写一次")
    return codes


Languages = Annotated[list[LanguageCode], Field(max_length=10), AfterValidator(_once_each)]


def _id_number(text: str) -> str:
    number = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    if birth_date_of(number) is None:
        raise broken("id_number_invalid", "身份证号码不正确")
    return number


IdNumber = Annotated[str, Field(max_length=40), AfterValidator(_id_number), Clean]
"""公民身份号码 (GB 11643-1999)."""


class VolunteerFilter(Keyset):
    """`within` is an organisation and everything below it."""

    within: UUID | None = None
    person_id: UUID | None = None
    specialty: SpecialtyCode | None = None
    active: bool | None = None


class VolunteerCreate(Input):
    """Registers a person at an organisation; the volunteer number is made here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": "0192f3c0-0000-7000-8000-000000000011",
                    "organisation_id": "0192f3c0-0000-7000-8000-000000000003",
                    "gender": "female",
                    "languages": ["mandarin", "local_dialect"],
                    "insured_until": "2027-12-31",
                }
            ]
        }
    )

    person_id: UUID
    organisation_id: UUID
    gender: Gender | None = None
    languages: Languages = Field(default_factory=list)
    insured_until: Day | None = None
    id_number: IdNumber | None = None


class VolunteerChange(Patch):
    id_number: IdNumber = optional()
    gender: Gender | None = optional()
    languages: Languages = optional()
    insured_until: Day | None = optional()
    active: bool = optional()


class VolunteerSummary(Output):
    """`number` stands for the person wherever an identity number would be asked for."""

    id: UUID
    person_id: UUID
    name: str
    phone: MaskedPhone
    number: str
    organisation_id: UUID
    insured_until: date | None
    active: bool


class VolunteerDetail(VolunteerSummary):
    """Of the identity card only the last four places."""

    id_number: MaskedProof
    gender: Gender | None
    languages: list[str]
    specialties: list[SkillOut]
