"""Registered volunteers."""

from datetime import date
from uuid import UUID

from pydantic import ConfigDict

from app.schemas.base import Day, Input, Keyset, Output
from app.schemas.masks import MaskedPhone
from app.schemas.patch import Patch, optional
from app.schemas.skill import SkillOut
from app.schemas.taxonomy import SpecialtyCode


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
                    "insured_until": "2027-12-31",
                }
            ]
        }
    )

    person_id: UUID
    organisation_id: UUID
    insured_until: Day | None = None


class VolunteerChange(Patch):
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
    specialties: list[SkillOut]
