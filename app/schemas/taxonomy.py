"""Codes of the taxonomy as inputs, each with its own problem, and the taxonomy as an answer."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from app.domain import taxonomy
from app.schemas.base import Code, Output, broken


def _known(entries: Callable[[], Mapping[str, Any]], code: str, message: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in entries():
            raise broken(code, message)
        return value

    return AfterValidator(check)


SpecialtyCode = Annotated[str, _known(taxonomy.specialties, "specialty_unknown", "没有这种专长")]
CategoryCode = Annotated[str, _known(taxonomy.categories, "category_unknown", "没有这种服务类别")]
ProgrammeCode = Annotated[str, _known(taxonomy.programmes, "programme_unknown", "没有这个实践项目")]
LanguageCode = Annotated[str, _known(taxonomy.languages, "language_unknown", "没有这种语言")]
PlatformCode = Annotated[str, _known(taxonomy.platforms, "platform_unknown", "没有这个服务平台")]


class SpecialtyOut(Output):
    """`parent` is the code of the group it belongs to, null for the group itself."""

    code: Code
    name: str
    parent: str | None
    needs_proof: bool


class CategoryOut(Output):
    code: Code
    name: str
    platform: str


class ProgrammeOut(Output):
    code: Code
    name: str
    contents: list[str]
    office: str
    times_per_year: int


class PlatformOut(Output):
    code: Code
    name: str
    offices: list[str]


class FestivalOut(Output):
    """A lunar month and day, or a solar term."""

    code: Code
    name: str
    lunar_month: int | None
    lunar_day: int | None
    solar_term: str | None


class WordOut(Output):
    """A code with the words that people read."""

    code: Code
    name: str


class TaxonomyOut(Output):
    """`circumstances` are those in which a beneficiary may live, `languages` what a volunteer may speak."""

    specialties: list[SpecialtyOut]
    categories: list[CategoryOut]
    programmes: list[ProgrammeOut]
    platforms: list[PlatformOut]
    festivals: list[FestivalOut]
    languages: list[WordOut]
    circumstances: list[WordOut]
