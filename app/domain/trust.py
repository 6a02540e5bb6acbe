"""The part of a policy that is about trust: what nobody does alone, what people agree to, what is kept how long."""

from enum import StrEnum

from pydantic import Field

from app.domain.frozen import Frozen


class Grants(StrEnum):
    """Which grants need a second person: none, those of roles that rule over others, or all."""

    NONE = "none"
    RULING = "ruling"
    ALL = "all"


class ApprovalPolicy(Frozen):
    """What one person may not do alone, and how long a yes holds."""

    grants: Grants = Grants.RULING
    exports: bool = True
    minors: bool = True
    """The contacts of a minor (未成年人网络保护条例 Art. 36)."""
    hours: int = Field(24, ge=1, le=24 * 14)


class PrivacyPolicy(Frozen):
    """`version` is that of the words people agree to; who has not agreed to these places no order."""

    version: str = Field("2026-11", min_length=1, max_length=20)
    consent_needed: bool = True
    id_number_needed: bool = False
    """Volunteers give the number of their identity card (实名登记)."""


class RetentionPolicy(Frozen):
    """How long what is not a record of service is kept. Records themselves stay ten years (GB/T 40143-2021)."""

    contact_days: int = Field(180, ge=1, le=3650)
    notice_days: int = Field(365, ge=30, le=3650)
    audit_days: int = Field(1095, ge=183, le=3650)
    record_years: int = Field(10, ge=10, le=50)


class ContentPolicy(Frozen):
    """What people write for others to read. An order in which one of `words` stands is looked at by a person first;
    with `machine`, WeChat's check is asked, too, where the writer was in the mini-program lately.
    """

    words: tuple[str, ...] = Field((), max_length=500)
    machine: bool = False


class SpamPolicy(Frozen):
    """So many orders one person may place in a day; more who orders for others as staff. And so many recurring ones
    one person may have that have not ended.
    """

    orders_a_day: int = Field(10, ge=1, le=1000)
    staff_orders_a_day: int = Field(200, ge=1, le=10_000)
    open_series: int = Field(20, ge=1, le=1000)
    staff_open_series: int = Field(500, ge=1, le=10_000)
