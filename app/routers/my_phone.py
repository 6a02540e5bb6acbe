"""My phone number, as WeChat vouches for it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, ClaimsDep, HouseDep, SessionDep
from app.routers.keyed import Answered, IdempotencyKey, KeyedRoute, call_digest
from app.routers.needs import Caller, needs
from app.schemas.auth import PhoneIn
from app.schemas.me import PhoneOut
from app.services import me
from app.services.actors import actor_of
from app.services.idempotency import IdempotencyMismatch, stored
from app.wechat.port import WeChatBusy, WeChatMisconfigured, WeChatPhoneCodeInvalid

router = APIRouter(prefix="/me/phone", tags=["我的"], route_class=KeyedRoute)


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


@router.post(
    "",
    operation_id="my_phone_set",
    summary="用微信手机号更新我的电话",
    openapi_extra=needs(Caller.SIGNED_IN),
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
    """Exchanges the code of WeChat's phone-number button for the number behind it."""
    return PhoneOut.model_validate(await me.change(session, actor, {"phone": number}))
