"""People, what they were granted, and how they are signed in."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, event, text
from sqlmodel import Field, SQLModel

from app.clock import now
from app.domain.roles import Role
from app.models.base import Fresh, Record, about, enum_column, hashed_column, sealed_column
from app.models.personal import Category, Kept, Personal

NAME = Personal(Category.IDENTITY, "称呼、核对身份、记录服务", Kept.NAMED)
PHONE = Personal(Category.CONTACT, "联系与短信通知", Kept.ACCOUNT)
BORN = Personal(Category.IDENTITY, "判断是否成年、是否适合该项服务", Kept.NAMED)
FACTOR = Personal(Category.ACCOUNT, "二次验证", Kept.ACCOUNT)
WHERE_FROM = Personal(Category.CONDUCT, "让本人认出自己的登录，发现盗用", Kept.SECURITY)
WECHAT = Personal(Category.ACCOUNT, "微信登录（微信平台给出的标识）", Kept.ACCOUNT)
SIGN_IN = Personal(Category.ACCOUNT, "工作人员登录", Kept.ACCOUNT)
SIGNED_IN = Personal(Category.CONDUCT, "维持登录、发现盗用", Kept.SECURITY)
TOKEN = Personal(Category.CONDUCT, "维持登录、发现盗用", Kept.TOKEN)
GUESSED = Personal(Category.CONDUCT, "防止猜密码", Kept.GUESS)
ROLE = Personal(Category.CONDUCT, "决定可以做什么、看见什么", Kept.ACCOUNT)


class Person(Record, table=True):
    """Anyone: known by WeChat (`wechat_openid`), by a staff user name and password, or by both.

    An UPDATE of `name` or `phone` sets its hash, too (an object does so by itself). `totp_step` is the time step of
    the last code that was accepted, so that none is accepted twice. `closed_at`: the account is closed, and what is
    left of it is locked: a record of service, not used for anything else.
    """

    name: str = sealed_column("person.name", NAME, initial="")
    name_hash: str | None = hashed_column("name", NAME, index=True)
    phone: str = sealed_column("person.phone", PHONE, initial="")
    phone_hash: str | None = hashed_column("phone", PHONE, index=True)
    birth_date: date | None = sealed_column("person.birth_date", BORN, "date", nullable=True, initial=None)
    wechat_openid: str | None = Field(
        default=None, max_length=64, unique=True, sa_column_kwargs=about(WECHAT)
    )
    wechat_unionid: str | None = Field(default=None, max_length=64, sa_column_kwargs=about(WECHAT))
    username: str | None = Field(default=None, max_length=40, unique=True, sa_column_kwargs=about(SIGN_IN))
    password_hash: str | None = Field(default=None, max_length=200, sa_column_kwargs=about(SIGN_IN))
    password_changed_at: datetime | None = Field(default=None, sa_column_kwargs=about(SIGN_IN))
    totp_secret: str | None = sealed_column("person.totp_secret", FACTOR, nullable=True, initial=None)
    totp_confirmed_at: datetime | None = None
    totp_step: int | None = Field(default=None, sa_type=BigInteger)
    active: bool = True
    closed_at: datetime | None = None


@event.listens_for(Person.name, "set")
def _name_set(person: Person, name: str, *_: object) -> None:
    person.name_hash = name


@event.listens_for(Person.phone, "set")
def _phone_set(person: Person, phone: str, *_: object) -> None:
    person.phone_hash = phone


class RoleGrant(Record, table=True):
    """(person, role, organisation or team): a leader's grant names a team, every other an organisation."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (team_id IS NULL)", name="one_scope"),
        CheckConstraint("(role = 'team_leader') = (team_id IS NOT NULL)", name="leader_of_team"),
        Index(
            "uq_role_grant_organisation",
            *("person_id", "role", "organisation_id"),
            unique=True,
            sqlite_where=text("organisation_id IS NOT NULL"),
            postgresql_where=text("organisation_id IS NOT NULL"),
        ),
        Index(
            "uq_role_grant_team",
            *("person_id", "role", "team_id"),
            unique=True,
            sqlite_where=text("team_id IS NOT NULL"),
            postgresql_where=text("team_id IS NOT NULL"),
        ),
    )

    person_id: UUID = Field(foreign_key="person.id", index=True)
    role: Role = enum_column(Role, **about(ROLE))
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    granted_by_id: UUID | None = Field(default=None, foreign_key="person.id")


class Means(StrEnum):
    """By what somebody signed in."""

    WECHAT = "wechat"
    PASSWORD = "password"  # noqa: S105  (a word, not a secret)


class SignIn(Record, table=True):
    """One signed-in device: the family of its refresh tokens. Revoking it ends all of them at once.

    `strong`: a second factor was given. `seen_at`, `device` (what the client calls itself) and `address` are those
    of the last refresh, so that people recognise their own sign-ins.
    """

    __tablename__ = "sign_in"

    person_id: UUID = Field(foreign_key="person.id", index=True)
    means: Means = enum_column(Means, initial=Means.WECHAT, **about(SIGNED_IN))
    strong: bool = False
    seen_at: datetime = Field(default_factory=Fresh(now), sa_column_kwargs=about(SIGNED_IN))
    device: str = sealed_column("sign_in.device", WHERE_FROM, initial="")
    address: str = sealed_column("sign_in.address", WHERE_FROM, initial="")
    revoked_at: datetime | None = None


class RefreshToken(Record, table=True):
    """Only the digest is kept. A token is spent once; a second use means that it was stolen."""

    __tablename__ = "refresh_token"

    sign_in_id: UUID = Field(foreign_key="sign_in.id", index=True)
    digest: str = Field(max_length=64, unique=True, sa_column_kwargs=about(TOKEN))
    expires_at: datetime = Field(index=True)
    spent_at: datetime | None = None


class RecoveryCode(Record, table=True):
    """Stands in once for a lost second factor. Only the digest is kept."""

    __tablename__ = "recovery_code"

    person_id: UUID = Field(foreign_key="person.id", index=True)
    digest: str = Field(max_length=64, unique=True, sa_column_kwargs=about(FACTOR))
    spent_at: datetime | None = None


class SignInAttempt(SQLModel, table=True):
    """How often somebody guessed lately, by what they guessed at: the keyed hash of a user name, whether or not
    anybody is called so, or of an address.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_not_negative"),)

    key: str = Field(max_length=64, primary_key=True, sa_column_kwargs=about(GUESSED))
    failures: int = 0
    tried_at: datetime = Field(default_factory=Fresh(now), index=True, sa_column_kwargs=about(GUESSED))
    locked_until: datetime | None = None
