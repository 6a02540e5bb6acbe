"""Figures for the staff of a center."""

from fastapi import APIRouter

from app.errors import Forbidden, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.schemas.base import Page
from app.schemas.report import LedgerOut
from app.services import reports

router = APIRouter(prefix="/reports", tags=["统计"])


@router.get(
    "/ledger",
    operation_id="ledgers_list",
    summary="积分总账",
    responses=documented(Unauthenticated, Forbidden, Unavailable),
)
async def list_ledgers(session: SessionDep, actor: ActorDep) -> Page[LedgerOut]:
    """Points issued and points held, for each center where the caller holds `points:read` as a whole."""
    found = await reports.ledgers(session, actor)
    return Page(items=[LedgerOut.model_validate(one) for one in found])
