"""The rules of a place: limits of time, weights of the ranking, points, titles."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.etag import opaque
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.schemas.policy import PolicyChange, PolicyOut
from app.services import policies
from app.services.organisations import Stale

router = APIRouter(prefix="/policies", tags=["规则"], route_class=KeyedRoute)

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The `ETag` of what you saw. Without it nothing is compared."),
]


def _seen(if_match: str | None) -> int | None:
    """The revision named; None when any will do. Raises Stale for a tag that was never given out."""
    tags = opaque(if_match or "*")
    if "*" in tags:
        return None
    numbers = [int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 10]
    if len(numbers) != 1:
        raise Stale
    return numbers[0]


def _tagged(response: Response, policy: PolicyOut) -> PolicyOut:
    response.headers["ETag"] = f'"{policy.revision}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return policy


@router.get(
    "/{organisation_id}",
    operation_id="policy_get",
    summary="查看规则",
    openapi_extra=needs(Permission.ORDERS_READ),
    responses=documented(Unauthenticated, Forbidden, NotFound, Invalid, Unavailable),
)
async def get_policy(
    session: SessionDep, actor: ActorDep, organisation_id: UUID, response: Response
) -> PolicyOut:
    """What the place sets itself and what is in force there, for those who work by it. The `ETag` is the
    center's revision: it moves with every change of the center's tree, menu, rules and teams."""
    return _tagged(response, await policies.show(session, actor, organisation_id))


@router.put(
    "/{organisation_id}",
    operation_id="policy_replace",
    summary="设置规则",
    openapi_extra=needs(Permission.POLICIES_MANAGE),
    responses=documented(
        Unauthenticated,
        Forbidden,
        NotFound,
        Stale,
        Invalid,
        policies.PolicyInvalid,
        policies.RetentionOfCenter,
        Unavailable,
    ),
)
async def replace_policy(
    session: SessionDep,
    actor: ActorDep,
    organisation_id: UUID,
    body: PolicyChange,
    response: Response,
    if_match: IfMatch = None,
) -> PolicyOut:
    """Lets the body be all that this place changes; `{}` goes back to what is set above. Needs
    `policies:manage`. With `If-Match`, only if nothing static of the center was changed since."""
    done = await policies.replace(session, actor, organisation_id, body, _seen(if_match))
    return _tagged(response, done)
