"""People, what they were granted, and how they are signed in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.domain.roles import Role
from app.models.base import Record, enum_column


class Person(Record, table=True):
    """Anyone: known by WeChat (`wechat_openid`), by a staff user name and password, or by both."""

    name: str = Field(default="", max_length=40)
    phone: str = Field(default="", max_length=20, index=True)
    birth_date: date | None = None
    wechat_openid: str | None = Field(default=None, max_length=64, unique=True)
    wechat_unionid: str | None = Field(default=None, max_length=64)
    username: str | None = Field(default=None, max_length=40, unique=True)
    password_hash: str | None = Field(default=None, max_length=200)
    failed_signins: int = 0
    locked_until: datetime | None = None
    active: bool = True


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
    role: Role = enum_column(Role)
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    granted_by_id: UUID | None = Field(default=None, foreign_key="person.id")


class SignIn(Record, table=True):
    """One signed-in device: the family of its refresh tokens. Revoking it ends all of them at once."""

    __tablename__ = "sign_in"

    person_id: UUID = Field(foreign_key="person.id", index=True)
    revoked_at: datetime | None = None


class RefreshToken(Record, table=True):
    """Only the digest is kept. A token is spent once; a second use means that it was stolen."""

    __tablename__ = "refresh_token"

    sign_in_id: UUID = Field(foreign_key="sign_in.id", index=True)
    digest: str = Field(max_length=64, unique=True)
    expires_at: datetime = Field(index=True)
    spent_at: datetime | None = None
