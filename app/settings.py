"""What an operator may set, read once from the environment and then frozen."""

import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from app import clock
from app.channels import ChannelSettings
from app.domain.duties import Duties
from app.domain.rates import Rate, RouteClass
from app.domain.templates import Form, Template
from app.patience import Patience
from app.sealing import Keyring, keyring

DEFAULT_SECRET = "sidan-development-only"  # noqa: S105  (refused in production below)
MINIMUM_SECRET = 32
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
_ORIGIN = re.compile(r"https?://[a-z0-9.\-]{1,253}(:[0-9]{1,5})?")


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
    data_key: SecretStr = SecretStr(DEFAULT_SECRET)
    """Seals personal data; the previous ones still open what they sealed, until `sidan keys rotate` is through."""
    previous_data_keys: tuple[SecretStr, ...] = ()
    index_key: SecretStr = SecretStr(DEFAULT_SECRET)
    """Of the keyed hashes by which sealed data is found; it stays."""

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

    trusted_proxies: str = "127.0.0.1"
    """Whose X-Forwarded-For is believed: addresses, networks, or `*`, separated by commas."""
    cors_origins: tuple[str, ...] = ()
    docs: Literal["open", "guarded", "off"] | None = None
    """The contract and its page: for everybody, for who sends `metrics_token`, or for nobody (so in production)."""
    rates: Literal["on", "off"] = "on"
    rates_a_minute: dict[RouteClass, Rate] = Field(default_factory=dict)
    """What differs from app/domain/rates.py: `{"read": {"person": 600, "address": 6000}}`."""
    redis_url: SecretStr = SecretStr("")
    """Where rates are counted together by all processes; while it is empty each process counts for itself."""
    body_seconds: float = Field(30.0, gt=0, le=300)
    """How long a caller may take to send what it wants."""
    idle_seconds: int = Field(15, ge=1, le=300)
    """How long a connection may stay silent before its next, or its first, request is there."""

    second_factor: Literal["admins", "off"] | None = None
    """Whose granted roles rest until a second factor was given: those of administrators (so in production)."""
    password_days: int = Field(0, ge=0, le=730)
    """After so many days a member of staff changes the password; 0 for never."""
    idle_minutes: int = Field(30, ge=5, le=24 * 60)
    """A sign-in by password that was silent for so long has ended."""
    sign_in_hours: int = Field(12, ge=1, le=72)
    """So long after it was opened it ends in any case."""

    replica_url: str = ""
    """A standby that answers reads while the database itself is away."""
    pool_seconds: float = Field(5.0, gt=0, le=60)
    """How long a request waits for a connection (on SQLite: for its turn) before it is told to come again."""
    connect_seconds: float = Field(5.0, gt=0, le=60)
    statement_seconds: float = Field(15.0, gt=0, le=600)
    """What one statement may take; two seconds later the connection counts as dead."""
    start_seconds: float = Field(60.0, ge=0, le=3600)
    """How long a starting process waits for its database."""
    pg_bin: Path | None = None
    """Where pg_dump and pg_restore are, if not on the PATH."""

    clock_file: Path | None = None
    """Of a rehearsal: by how many seconds its processes are ahead of the world (app/clock.py)."""

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def contract(self) -> str:
        """Who may read the contract: `open`, `guarded` or `off`."""
        return self.docs or ("off" if self.production else "open")

    @property
    def admins_need_second_factor(self) -> bool:
        return (self.second_factor or ("admins" if self.production else "off")) == "admins"

    @property
    def duties(self) -> Duties:
        """What is asked of those to whom roles were granted."""
        return Duties(self.admins_need_second_factor, self.password_days)

    @property
    def templates(self) -> dict[Template, Form]:
        """The WeChat templates by which messages go out."""
        return self.forms(made_up=self.wechat == "fake")

    @property
    def patience(self) -> Patience:
        return Patience(self.pool_seconds, self.connect_seconds, self.statement_seconds)

    @property
    def keyring(self) -> Keyring:
        """The keys of the personal data."""
        previous = tuple(one.get_secret_value() for one in self.previous_data_keys)
        return keyring(self.data_key.get_secret_value(), self.index_key.get_secret_value(), previous)

    @model_validator(mode="after")
    def _fit_for_production(self) -> "Settings":
        if self.wechat == "http" and not (self.wechat_appid and self.wechat_secret.get_secret_value()):
            raise ValueError("SIDAN_WECHAT_APPID and SIDAN_WECHAT_SECRET are needed with SIDAN_WECHAT=http")
        if (unfit := self.unfit_channels(production=self.production)) is not None:
            raise ValueError(unfit)
        if self.replica_url and not all(
            one.startswith("postgresql") for one in (self.replica_url, self.database_url)
        ):
            raise ValueError("SIDAN_REPLICA_URL is a standby of a PostgreSQL that DATABASE_URL names")
        redis = self.redis_url.get_secret_value()
        if redis and not redis.startswith(REDIS_SCHEMES):
            raise ValueError("SIDAN_REDIS_URL begins with redis://, rediss:// or unix://")
        if any(_ORIGIN.fullmatch(one) is None for one in self.cors_origins):
            raise ValueError(
                "SIDAN_CORS_ORIGINS names exact origins, such as https://desk.example, and no pattern"
            )
        if not self.production:
            return self
        for name in ("secret", "data_key", "index_key"):
            secret: str = getattr(self, name).get_secret_value()
            if secret == DEFAULT_SECRET or len(secret) < MINIMUM_SECRET:
                raise ValueError(
                    f"SIDAN_{name.upper()} must be set to at least {MINIMUM_SECRET} characters in production"
                )
        if len({one.get_secret_value() for one in (self.secret, self.data_key, self.index_key)}) < 3:
            raise ValueError("SIDAN_SECRET, SIDAN_DATA_KEY and SIDAN_INDEX_KEY must differ from each other")
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
