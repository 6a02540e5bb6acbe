"""Consents on the wire, and the words that are agreed to."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.models.consent import Purpose
from app.schemas.base import Clean, Input, Name, Output, Phone
from app.schemas.masks import MaskedPhone
from app.schemas.reveal import MaskedName

Version = Annotated[str, Field(min_length=1, max_length=20), Clean]


class Guardianship(StrEnum):
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


class GuardianIn(Input):
    """Who consents for somebody under fourteen (PIPL Art. 31)."""

    name: Name
    phone: Phone
    relation: Guardianship


class ConsentIn(Input):
    """`version` is that of the words shown, `organisation_id` the place whose words they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"organisation_id": "0192f3c0-0000-7000-8000-000000000003", "version": "2026-11"},
            ]
        }
    )

    organisation_id: UUID
    version: Version
    guardian: GuardianIn | None = None


class GuardianOut(Output):
    name: MaskedName
    phone: MaskedPhone
    relation: Guardianship


class ConsentOut(Output):
    """`version` and `given_at` are null for what is not agreed to (any more)."""

    purpose: Purpose
    text: str
    version: str | None
    given_at: datetime | None
    guardian: GuardianOut | None


class WithdrawnOut(Output):
    """`text` says what has stopped."""

    purpose: Purpose
    text: str


class PurposeOut(Output):
    """`needed`: without it nothing can be ordered; the others may be refused."""

    purpose: Purpose
    text: str
    needed: bool
    when_refused: str


class DataOut(Output):
    """What is kept for which reason, and until when."""

    category: str
    purpose: str
    kept: str


class PrivacyNoticeOut(Output):
    """The words of one place, of one version: show them whole before asking for a consent (PIPL Art. 17)."""

    organisation_id: UUID
    version: str
    handler: str
    handler_phone: str
    purposes: list[PurposeOut]
    data: list[DataOut]
    rights: list[str]
