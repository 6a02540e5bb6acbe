"""A notice in the fields of a WeChat template, each cut to what WeChat takes.

A field that is too long, empty or of the wrong kind makes WeChat refuse the whole message (47003), and which
fields a template has is the account's choice; so every value is made to fit the kind that its field's name begins
with (thing 20 characters, character_string 32, phrase 5 汉字, name 10 汉字, phone_number 17; domain facts C).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.lifecycle import MOVES, STATUS_ZH, Action, OrderStatus
from app.domain.reminders import words
from app.domain.templates import Source

THING: Final = 20
CHARACTERS: Final = 32
PHRASE: Final = 5
NAME: Final = 10
PHONE: Final = 17
FIELD: Final = re.compile(r"([a-z]+(?:_[a-z]+)*)[0-9]{1,3}", re.ASCII)
"""`thing1`, `character_string12`: a kind and a number."""

_NOT_HAN: Final = re.compile(r"[^\u4e00-\u9fff]+")
_NOT_CHARACTERS: Final = re.compile(r"[^!-~]+")
_NOT_PHONE: Final = re.compile(r"[^0-9+-]+")
_BLANK: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Subject:
    """What there is to say; `time` is local to the order's place, `number` short enough to be read out."""

    title: str
    status: str
    time: datetime
    note: str
    number: str


def status_after(kind: str, status: OrderStatus | None) -> str:
    """The state that a notice tells of: the one its move led to, else the order's own."""
    target = MOVES[Action(kind)].target if kind in set(Action) else None
    told = target or status
    return STATUS_ZH[told] if told else "提醒"


def note_of(kind: str, audience: str, reason: str) -> str:
    """The sentence without the title, which has a field of its own."""
    return words(kind, audience, "", reason).replace("“”", "").lstrip("，：")


def filled(fields: Mapping[str, Source], subject: Subject) -> dict[str, str]:
    """A value for each field, which WeChat will take."""
    return {field: _fit(field, source, subject) for field, source in fields.items()}


def _fit(field: str, source: Source, subject: Subject) -> str:
    named = FIELD.fullmatch(field)
    kind = named[1] if named else "thing"
    if kind in ("time", "date"):
        return f"{subject.time:%Y年%m月%d日 %H:%M}"
    value = f"{subject.time:%m月%d日 %H:%M}" if source is Source.TIME else str(getattr(subject, source))
    return _KINDS.get(kind, _thing)(value)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _thing(value: str) -> str:
    return _shortened(_BLANK.sub(" ", value).strip(), THING) or "无"


def _name(value: str) -> str:
    return _BLANK.sub("", value)[:NAME] or "无"


def _phrase(value: str) -> str:
    return _NOT_HAN.sub("", value)[:PHRASE] or "提醒"


def _characters(value: str) -> str:
    return _NOT_CHARACTERS.sub("", value)[:CHARACTERS] or "-"


def _phone(value: str) -> str:
    return _NOT_PHONE.sub("", value)[:PHONE] or "-"


def _number(value: str) -> str:
    return re.sub(r"[^0-9]+", "", value)[:CHARACTERS] or "0"


_KINDS: Final[Mapping[str, Callable[[str], str]]] = {
    "thing": _thing,
    "name": _name,
    "phrase": _phrase,
    "character_string": _characters,
    "letter": _characters,
    "number": _number,
    "phone_number": _phone,
}
