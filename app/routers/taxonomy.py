"""The words of the field, by which menus and teams are described."""

from functools import cache

from fastapi import APIRouter, Response

from app.domain import taxonomy
from app.domain.beneficiary import CIRCUMSTANCE_ZH
from app.routers.etag import TaggedRoute
from app.routers.needs import Caller, needs
from app.schemas.taxonomy import (
    CategoryOut,
    FestivalOut,
    PlatformOut,
    ProgrammeOut,
    SpecialtyOut,
    TaxonomyOut,
    WordOut,
)

router = APIRouter(prefix="/taxonomy", tags=["菜单"], route_class=TaggedRoute)

AN_HOUR = "public, max-age=3600"
"""It changes with a release only."""


@cache
def _taxonomy() -> TaxonomyOut:
    return TaxonomyOut(
        specialties=[SpecialtyOut.model_validate(one) for one in taxonomy.specialties().values()],
        categories=[CategoryOut.model_validate(one) for one in taxonomy.categories().values()],
        programmes=[ProgrammeOut.model_validate(one) for one in taxonomy.programmes().values()],
        platforms=[PlatformOut.model_validate(one) for one in taxonomy.platforms().values()],
        festivals=[FestivalOut.model_validate(one) for one in taxonomy.festivals().values()],
        languages=[WordOut.model_validate(one) for one in taxonomy.languages().values()],
        circumstances=[WordOut(code=code, name=name) for code, name in CIRCUMSTANCE_ZH.items()],
    )


@router.get("", operation_id="taxonomy_get", summary="服务分类", openapi_extra=needs(Caller.ANYBODY))
async def get_taxonomy(response: Response) -> TaxonomyOut:
    """Specialties, categories of orders, the twelve programmes, the 8+N platforms, the festivals, languages
    and circumstances, with the codes that other routes take. Codes stay, names may be reworded."""
    response.headers["Cache-Control"] = AN_HOUR
    return _taxonomy()
