"""The figures for a monitor, outside the API's base path."""

from hmac import compare_digest

from fastapi import APIRouter, Request, Response

from app.errors import Unauthenticated, Unavailable
from app.exposition import Exposition
from app.problems import documented
from app.routers.deps import HouseDep
from app.routers.needs import Caller, needs

router = APIRouter(tags=["运行"])


@router.get(
    "/metrics",
    operation_id="metrics_get",
    summary="运行指标",
    response_class=Response,
    openapi_extra={"security": [{"HTTPBearer": []}]} | needs(Caller.MONITOR),
    responses={
        200: {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented(Unauthenticated, Unavailable),
    },
)
async def get_metrics(house: HouseDep, request: Request) -> Response:
    """What a monitor reads, as Prometheus text. The token is that of SIDAN_METRICS_TOKEN; while it is not set,
    nobody has it."""
    wanted = house.settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "")
    if not wanted or not compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        raise Unauthenticated
    kept: Exposition | None = getattr(request.app.state, "exposition", None)
    if kept is None:
        kept = request.app.state.exposition = Exposition(house.database)
    return Response(await kept.written(), media_type=kept.content_type)
