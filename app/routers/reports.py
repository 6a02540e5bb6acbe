"""Figures for the staff of a center."""

from uuid import UUID

from fastapi import APIRouter

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import needs
from app.schemas.base import Page
from app.schemas.report import LedgerOut
from app.schemas.whistle import GapOut
from app.services import gaps, reports

router = APIRouter(prefix="/reports", tags=["统计"])


@router.get(
    "/ledger",
    operation_id="ledgers_list",
    summary="积分总账",
    openapi_extra=needs(Permission.POINTS_READ),
    responses=documented(Unauthenticated, Forbidden, Unavailable),
)
async def list_ledgers(session: SessionDep, actor: ActorDep) -> Page[LedgerOut]:
    """Points issued and points held, for each center where the caller holds `points:read` as a whole."""
    found = await reports.ledgers(session, actor)
    return Page(items=[LedgerOut.model_validate(one) for one in found])


@router.get(
    "/gaps",
    operation_id="gaps_list",
    summary="供给缺口",
    openapi_extra=needs(Permission.ORDERS_READ),
    responses=documented(Unauthenticated, Forbidden, NotFound, Invalid, Unavailable),
)
async def list_gaps(
    session: SessionDep, actor: ActorDep, organisation_id: UUID | None = None
) -> Page[GapOut]:
    """Which specialties were missed, where, for what reason and by how many orders; most frequent first."""
    found = await gaps.counted(session, actor, organisation_id)
    return Page(items=[GapOut.model_validate(one) for one in found], next_cursor=None)
