"""重复点单: how likely two orders are one and the same need, told twice.

A resident orders, and the grid worker orders for the same resident; or an answer was lost and the need was typed
again. Two orders are alike only if they may serve the same person, near in time, about the same thing: the score
is a product of the first with what the other two make, so that a neighbour with another need is nobody's double.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.geo import distance_km

TIME, CATEGORY, TEXT = 0.4, 0.2, 0.4
"""What nearness in time, the same category and a like text make of a score; together 1."""
BY_PHONE, BY_ADDRESS, NEXT_DOOR, NEAR = 0.9, 0.85, 0.65, 0.55
"""How surely the same phone, the same address, the same spot, and the edge of the circle mean the same person."""


@dataclass(frozen=True, slots=True)
class Need:
    """What of an order says whose need it is. `phone` and `address` may be empty, `place` (lat, lon) missing."""

    beneficiary_key: str
    phone: str
    address: str
    place: tuple[float, float] | None
    start: datetime
    end: datetime
    category: str
    text: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` from 0 to 1; `reasons` are Chinese and can be read aloud."""

    score: float
    reasons: tuple[str, ...]


def likeness(one: Need, other: Need, within: timedelta, metres: int) -> Likeness:
    """Of two needs, of which those `within` each other's time and circle may be the same. Symmetric."""
    who, whose = _same_person(one, other, metres)
    when, how_far = _near_in_time(one, other, within)
    if not (who and when):
        return Likeness(0.0, ())
    same = one.category == other.category
    text = resemblance(one.text, other.text)
    reasons = [whose, how_far]
    if same:
        reasons.append("服务类别相同")
    if text >= 0.5:
        reasons.append(f"内容相近（{text:.0%}）")
    return Likeness(round(who * (TIME * when + CATEGORY * same + TEXT * text), 4), tuple(reasons))


def resemblance(one: str, other: str) -> float:
    """How much of two texts is the same, 0 to 1: Dice's coefficient of their pairs of characters, whatever widths,
    cases, blanks and marks they were typed with. Chinese has no blanks between words, and needs none here.
    """
    pairs, others = _pairs(one), _pairs(other)
    if not (pairs and others):
        return float(pairs == others)
    return 2 * len(pairs & others) / (len(pairs) + len(others))


def _pairs(text: str) -> frozenset[str]:
    plain = _plain(text)
    if len(plain) < 2:
        return frozenset([plain] if plain else [])
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] in "LN")


def _same_person(one: Need, other: Need, metres: int) -> tuple[float, str]:
    if one.beneficiary_key == other.beneficiary_key:
        return 1.0, "同一服务对象"
    if one.phone and one.phone == other.phone:
        return BY_PHONE, "联系电话相同"
    if one.place is None or other.place is None:
        return 0.0, ""
    apart = float(distance_km(*one.place, *other.place)) * 1000
    if apart > metres:
        return 0.0, ""
    if one.address and _plain(one.address) == _plain(other.address):
        return BY_ADDRESS, "地址相同"
    return NEXT_DOOR - (NEXT_DOOR - NEAR) * apart / metres, f"相距约{apart:.0f}米"


def _near_in_time(one: Need, other: Need, within: timedelta) -> tuple[float, str]:
    apart = max(one.start - other.end, other.start - one.end, timedelta())
    if not apart:
        return 1.0, "期望时间重叠"
    if apart >= within:
        return 0.0, ""
    days = apart / timedelta(days=1)
    told = f"期望时间相隔{days:.0f}天" if days >= 1 else f"期望时间相隔{days * 24:.0f}小时"
    return 1 - apart / within, told
