"""Myself: profile, my data, and the way out."""

from fastapi import APIRouter, Depends, Response

from app.clock import now
from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.auth import never_stored
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import Caller, needs
from app.routers.trail import RECORDED
from app.schemas.export import MyData
from app.schemas.me import MeOut, MePatch
from app.services import account_closing, me, my_data

router = APIRouter(prefix="/me", tags=["我的"])


@router.get(
    "",
    operation_id="me_get",
    summary="我的资料",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def get_me(session: SessionDep, actor: ActorDep) -> MeOut:
    """My profile, the phone number masked, and the roles I hold with their organisation or team."""
    return MeOut.model_validate(await me.profile(session, actor))


@router.patch(
    "",
    operation_id="me_update",
    summary="修改我的资料",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def update_me(session: SessionDep, actor: ActorDep, body: MePatch) -> MeOut:
    """Sets name and birth date; a phone number comes from WeChat (`POST me/phone`)."""
    return MeOut.model_validate(await me.change(session, actor, body.columns()))


@router.delete(
    "",
    status_code=204,
    operation_id="account_close",
    summary="注销账号",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, account_closing.AccountHasOpenOrders, Unavailable),
)
async def close_account(session: SessionDep, actor: ActorDep) -> None:
    """Ends every sign-in, lets go of WeChat and user name, and empties what no service record needs.
    Records of service stay for ten years, as they must, and are used for nothing else."""
    await account_closing.close(session, actor, now())


@router.get(
    "/export",
    operation_id="my_data_export",
    summary="导出我的数据",
    openapi_extra=needs(Caller.SIGNED_IN) | RECORDED,
    dependencies=[Depends(never_stored)],
    responses=documented(Unauthenticated, Unavailable),
)
async def export_my_data(session: SessionDep, actor: ActorDep, response: Response) -> MyData:
    """Everything held about me, as one JSON file to take elsewhere (个人信息保护法 Art. 45)."""
    response.headers["Content-Disposition"] = 'attachment; filename="sidan-my-data.json"'
    return await my_data.gather(session, actor, now())
