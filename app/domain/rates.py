"""How often somebody may ask, by what is asked for: enough for a whole office behind one address, not for a flood.

A person taps a few times a second at most, and a phone that resumes asks for a dozen things at once. Behind one
address sits a family, or an office of a hundred (carriers and government networks share addresses): it is given ten
people at full speed, which is a hundred at the tenth that people really need.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WINDOW_SECONDS: Final = 60
BASE: Final = "/api/v1"
EXEMPT: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Whoever asks these watches the house, and must be answered most of all when it is flooded."""


class RouteClass(StrEnum):
    SIGN_IN = "sign_in"
    READ = "read"
    WRITE = "write"
    SEARCH = "search"
    """Finds people, or takes much away at once: lists of people, exports, contacts shown whole."""
    UPLOAD = "upload"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls a minute, of one person and of one address."""

    person: int
    address: int

    def __post_init__(self) -> None:
        if min(self.person, self.address) < 1:
            raise ValueError("a rate lets at least one call through")


RATES: Final[Mapping[RouteClass, Rate]] = {
    RouteClass.SIGN_IN: Rate(30, 300),
    RouteClass.READ: Rate(600, 6000),
    RouteClass.WRITE: Rate(120, 1200),
    RouteClass.SEARCH: Rate(60, 600),
    RouteClass.UPLOAD: Rate(30, 300),
    RouteClass.STREAM: Rate(20, 200),
}
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SEARCHED: Final = ("/people", "/volunteers", "/exports", "/me/data", "/audit", "/reveals")
_TAKEN: Final = ("/reveal", "/export")


def class_of(method: str, path: str) -> RouteClass | None:
    """What a call of this shape is counted as; None for what is not counted at all."""
    if path in EXEMPT:
        return None
    place = path.removeprefix(BASE)
    if place.startswith("/auth/"):
        return RouteClass.SIGN_IN
    if place == "/events/stream":
        return RouteClass.STREAM
    if place.endswith(_TAKEN) or (method in _READING and place.startswith(_SEARCHED)):
        return RouteClass.SEARCH
    if method in _READING:
        return RouteClass.READ
    return RouteClass.UPLOAD if place == "/media" else RouteClass.WRITE
