"""A file with personal data, as it is asked for."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, model_validator

from app.schemas.base import Input, Instant, Reason, broken


class SheetKind(StrEnum):
    """`audit` is the auditors'; the others are for who may make exports."""

    VOLUNTEERS = "volunteers"
    ORDERS = "orders"
    AUDIT = "audit"


class SheetFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


class ExportCreate(Input):
    """What lies at the organisation or below it and was made from `since` until before `until`. `whole`: names,
    numbers and addresses are not masked; of children's contacts there is never anything in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "volunteers",
                    "organisation_id": "0192f3c0-0000-7000-8000-000000000002",
                    "reason": "向区文明办报送年度志愿者名册",
                    "format": "csv",
                    "whole": False,
                }
            ]
        }
    )

    kind: SheetKind
    organisation_id: UUID
    reason: Reason
    format: SheetFormat = SheetFormat.CSV
    whole: bool = False
    since: Instant | None = None
    until: Instant | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise broken("time_backwards", "截止时间应晚于起始时间")
        return self
