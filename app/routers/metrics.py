"""The figures for a monitor, outside the API's base path."""

from hmac import compare_digest

from fastapi import APIRouter, Request, Response

from app.errors import NotFound, Unauthenticated, Unavailable
from app.exposition import Exposition
from app.problems import documented
from app.routers.deps import HouseDep

router = APIRouter(tags=["运行"])


@router.get(
    "/metrics",
    operation_id="metrics_get",
    summary="运行指标",
    response_class=Response,
    responses={
        200: {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented(NotFound, Unauthenticated, Unavailable),
    },
)
async def get_metrics(house: HouseDep, request: Request) -> Response:
    """For who sends `Bearer` and the token of SIDAN_METRICS_TOKEN; without that setting there is nothing here."""
    wanted = house.settings.metrics_token.get_secret_value()
    if not wanted:
        raise NotFound
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        raise Unauthenticated
    kept: Exposition | None = getattr(request.app.state, "exposition", None)
    if kept is None:
        kept = request.app.state.exposition = Exposition(house.database)
    return Response(await kept.written(), media_type=kept.content_type)
