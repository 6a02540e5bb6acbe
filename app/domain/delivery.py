"""Bringing a notice to a phone: by which way, what can come of it, and when it is tried again."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.notices import Audience
from app.domain.policy import Urgency

BACKOFF = (1, 5, 15, 60)
"""Minutes before the second, third … attempt; from then on the last of them."""

HOOK_BACKOFF = (10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600)
"""Seconds until another system is asked again, by the number of its failures in a row."""

_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


class Channel(StrEnum):
    WECHAT = "wechat"
    SMS = "sms"


class Outcome(StrEnum):
    """SENT, REFUSED (the person does not want it) and FAILED are final; RETRY will be tried again."""

    SENT = "sent"
    REFUSED = "refused"
    RETRY = "retry"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one attempt, for the operator in `detail`.

    `unsent`: it is certain that nothing went out. Whoever was asked and did not answer may have sent it.
    """

    outcome: Outcome
    detail: str = ""
    unsent: bool = True


SENT = Delivery(Outcome.SENT, unsent=False)


@dataclass(frozen=True, slots=True)
class Phone:
    """What is known of somebody's phone."""

    openid: str | None
    number: str

    @property
    def mobile(self) -> bool:
        """Whether the number is a mainland mobile one: the only kind that a domestic gateway reaches."""
        return _MOBILE.fullmatch(self.number) is not None


def texted(phone: Phone, audience: Audience, urgency: Urgency) -> bool:
    """Whether a notice is worth a text message, which costs money: whatever is urgent, and what a resident
    could not hear otherwise."""
    alone = audience is Audience.RESIDENT and not phone.openid
    return phone.mobile and (urgency is not Urgency.NORMAL or alone)


def next_try(attempts: int, at: datetime) -> datetime:
    """When to try again after `attempts` in vain, the last of them ended `at`."""
    return at + timedelta(minutes=BACKOFF[min(attempts, len(BACKOFF)) - 1])


def next_call(failures: int, at: datetime) -> datetime:
    """When to call another system again that has failed `failures` times in a row, the last time `at`."""
    return at + timedelta(seconds=HOOK_BACKOFF[min(failures, len(HOOK_BACKOFF)) - 1])
