"""Organisations of the tree: 中心, 所, 站, 点, 基地."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.models.organisation import OrgLevel
from app.schemas.base import Code, Input, Keyset, Title
from app.schemas.codes import OrgCode
from app.schemas.contact import Address, PhoneOrEmpty
from app.schemas.patch import Patch, optional
from app.schemas.place import Located, Location

Duties = Annotated[
    list[Code],
    Field(
        max_length=50, description="Categories of orders that a department reports for when whistled (S1.4)."
    ),
]


class OrgFilter(Keyset):
    """`within` is an organisation and everything below it: with it, the list is that part of the tree."""

    within: UUID | None = None
    parent_id: UUID | None = None
    level: OrgLevel | None = None
    active: bool | None = None


class OrgCreate(Input):
    """A new place below `parent_id`. Centers are founded by whoever runs the service, not here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "parent_id": "0192f3c0-0000-7000-8000-000000000002",
                    "code": "songling",
                    "name": "松岭社区新时代文明实践站",
                    "level": "station",
                    "location": {"lat": 28.315, "lon": 112.7},
                    "address": "云岫街道松岭社区松风路12号",
                }
            ]
        }
    )

    parent_id: UUID
    code: OrgCode
    name: Title
    level: OrgLevel
    location: Location
    address: Address = ""
    phone: PhoneOrEmpty = ""
    duties: Duties = Field(default_factory=list)


class OrgChange(Patch):
    """The code and the path never change: rows everywhere carry them."""

    name: Title = optional()
    location: Location = optional()
    address: Address = optional()
    phone: PhoneOrEmpty = optional()
    duties: Duties = optional()
    active: bool = optional()


class OrgOut(Located):
    """`path` is the chain of codes from the center down; `phone` is the office's own and public."""

    id: UUID
    parent_id: UUID | None
    code: str
    name: str
    level: OrgLevel
    path: str
    address: str
    phone: str
    duties: list[str]
    active: bool
