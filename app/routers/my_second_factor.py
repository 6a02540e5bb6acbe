"""My second factor.

None of these takes an `Idempotency-Key`: their answers are secrets that may not lie about in a table, and a code
that was accepted is not accepted again.
"""

from fastapi import APIRouter, Depends

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.auth import never_stored
from app.routers.deps import ActorDep, ClaimsDep, HouseDep, SessionDep
from app.routers.needs import Caller, needs
from app.schemas.second_factor import (
    RecoveryCodesOut,
    SecondFactorBegin,
    SecondFactorBegun,
    SecondFactorCode,
    SecondFactorOut,
    SecondFactorRemoval,
)
from app.services import my_second_factor
from app.services.attempts import SignInLocked
from app.services.my_password import PasswordNotSet
from app.services.my_second_factor import CodeWrong, PasswordWrong, SecondFactorNotSet, SecondFactorSet

router = APIRouter(prefix="/me", tags=["我的"], dependencies=[Depends(never_stored)])


@router.get(
    "/second-factor",
    operation_id="my_second_factor_get",
    summary="我的二次验证",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def get_my_second_factor(session: SessionDep, actor: ActorDep) -> SecondFactorOut:
    """Whether there is one, and how many recovery codes are left."""
    return SecondFactorOut.model_validate(await my_second_factor.standing(session, actor))


@router.post(
    "/second-factor",
    operation_id="my_second_factor_begin",
    summary="启用二次验证",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(
        Unauthenticated, PasswordNotSet, SecondFactorSet, PasswordWrong, Invalid, SignInLocked, Unavailable
    ),
)
async def begin_my_second_factor(
    house: HouseDep, claims: ClaimsDep, body: SecondFactorBegin
) -> SecondFactorBegun:
    """A new secret for an authenticator app. It counts from when one of its codes is confirmed."""
    password = body.password.get_secret_value()
    return SecondFactorBegun.model_validate(await my_second_factor.begin(house.database, claims, password))


@router.post(
    "/second-factor/confirm",
    operation_id="my_second_factor_confirm",
    summary="确认启用二次验证",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(
        Unauthenticated,
        PasswordNotSet,
        SecondFactorSet,
        SecondFactorNotSet,
        CodeWrong,
        Invalid,
        SignInLocked,
        Unavailable,
    ),
)
async def confirm_my_second_factor(
    house: HouseDep, claims: ClaimsDep, body: SecondFactorCode
) -> RecoveryCodesOut:
    """From now on every sign-in by password asks for a code; all other sign-ins end. Shows the recovery codes."""
    codes = await my_second_factor.confirm(house.database, claims, body.code.get_secret_value())
    return RecoveryCodesOut(recovery_codes=codes)


@router.post(
    "/second-factor/remove",
    status_code=204,
    operation_id="my_second_factor_remove",
    summary="停用二次验证",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(
        Unauthenticated,
        PasswordNotSet,
        SecondFactorNotSet,
        PasswordWrong,
        CodeWrong,
        Invalid,
        SignInLocked,
        Unavailable,
    ),
)
async def remove_my_second_factor(house: HouseDep, claims: ClaimsDep, body: SecondFactorRemoval) -> None:
    """Takes it away with its recovery codes, and ends all other sign-ins. A POST and no DELETE, because the secrets
    it needs are in a body, which not every proxy lets pass with a DELETE."""
    password, code = body.password.get_secret_value(), body.code.get_secret_value()
    await my_second_factor.remove(house.database, claims, password, code)


@router.post(
    "/recovery-codes",
    operation_id="my_recovery_codes_renew",
    summary="重新生成恢复码",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(
        Unauthenticated, PasswordNotSet, SecondFactorNotSet, CodeWrong, Invalid, SignInLocked, Unavailable
    ),
)
async def renew_my_recovery_codes(
    house: HouseDep, claims: ClaimsDep, body: SecondFactorCode
) -> RecoveryCodesOut:
    """Ten new ones; those before are no longer any."""
    code = body.code.get_secret_value()
    return RecoveryCodesOut(
        recovery_codes=await my_second_factor.renew_recovery_codes(house.database, claims, code)
    )
