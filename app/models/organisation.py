"""The tree: 中心 / 所 / 站 / 点 / 基地, any depth (S1.1, S2.1, S5.1)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.models.base import Fresh, Record, enum_column, json_column, path_column


class OrgLevel(StrEnum):
    CENTER = "center"
    OFFICE = "office"
    STATION = "station"
    POINT = "point"
    BASE = "base"
    DEPARTMENT = "department"


class Organisation(Record, table=True):
    """`path` is the chain of codes from the center down, with slashes around: `/qinghe/yunxiu/songling/`.

    Rows that belong to an organisation carry its path, so scope is a prefix and needs no join; a path never
    changes. `duties` are the categories of orders that a department (S1.3, S1.4 牵头) reports for when whistled.
    `policy` holds only what this place changes. `revision` counts, on the center's row, every change of its tree,
    menu, policies and teams, so that whoever keeps a copy can tell that it is stale;
    `tallied_at`, there too, is when the deeds of its teams were last counted (app/services/standings.py).
    """

    __table_args__ = (
        UniqueConstraint("path"),
        CheckConstraint("(parent_id IS NULL) = (level = 'center')", name="center_is_root"),
    )

    parent_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    code: str = Field(max_length=32)
    name: str = Field(max_length=60)
    level: OrgLevel = enum_column(OrgLevel)
    path: str = path_column()
    lat: float
    lon: float
    address: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=20)
    policy: dict[str, Any] = Field(default_factory=Fresh(dict), sa_column=json_column())
    duties: list[str] = Field(default_factory=Fresh(list), sa_column=json_column())
    revision: int = 0
    tallied_at: datetime | None = None
    active: bool = True
