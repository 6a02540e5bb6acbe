"""Where somebody is signed in, and ending it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.base import Keyset, Page
from app.schemas.page import next_cursor
from app.schemas.sign_in import SignInOut, SignOutIn
from app.services import my_sign_ins, recovering, signing_out
from app.services.idempotency import IdempotencyMismatch
from app.services.people import PersonUnknown

router = APIRouter(tags=["登录"], route_class=KeyedRoute)


@router.get(
    "/me/sign-ins",
    operation_id="my_sign_ins_list",
    summary="我的登录设备",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def list_my_sign_ins(
    session: SessionDep, actor: ActorDep, wanted: Annotated[Keyset, Query()]
) -> Page[SignInOut]:
    """Every device on which I am signed in, this one marked."""
    found = await my_sign_ins.listing(session, actor, wanted, now())
    items = [SignInOut.model_validate(one) for one in found]
    return Page(items=items[: wanted.limit], next_cursor=next_cursor(items, wanted.limit))


@router.delete(
    "/me/sign-ins/{sign_in_id}",
    status_code=204,
    operation_id="my_sign_in_end",
    summary="退出某个设备",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, NotFound, Invalid, Unavailable),
)
async def end_my_sign_in(session: SessionDep, actor: ActorDep, sign_in_id: UUID) -> None:
    """Ends one of my sign-ins, its access tokens included. Repeated, it finds it done."""
    await my_sign_ins.end(session, actor, sign_in_id, now())


@router.delete(
    "/me/sign-ins",
    status_code=204,
    operation_id="my_other_sign_ins_end",
    summary="退出其他设备",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def end_my_other_sign_ins(session: SessionDep, actor: ActorDep) -> None:
    """Ends all of my sign-ins but this one."""
    await my_sign_ins.end_others(session, actor, now())


@router.post(
    "/people/{person_id}/sign-out",
    status_code=204,
    operation_id="person_sign_out",
    summary="强制某人退出登录",
    openapi_extra=needs(Permission.SIGN_INS_REVOKE),
    responses=documented(
        Unauthenticated, Forbidden, NotFound, PersonUnknown, Invalid, IdempotencyMismatch, Unavailable
    ),
)
async def sign_person_out(session: SessionDep, actor: ActorDep, person_id: UUID, body: SignOutIn) -> None:
    """Ends every sign-in of somebody tied to my part of the tree. It is kept in the trail, with the reason."""
    await signing_out.sign_out(session, actor, person_id, body.reason, now())


@router.post(
    "/people/{person_id}/second-factor/remove",
    status_code=204,
    operation_id="person_second_factor_remove",
    summary="停用他人的二次验证",
    openapi_extra=needs(Permission.SIGN_INS_REVOKE),
    responses=documented(
        Unauthenticated, Forbidden, NotFound, PersonUnknown, Invalid, IdempotencyMismatch, Unavailable
    ),
)
async def remove_second_factor(
    session: SessionDep, actor: ActorDep, person_id: UUID, body: SignOutIn
) -> None:
    """For who has lost telephone and recovery codes: ends their sign-ins, and the next one asks for the password
    alone. Never one's own."""
    await recovering.remove_second_factor(session, actor, person_id, body.reason, now())
