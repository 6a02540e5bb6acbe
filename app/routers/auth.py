"""Signing in and out.

None of these takes an `Idempotency-Key`: before signing in there is nobody to whom a key could belong, and
none needs one. A repeated sign-in is one more sign-in, a repeated refresh gives the same successor again
(services/refreshing.py), a repeated sign-out finds it done. Their answers must not lie about in a table either.
"""

from fastapi import APIRouter, Depends, Response

from app.clock import now
from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, ClaimsDep, HouseDep, SessionDep
from app.routers.needs import Caller, needs
from app.schemas.auth import PasswordSignIn, RefreshIn, SignedInOut, WeChatSignIn
from app.services import auth, signing_out
from app.services.attempts import SignInLocked
from app.services.proving import BadCredentials, SecondFactorNeeded, SecondFactorWrong
from app.services.refreshing import RefreshInvalid, RefreshReused
from app.wechat.port import WeChatBusy, WeChatCodeInvalid, WeChatMisconfigured, WeChatUserBlocked


def never_stored(response: Response) -> None:
    """Tokens, and personal data in bulk, are for the caller and for no cache on the way."""
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/auth", tags=["登录"], dependencies=[Depends(never_stored)])


@router.post(
    "/wechat",
    operation_id="wechat_sign_in",
    summary="微信登录",
    openapi_extra=needs(Caller.ANYBODY),
    responses=documented(
        WeChatCodeInvalid,
        auth.AccountClosed,
        WeChatUserBlocked,
        Invalid,
        WeChatMisconfigured,
        WeChatBusy,
        Unavailable,
    ),
)
async def sign_in_by_wechat(house: HouseDep, body: WeChatSignIn) -> SignedInOut:
    """Exchanges the code of `wx.login`. Whoever comes for the first time is registered by it."""
    return SignedInOut.model_validate(await auth.by_wechat(house, body.code))


@router.post(
    "/password",
    operation_id="password_sign_in",
    summary="工作人员密码登录",
    openapi_extra=needs(Caller.ANYBODY),
    responses=documented(
        BadCredentials, SecondFactorNeeded, SecondFactorWrong, Invalid, SignInLocked, Unavailable
    ),
)
async def sign_in_by_password(house: HouseDep, body: PasswordSignIn) -> SignedInOut:
    """For staff. Five wrong passwords or codes lock the account for 15 minutes, even for the right one; thirty from
    one address lock that. The sign-in ends by itself when nothing is heard of it for half an hour."""
    password, code = body.password.get_secret_value(), body.code.get_secret_value() if body.code else None
    return SignedInOut.model_validate(await auth.by_password(house, body.username, password, code))


@router.post(
    "/refresh",
    operation_id="tokens_refresh",
    summary="刷新登录凭证",
    openapi_extra=needs(Caller.ANYBODY),
    responses=documented(RefreshInvalid, RefreshReused, Invalid, Unavailable),
)
async def refresh_tokens(house: HouseDep, body: RefreshIn) -> SignedInOut:
    """Spends the refresh token for a new pair. Within 60 seconds the same token gives the same successor
    again; later, or once the successor was used, it is a copy, and the whole sign-in is ended."""
    token = body.refresh_token.get_secret_value()
    return SignedInOut.model_validate(await auth.by_refresh_token(house, token))


@router.post(
    "/logout",
    status_code=204,
    operation_id="device_sign_out",
    summary="退出登录",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def sign_out(session: SessionDep, claims: ClaimsDep) -> None:
    """Ends this device's sign-in, its access tokens included. Repeated, it finds it done."""
    await signing_out.leave(session, claims, now())


@router.post(
    "/logout-all",
    status_code=204,
    operation_id="devices_sign_out",
    summary="退出所有设备",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def sign_out_everywhere(session: SessionDep, actor: ActorDep) -> None:
    """Ends every sign-in of the caller. Repeated, it answers 401, because this one has ended too."""
    await signing_out.leave_everywhere(session, actor, now())
