"""Myself: profile, phone, password, my data, and the way out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.clock import now
from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.auth import never_stored
from app.routers.deps import ActorDep, ClaimsDep, HouseDep, SessionDep
from app.routers.keyed import Answered, IdempotencyKey, KeyedRoute, call_digest
from app.schemas.auth import PasswordChange, PhoneIn
from app.schemas.export import MyData
from app.schemas.me import MeOut, MePatch, PhoneOut
from app.services import account_closing, auth, me, my_data
from app.services.actors import actor_of
from app.services.attempts import SignInLocked
from app.services.idempotency import IdempotencyMismatch, stored
from app.services.passwords import PasswordWeak
from app.wechat.port import WeChatBusy, WeChatMisconfigured, WeChatPhoneCodeInvalid

router = APIRouter(prefix="/me", tags=["我的"])
keyed = APIRouter(route_class=KeyedRoute)


@router.get("", operation_id="get_me", summary="我的资料", responses=documented(Unauthenticated, Unavailable))
async def get_me(session: SessionDep, actor: ActorDep) -> MeOut:
    """My profile, the phone number masked, and the roles I hold with their organisation or team."""
    return MeOut.model_validate(await me.profile(session, actor))


@router.patch(
    "",
    operation_id="update_me",
    summary="修改我的资料",
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def update_me(session: SessionDep, actor: ActorDep, body: MePatch) -> MeOut:
    """Sets name and birth date; a phone number comes from WeChat (`POST me/phone`)."""
    return MeOut.model_validate(await me.change(session, actor, body.columns()))


@router.delete(
    "",
    status_code=204,
    operation_id="close_account",
    summary="注销账号",
    responses=documented(Unauthenticated, account_closing.AccountHasOpenOrders, Unavailable),
)
async def close_account(session: SessionDep, actor: ActorDep) -> None:
    """Ends every sign-in, lets go of WeChat and user name, and empties what no service record needs.
    Records of service stay for ten years, as they must, and are used for nothing else."""
    await account_closing.close(session, actor, now())


async def _number_from_wechat(
    request: Request, house: HouseDep, claims: ClaimsDep, body: PhoneIn, key: IdempotencyKey = None
) -> str:
    """WeChat takes its time, so it is asked before the request's transaction begins; and its code works
    once, so a repeated call is answered before it is asked."""
    digest = await call_digest(request)
    async with house.database.transaction() as session:
        await actor_of(session, claims)
        answer = await stored(session, claims.person_id, key, digest) if key else None
    if answer is not None:
        raise Answered(answer)
    return await house.wechat.phone_number(body.code)


_number = Depends(_number_from_wechat)


@keyed.post(
    "/phone",
    operation_id="set_my_phone",
    summary="用微信手机号更新我的电话",
    dependencies=[_number],
    responses=documented(
        Unauthenticated,
        WeChatPhoneCodeInvalid,
        Invalid,
        IdempotencyMismatch,
        WeChatMisconfigured,
        WeChatBusy,
        Unavailable,
    ),
)
async def set_my_phone(session: SessionDep, actor: ActorDep, number: Annotated[str, _number]) -> PhoneOut:
    """Exchanges the code of WeChat's phone-number button, so a number on file is one WeChat vouches for."""
    return PhoneOut.model_validate(await me.change(session, actor, {"phone": number}))


@router.post(
    "/password",
    status_code=204,
    operation_id="change_my_password",
    summary="修改我的密码",
    responses=documented(
        Unauthenticated,
        auth.PasswordNotSet,
        auth.OldPasswordWrong,
        PasswordWeak,
        Invalid,
        SignInLocked,
        Unavailable,
    ),
)
async def change_my_password(house: HouseDep, claims: ClaimsDep, body: PasswordChange) -> None:
    """Sets a new password and signs out every other device. A wrong old one counts as a failed sign-in.

    The one POST of this room without an `Idempotency-Key`: a digest of two passwords, kept to recognise a
    repeat, would be a gift to whoever steals the table. The same call again finds the password changed.
    """
    old, new = body.old.get_secret_value(), body.new.get_secret_value()
    await auth.change_password(house, claims, old, new)


@router.get(
    "/export",
    operation_id="export_my_data",
    summary="导出我的数据",
    dependencies=[Depends(never_stored)],
    responses=documented(Unauthenticated, Unavailable),
)
async def export_my_data(session: SessionDep, actor: ActorDep, response: Response) -> MyData:
    """Everything held about me, as one JSON file to take elsewhere (个人信息保护法 Art. 45)."""
    response.headers["Content-Disposition"] = 'attachment; filename="sidan-my-data.json"'
    return await my_data.gather(session, actor, now())


router.include_router(keyed)
