"""My password."""

from fastapi import APIRouter

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ClaimsDep, HouseDep
from app.routers.needs import Caller, needs
from app.schemas.auth import PasswordChange
from app.services.attempts import SignInLocked
from app.services.my_password import OldPasswordWrong, PasswordNotSet, change_password
from app.services.passwords import PasswordWeak

router = APIRouter(prefix="/me/password", tags=["我的"])


@router.post(
    "",
    status_code=204,
    operation_id="my_password_change",
    summary="修改我的密码",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(
        Unauthenticated, PasswordNotSet, OldPasswordWrong, PasswordWeak, Invalid, SignInLocked, Unavailable
    ),
)
async def change_my_password(house: HouseDep, claims: ClaimsDep, body: PasswordChange) -> None:
    """Sets a new password and signs out every other device. A wrong old one counts as a failed sign-in.

    Takes no `Idempotency-Key`: a digest of two passwords, kept to recognise a repeat, would be a gift to
    whoever steals the table. The same call again finds the password changed and succeeds.
    """
    old, new = body.old.get_secret_value(), body.new.get_secret_value()
    await change_password(house.database, claims, old, new)
