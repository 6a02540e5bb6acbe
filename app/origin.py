"""From where a request came: put here by the middleware, for the trail and for a person's own list of sign-ins."""

from contextvars import ContextVar
from dataclasses import dataclass

LONGEST_DEVICE = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """The caller's address as the trusted proxies tell it, what its client calls itself, and the request's id."""

    address: str = ""
    device: str = ""
    request_id: str = "-"


NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)
"""Of the request that is being answered; empty for the clock."""
