"""Who is served: by which key they are known again, and in which circumstances they live.

Continuity, blocks and the limits of one household need to know that two orders serve the same person, also where
a neighbour or a grid worker ordered for somebody without a phone. The key says that, and nothing else.
"""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID


class Circumstance(StrEnum):
    """What makes help urgent or a visit delicate (S1.18, S3.14). Sensitive personal data (PIPL Art. 28)."""

    LONE_ELDERLY = "lone_elderly"
    ADVANCED_AGE = "advanced_age"
    DISABLED = "disabled"
    SERIOUSLY_ILL = "seriously_ill"
    MINOR = "minor"
    LEFT_BEHIND = "left_behind"
    HARDSHIP = "hardship"


CIRCUMSTANCE_ZH: Final = {
    Circumstance.LONE_ELDERLY: "独居或空巢老人",
    Circumstance.ADVANCED_AGE: "高龄老人",
    Circumstance.DISABLED: "残疾或失能",
    Circumstance.SERIOUSLY_ILL: "重病",
    Circumstance.MINOR: "未成年人",
    Circumstance.LEFT_BEHIND: "留守人员",
    Circumstance.HARDSHIP: "困难家庭",
}

VULNERABLE: Final = frozenset(Circumstance) - {Circumstance.MINOR}
"""Served first when not everybody can be. To be a child is no hardship by itself."""

NEEDS_TWO: Final = frozenset({Circumstance.LONE_ELDERLY, Circumstance.MINOR, Circumstance.LEFT_BEHIND})
"""At home they are visited by two, who vouch for each other, unless the place decides
otherwise (policy `two_person_visits`)."""


def needs_two(circumstances: Iterable[str]) -> bool:
    """Whether somebody who lives so is visited by two."""
    return not NEEDS_TWO.isdisjoint(circumstances)


def own_key(person_id: UUID) -> str:
    """Of somebody who orders for themselves: 64 hex digits."""
    return _digest("person", person_id.hex)


def proxy_key(center: str, name: str, phone: str, address: str) -> str:
    """Of somebody for whom another orders: 64 hex digits.

    `center` is the center's code or path, the same for all its orders; a phone number says who it is, and without
    one the name and the address do, whatever blanks and widths they were typed with.
    """
    if phone:
        return _digest("phone", center, phone)
    return _digest("home", center, _plain(name), _plain(address))


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()


def _plain(text: str) -> str:
    """Full-width and half-width as one, and no blanks: “３栋 201” is “3栋201”."""
    return unicodedata.normalize("NFKC", text).translate(_BLANKS)


_BLANKS: Final = dict.fromkeys(map(ord, " \t\n"))
