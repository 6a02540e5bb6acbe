"""What an operator may set, read once from the environment and then frozen."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from app import clock
from app.channels import ChannelSettings
from app.domain.templates import Form, Template

DEFAULT_SECRET = "sidan-development-only"  # noqa: S105  (refused in production below)
MINIMUM_SECRET = 32


class Settings(ChannelSettings):
    """Environment variables; those of this service start with SIDAN_, except DATABASE_URL.

    Raises at start-up, naming the variable, when production would run with a development default.
    """

    model_config = SettingsConfigDict(env_prefix="SIDAN_", frozen=True, extra="ignore")

    env: Literal["development", "production"] = "development"
    database_url: str = Field("sqlite+aiosqlite:///data/sidan.db", validation_alias="DATABASE_URL")
    database_pool: int = Field(10, ge=1, le=200)
    media_root: Path = Path("data/media")

    secret: SecretStr = SecretStr(DEFAULT_SECRET)
    """Signs access tokens; `previous_secret` still verifies while a rotation is under way."""
    previous_secret: SecretStr | None = None
    access_minutes: int = Field(15, ge=1, le=120)
    refresh_days: int = Field(30, ge=1, le=180)

    wechat: Literal["fake", "http"] = "fake"
    wechat_appid: str = ""
    wechat_secret: SecretStr = SecretStr("")

    worker_inside: bool = True
    """Run the clock's jobs inside the API process, so that one command is a whole service."""
    tick_seconds: float = Field(5.0, gt=0, le=300)

    metrics_token: SecretStr = SecretStr("")
    """What a monitor sends to read /metrics; while it is empty, nobody may."""

    clock_file: Path | None = None
    """Of a rehearsal: by how many seconds its processes are ahead of the world (app/clock.py)."""

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def templates(self) -> dict[Template, Form]:
        """The WeChat templates by which messages go out."""
        return self.forms(made_up=self.wechat == "fake")

    @model_validator(mode="after")
    def _fit_for_production(self) -> "Settings":
        if self.wechat == "http" and not (self.wechat_appid and self.wechat_secret.get_secret_value()):
            raise ValueError("SIDAN_WECHAT_APPID and SIDAN_WECHAT_SECRET are needed with SIDAN_WECHAT=http")
        if (unfit := self.unfit_channels(production=self.production)) is not None:
            raise ValueError(unfit)
        if not self.production:
            return self
        secret = self.secret.get_secret_value()
        if secret == DEFAULT_SECRET or len(secret) < MINIMUM_SECRET:
            raise ValueError(
                f"SIDAN_SECRET must be set to at least {MINIMUM_SECRET} characters in production"
            )
        if self.wechat == "fake":
            raise ValueError("SIDAN_WECHAT=fake signs anybody in as anybody; it is refused in production")
        if self.clock_file is not None:
            raise ValueError(
                "SIDAN_CLOCK_FILE moves the clock of every deadline; it is refused in production"
            )
        return self


@cache
def settings() -> Settings:
    """Those of this process, which from now on follows the clock that they name."""
    read = Settings()
    if read.clock_file is not None:
        clock.follow(read.clock_file)
    return read
