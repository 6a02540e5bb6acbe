"""排班: the whole queue planned at once, previewed, then applied."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.domain.roles import Permission
from app.errors import Forbidden, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers import answers
from app.routers.deps import ActorDep, ClaimsDep, HouseDep, SessionDep
from app.routers.keyed import IdempotencyKey, call_digest, replay
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.plan import PlanFilter, PlanIn, PlanItemFilter, PlanItemOut, PlanOut
from app.services import dispatch_plans, plan_applying, plan_views
from app.services.dispatch_plans import PlanTooLarge
from app.services.idempotency import Answer, IdempotencyMismatch, Key

router = APIRouter(prefix="/dispatch-plans", tags=["派单"])
"""A plan takes seconds: its POSTs keep no transaction open meanwhile, and keep their answers themselves."""

READ = (Unauthenticated, NotFound, Unavailable)


@router.post(
    "",
    operation_id="plan_make",
    summary="生成排班方案",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    status_code=201,
    response_model=PlanOut,
    responses=documented(*READ, Forbidden, PlanTooLarge, IdempotencyMismatch),
)
async def make_plan(
    request: Request, house: HouseDep, claims: ClaimsDep, wanted: PlanIn, key: IdempotencyKey = None
) -> Response:
    """Plans all approved orders of a place: nearly the best that is possible, with a bound that says how nearly.

    Nothing is offered yet; the prices that it finds for scarce teams guide single rankings from now on.
    """
    kept = Key(key, await call_digest(request)) if key else None
    return _answer(*await dispatch_plans.make(house.database, claims, wanted.organisation_id, kept))


@router.get(
    "",
    operation_id="plans_list",
    summary="排班方案列表",
    openapi_extra=needs(Caller.SIGNED_IN),
    response_model=Page[PlanOut],
    responses=documented(*READ),
)
async def list_plans(
    session: SessionDep, actor: ActorDep, wanted: Annotated[PlanFilter, Query()]
) -> Response:
    """Plans of the caller's places, newest first."""
    return answers.page(await plan_views.listing(session, actor, wanted), wanted.limit)


@router.get(
    "/{plan_id}",
    operation_id="plan_get",
    summary="排班方案",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=PlanOut,
    responses=documented(*READ),
)
async def get_plan(session: SessionDep, actor: ActorDep, plan_id: UUID) -> Any:
    """How good the plan is, whom it leaves unserved and why, and what became of it."""
    return await plan_views.show(session, await plan_views.get(session, actor, plan_id))


@router.get(
    "/{plan_id}/items",
    operation_id="plan_items_list",
    summary="排班明细",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=Page[PlanItemOut],
    responses=documented(*READ),
)
async def list_plan_items(
    session: SessionDep, actor: ActorDep, plan_id: UUID, wanted: Annotated[PlanItemFilter, Query()]
) -> Response:
    """Each order with its team and time; `changed=true` shows where the plan departs from the first choice."""
    return answers.page(await plan_views.items(session, actor, plan_id, wanted), wanted.limit)


@router.post(
    "/{plan_id}/apply",
    operation_id="plan_apply",
    summary="执行排班方案",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=PlanOut,
    responses=documented(*READ, Forbidden, IdempotencyMismatch),
)
async def apply_plan(
    request: Request, house: HouseDep, claims: ClaimsDep, plan_id: UUID, key: IdempotencyKey = None
) -> Response:
    """Makes the planned offers, skipping what has moved meanwhile and saying so. A large plan takes several calls:
    `outcomes` tells how many are still to be done, and calling again goes on.
    """
    kept = Key(key, await call_digest(request)) if key else None
    return _answer(*await plan_applying.apply(house.database, claims, plan_id, kept))


def _answer(answer: Answer, replayed: bool) -> Response:
    if replayed:
        return replay(answer)
    return Response(answer.body, answer.status_code, media_type="application/json")
