"""Signing in on the wire. Secrets are SecretStr, so that no log and no traceback shows one."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from app.domain.duties import Owed
from app.schemas.base import Clean, Input, Output, broken
from app.schemas.me import MyProfile, RoleOut


def _encodable(secret: SecretStr) -> SecretStr:
    if any("\ud800" <= char <= "\udfff" for char in secret.get_secret_value()):
        raise broken("text_not_unicode", "文字编码有误")
    return secret


Code = Annotated[SecretStr, Field(min_length=6, max_length=40), AfterValidator(_encodable)]
"""Six digits of an authenticator, or a recovery code; spaces and hyphens do not matter."""
Secret = Annotated[SecretStr, Field(min_length=1, max_length=128), AfterValidator(_encodable)]
"""A password or token as it came, not even trimmed (services/passwords.py says how passwords are compared)."""


class WeChatSignIn(Input):
    """`code` is what `wx.login` gave; in development `demo:<name>` signs in as that person."""

    code: Annotated[str, Field(min_length=1, max_length=512)]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "demo:resident_songling"}]})


class PasswordSignIn(Input):
    """`code` is asked for (`second_factor_needed`) where the account has a second factor."""

    username: Annotated[str, Field(min_length=1, max_length=40), Clean]
    password: Secret
    code: Code | None = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "dispatcher_qinghe", "password": "Qinghe-2026-demo"}]}
    )


class RefreshIn(Input):
    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(_encodable)]

    model_config = ConfigDict(json_schema_extra={"examples": [{"refresh_token": "5f0c" * 16}]})


class PasswordChange(Input):
    old: Secret
    new: Secret

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"old": "Qinghe-2026-demo", "new": "稻花香里说丰年 Abc 2026"}]}
    )


class PhoneIn(Input):
    """`code` is what the phone-number button gave; in development `phone:<11 digits>`."""

    code: Annotated[str, Field(min_length=1, max_length=512)]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "phone:13800000001"}]})


class SignedInOut(Output):
    """`expires_in` is the access token's life in seconds; `refresh_token` buys one more such answer.
    `owed` rests roles, as in `GET me`.
    """

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
    refresh_token: str
    person: MyProfile
    roles: list[RoleOut]
    owed: list[Owed]
