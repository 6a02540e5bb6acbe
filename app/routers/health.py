"""Is the process alive, and can it do its work? For load balancers, outside the API's base path."""

from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.errors import Unavailable
from app.problems import documented
from app.replica import stale
from app.routers.deps import SessionDep
from app.routers.needs import Caller, needs
from app.schemas.base import Output

router = APIRouter(tags=["运行"])


class Health(Output):
    status: str


@router.get("/healthz", operation_id="liveness_get", summary="进程存活", openapi_extra=needs(Caller.ANYBODY))
async def get_liveness() -> Health:
    """Answers as long as the process turns; looks at nothing else."""
    return Health(status="ok")


@router.get(
    "/readyz",
    operation_id="readiness_get",
    summary="可以接受请求",
    openapi_extra=needs(Caller.ANYBODY),
    responses=documented(Unavailable),
)
async def get_readiness(session: SessionDep) -> Health:
    """Asks the database for the schema this code needs; 503 while it is away or not migrated. `degraded`: only a
    standby answers, so that there are reads and no writes."""
    try:
        await session.exec(text("SELECT revision FROM organisation LIMIT 1"))  # type: ignore[call-overload]
    except ProgrammingError:  # how PostgreSQL says that there is no such table or column
        raise Unavailable from None
    return Health(status="degraded" if stale.get() else "ok")
