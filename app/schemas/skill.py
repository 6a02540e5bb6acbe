"""Specialties held by a team or a volunteer, as they are sent and as they are shown."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from app.domain.taxonomy import specialties
from app.schemas.base import Clean, Day, Input, Output, broken
from app.schemas.masks import MaskedProof
from app.schemas.taxonomy import SpecialtyCode

Level = Annotated[int, Field(ge=1, le=3, strict=True)]
ProofNo = Annotated[str, Field(min_length=1, max_length=60), Clean]


class SkillIn(Input):
    """`level` 1 helps, 2 works alone, 3 leads. A legal qualification needs its number (条例 Art. 16)."""

    specialty: SpecialtyCode
    level: Level = 1
    proof_no: ProofNo | None = None
    proof_until: Day | None = None

    @model_validator(mode="after")
    def _proven(self) -> Self:
        entry = specialties()[self.specialty]
        if entry.needs_proof and self.proof_no is None:
            raise broken("proof_required", f"“{entry.name}”须填写资格证明编号")
        return self


def _once_each(skills: list[SkillIn]) -> list[SkillIn]:
    if len({skill.specialty for skill in skills}) != len(skills):
        raise broken("specialty_repeated", "同一种专长只需填写一次")
    return skills


class SkillsIn(Input):
    """Every specialty held from now on; what is not listed is no longer held."""

    specialties: Annotated[list[SkillIn], Field(max_length=60), AfterValidator(_once_each)]


class SkillOut(Output):
    """The document's number is masked; `proof_until` is its last valid day, null where it has none."""

    specialty: str
    level: int
    proof_no: MaskedProof
    proof_until: date | None
