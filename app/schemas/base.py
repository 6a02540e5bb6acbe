"""Words and manners of the wire: strict inputs, bounded texts, instants with an offset, keyset pages.

Each rule of our own has its own code, made by `broken()`; app/problems.py puts it into the problem. Texts
are trimmed, normalised to NFC, and may not hold control characters or lone surrogates, which no database
stores and no screen shows; a text that shows nothing is empty. Emoji and rare characters (𠮷, 䶮) are welcome.
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Generic, LiteralString, TypeVar, cast
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.domain.numbers import holds_number

Item = TypeVar("Item")

_PHONE = re.compile(r"(?:\+?86)?-?(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LONGEST = 2000
"""No field takes more; and to normalise many combining marks takes time that grows with their square."""
_JOINER = "\u200d"
_HIDDEN = frozenset({"Cf", "Zl", "Zp", "Cc"})
MOST_MARKS = 4
"""Combining marks on one letter; no script of this country needs more (Tibetan stacks four)."""
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def broken(code: str, message: str) -> PydanticCustomError:
    """The error to raise in a validator: a stable `code` for machines, a Chinese sentence for people."""
    return PydanticCustomError(cast(LiteralString, f"sidan.{code}"), cast(LiteralString, message))  # type: ignore[redundant-cast]


class Input(BaseModel):
    """What callers send: an unknown field is an error, not a guess."""

    model_config = ConfigDict(extra="forbid")


class Keyset(Input):
    """Where a list continues and how long it may be; the filters of a list extend this."""

    cursor: UUID | None = None
    limit: int = Field(20, ge=1, le=100)


class Output(BaseModel):
    """What callers get, read from rows or dataclasses."""

    model_config = ConfigDict(from_attributes=True)


class Page(Output, Generic[Item]):
    """One page of a list, newest first; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: UUID | None = None


def _clean(value: object) -> object:
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST:
        raise broken("text_too_long", "文字过长")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise broken("text_not_unicode", "文字编码有误")
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").strip()
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text):
        raise broken("text_control_character", "文字中含有不可见的控制字符")
    return text if any(unicodedata.category(char)[0] not in "CZ" for char in text) else ""


def _plain(value: str) -> str:
    """A name is read out, printed and compared: nothing in it hides, turns the text around, or piles up.

    Between two pictures a joiner is part of one picture (👨‍👩‍👧), and stays.
    """
    marks = 0
    for place, char in enumerate(value):
        category = unicodedata.category(char)
        joins = (
            char == _JOINER and _picture(value[place - 1 : place]) and _picture(value[place + 1 : place + 2])
        )
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MOST_MARKS or (category in _HIDDEN and not joins):
            raise broken("name_hidden_character", "名称中含有看不见或会改变显示顺序的字符")
    return value


def _picture(char: str) -> bool:
    return bool(char) and unicodedata.category(char) in ("So", "Sk", "Mn")


def _phone(value: str) -> str:
    """Chinese keyboards write full-width digits, too."""
    match = _PHONE.fullmatch(unicodedata.normalize("NFKC", value).replace(" ", ""))
    if match is None:
        raise broken("phone_invalid", "电话号码不正确，请填写手机号或带区号的固定电话")
    return match[1]


def _written(value: object) -> object:
    """A bare number is no time: nothing says of which clock, in which unit, at which offset."""
    if not isinstance(value, str | date) or (isinstance(value, str) and not _DAY.match(value)):
        raise broken("time_not_written", "时间应写成 2026-11-28T09:00:00+08:00，日期写成 2026-11-28")
    return value


def _instant(value: datetime) -> datetime:
    if not _EARLIEST <= value <= _LATEST:
        raise broken("time_out_of_range", "时间超出可接受的范围")
    return value.astimezone(UTC)


def _wall(value: datetime) -> datetime:
    """An instant when it says its offset, else what the clock on the wall of the place will show."""
    instant = _instant(value.replace(tzinfo=value.tzinfo or UTC))
    return instant if value.tzinfo else value


def _without_numbers(value: str) -> str:
    if holds_number(value):
        raise broken("title_holds_number", "标题人人可见，请不要写电话或身份证号；电话请填在联系人一栏")
    return value


Clean = BeforeValidator(_clean)
"""Named last in an Annotated, so that it wraps the bounds: they are then those of a text, and are documented."""
Name = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_plain), Clean]
Title = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_plain), Clean]
PublicTitle = Annotated[Title, AfterValidator(_without_numbers)]
"""One that many read, in lists, notices and the feed, and that is not sealed."""
Reason = Annotated[str, Field(min_length=2, max_length=200), Clean]
Remark = Annotated[str, Field(max_length=200), Clean]
Paragraph = Annotated[str, Field(max_length=1000), Clean]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$"), Clean]
Phone = Annotated[str, Field(max_length=20), AfterValidator(_phone), Clean]
Instant = Annotated[AwareDatetime, AfterValidator(_instant), BeforeValidator(_written)]
WallTime = Annotated[datetime, AfterValidator(_wall), BeforeValidator(_written)]
Day = Annotated[date, BeforeValidator(_written)]
