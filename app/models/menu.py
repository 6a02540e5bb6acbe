"""The menu (菜单) from which residents order (S2.19)."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.models.base import Fresh, Record, enum_column, json_column


class Mode(StrEnum):
    ON_SITE = "on_site"
    ONLINE = "online"


class Risk(StrEnum):
    """RISKY means adults only, and insured before the work begins (条例 Art. 15, 17)."""

    NONE = "none"
    RISKY = "risky"


class MenuItem(Record, table=True):
    """One service of a center; its defaults are copied onto each order, so a later change spares old orders.

    `required_levels` holds the least level of those required specialties for which helping (1) is not enough.
    """

    __tablename__ = "menu_item"
    __table_args__ = (
        UniqueConstraint("center_id", "code"),
        CheckConstraint("duration_minutes BETWEEN 15 AND 720", name="duration_15_720"),
        CheckConstraint("people BETWEEN 1 AND 200", name="people_1_200"),
    )

    center_id: UUID = Field(foreign_key="organisation.id")
    code: str = Field(max_length=40)
    title: str = Field(max_length=60)
    category: str = Field(max_length=40)
    programme: str | None = Field(default=None, max_length=40)
    platform: str | None = Field(default=None, max_length=40)
    description: str = Field(default="", max_length=500)
    duration_minutes: int
    people: int
    required_specialties: list[str] = Field(default_factory=Fresh(list), sa_column=json_column())
    required_levels: dict[str, int] = Field(default_factory=Fresh(dict), sa_column=json_column())
    risk: Risk = enum_column(Risk)
    mode: Mode = enum_column(Mode)
    active: bool = True
