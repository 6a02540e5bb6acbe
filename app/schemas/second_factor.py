"""The second factor on the wire."""

from datetime import datetime

from pydantic import ConfigDict

from app.schemas.auth import Code, Secret
from app.schemas.base import Input, Output


class SecondFactorBegin(Input):
    password: Secret

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "Qinghe-2026-demo"}]})


class SecondFactorCode(Input):
    code: Code

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "287082"}]})


class SecondFactorRemoval(Input):
    password: Secret
    code: Code

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "Qinghe-2026-demo", "code": "287082"}]}
    )


class SecondFactorOut(Output):
    """`confirmed_at` is null while there is none."""

    confirmed_at: datetime | None
    recovery_codes_left: int


class SecondFactorBegun(Output):
    """`otpauth_uri` is what an authenticator reads from a QR code, `secret` what is typed into one."""

    secret: str
    otpauth_uri: str


class RecoveryCodesOut(Output):
    """Shown this once: each stands in once for the code of a lost telephone."""

    recovery_codes: list[str]
