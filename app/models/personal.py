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
    """Until when. The days and years are numbers of policy (`retention`), but for what a law says.

    Each is kept by a job, which tests/jobs/test_kept.py shows for every column; or by closing the account (ACCOUNT,
    NAMED). SERVICE is what the law keeps: nothing of it tells who somebody is once NAMED is gone.
    """

    ACCOUNT = "account"
    """Until the account is closed."""
    NAMED = "named"
    """Until the account is closed; of somebody who served, `retention.record_years` longer (GB/T 40143-2021)."""
    SERVICE = "service"
    """What was done, when and by whom: the record of service, for good (志愿服务条例 Art. 19). No words."""
    CONTACT = "contact"
    """`retention.contact_days` after the order has ended."""
    RECORD = "record"
    """`retention.record_years` after the order has ended, at least ten (GB/T 40143-2021)."""
    PROOF = "proof"
    """The same, after a team has stopped or its qualification has run out; sooner, when the skill is taken off."""
    WITHDRAWN = "withdrawn"
    """The same, after a consent was withdrawn, which closing the account does, too."""
    NOTICE = "notice"
    """`retention.notice_days`."""
    ANSWER = "answer"
    """48 hours: what a phone without signal may ask for again."""
    GUESS = "guess"
    """A day: so long a wrong password counts."""
    TOKEN = "token"  # noqa: S105  (a term, not a secret)
    """30 days after it has run out: so long its theft is still recognised."""
    SECURITY = "security"
    """`retention.audit_days`, at least six months (网络安全法 Art. 21)."""
    INSTALLED = "installed"
    """Until the place takes down what it is for; it tells nothing of a person."""


@dataclass(frozen=True, slots=True)
class Personal:
    """`purpose` is told to the person, in Chinese."""

    category: Category
    purpose: str
    kept: Kept
