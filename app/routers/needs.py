"""What a route asks of its caller, said in the contract: `x-needs`.

`tests/scope/` reads it there, calls every route as everybody, and believes nothing that it does not see.
"""

from enum import StrEnum
from typing import Any

from app.domain.roles import Permission

NEEDS = "x-needs"


class Caller(StrEnum):
    """Who needs no permission: anybody at all, or whoever is signed in (and then meets only what is their own)."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed_in"
    MONITOR = "monitor"


def needs(*any_of: Permission | Caller) -> dict[str, Any]:
    """For `openapi_extra`: one of these is enough; where it must be held, the row decides (services/access.py)."""
    return {NEEDS: [str(one) for one in any_of]}
