"""What of a person a column holds: why, and how long (PIPL Art. 6, 17, 19). docs/privacy.md is made of it."""

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """By what would be lost with it. `SENSITIVE` is that of PIPL Art. 28 (health, tracks, children, documents)."""

    IDENTITY = "identity"
    CONTACT = "contact"
    PLACE = "place"
    SENSITIVE = "sensitive"
    ACCOUNT = "account"
    CONDUCT = "conduct"
    WORDS = "words"


class Kept(StrEnum):
    """Until when. The days are numbers of policy (`retention`), but for what a law says."""

    ACCOUNT = "account"
    """Until the account is closed; somebody who served stays by name in the records of service."""
    CONTACT = "contact"
    """`retention.contact_days` after the order has ended."""
    RECORD = "record"
    """Ten years (GB/T 40143-2021), then without the person."""
    NOTICE = "notice"
    """`retention.notice_days`."""
    ANSWER = "answer"
    """48 hours: what a phone without signal may ask for again."""
    SECURITY = "security"
    """`retention.audit_days`, at least six months (网络安全法 Art. 21)."""


@dataclass(frozen=True, slots=True)
class Personal:
    """`purpose` is told to the person, in Chinese."""

    category: Category
    purpose: str
    kept: Kept
