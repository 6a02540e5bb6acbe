"""One promise that was broken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broken:
    """Which rule, about what, and in words."""

    rule: str
    subject: str
    text: str
