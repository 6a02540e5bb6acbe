"""Values that betray themselves wherever they turn up, and what people write turned into such values."""

import base64
import io
import itertools
import logging.config
import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

from app import logs
from tests.stories import Story

BORN = date(1913, 2, 17)
LAT, LON = 28.20013742, 112.98014873
ALL = (
    *("", "app", "asyncio", "aiosqlite", "asyncpg", "multipart"),
    *("sqlalchemy", "sqlalchemy.engine.Engine", "sqlalchemy.pool", "sqlalchemy.orm"),
    *("uvicorn", "uvicorn.error", "uvicorn.access"),
)
WORDS = frozenset(
    (
        "address",
        "answer",
        "comment",
        "consent_note",
        "decision",
        "detail",
        "note",
        "override_reason",
        "reason",
    )
) | {"summary", "words"}
_numbers = itertools.count(1)


class Flock:
    """Lets them out, and counts. That of a title may be found in the database and nowhere else."""

    let_out = 0

    def text(self) -> str:
        return f"金丝雀在{self._next()}号巷birdsong{next(_numbers):04}"

    def name(self) -> str:
        return f"雀{self._next()}鸣birdsong{next(_numbers):04}"

    def phone(self) -> str:
        return f"139{self._next():04}4973"

    def identity(self) -> str:
        return f"4301021940{self._next():04}493X"

    def title(self) -> str:
        return f"标题finch{self._next():04}"

    def place(self) -> dict[str, float]:
        return {"lat": LAT, "lon": LON}

    def _next(self) -> int:
        self.let_out += 1
        return next(_numbers)


def _written(mark: str) -> Iterator[bytes]:
    """In the forms that programs write: as it is, in hexadecimal, in UTF-16, in base64 at each of three places."""
    plain = mark.encode()
    yield from (
        re.escape(plain),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        mark.encode("utf-16-le"),
    )
    for before in range(3):
        coded = base64.b64encode(bytes(before) + plain)
        yield re.escape(coded[-(-8 * before // 6) : len(coded) - 4])


_DIGITS = (
    rb"139\d{4}4973",
    rb"4301021940\d{4}493[Xx]",
    *map(str.encode, (str(LAT), str(LON), BORN.isoformat())),
)
_DIGITS += (rb"313339(?:3\d){4}34393733", rb"34333031303231393430(?:3\d){4}34393358", struct.pack("!d", LAT))
SEALED: Final = re.compile(b"|".join([*_written("birdsong"), *_DIGITS]))
"""What nobody may find, anywhere."""
PLAIN: Final = re.compile(b"|".join(_written("finch")))


def found(canaries: re.Pattern[bytes], data: str | bytes) -> set[bytes]:
    """What was found of them, each with what stood around it."""
    data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
    return {data[max(0, one.start() - 80) : one.end() + 40] for one in canaries.finditer(data)}


class Betrayed(Story):
    """The same story, but whatever its people write of themselves and others is a canary."""

    flock: Flock

    async def call(self, name: str, method: str, path: str, body: Any = None) -> Any:
        return await super().call(name, method, path, self.marked(body))

    def marked(self, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        told = {key: self._marked(key, value) for key, value in body.items()}
        if "contact" in body or "client_id" in body:
            told["location"] = self.flock.place()
        return told

    def _marked(self, key: str, value: Any) -> Any:
        if key in WORDS and isinstance(value, str):
            return self.flock.text()
        if key in ("contact", "beneficiary") and isinstance(value, dict):
            told = {"name": self.flock.name(), "phone": self.flock.phone()}
            if key == "beneficiary":
                told |= {"kind": self.flock.name(), "consent_note": self.flock.text()}
            return value | told
        return value


@contextmanager
def overheard() -> Iterator[io.StringIO]:
    """All that is logged while the block runs, by everybody and at DEBUG, as the service would write it.

    But for httpx, by which the tests call: what it says is not said by the service.
    """
    heard = io.StringIO()
    conf = logs.configured("DEBUG")
    conf["handlers"]["stderr"] |= {"stream": heard, "level": "DEBUG"}
    caller = logging.getLogger("httpx")
    known = [caller, *(logging.getLogger(name or None) for name in _every_logger())]
    before = [(one, one.level, one.handlers[:], one.propagate, one.disabled) for one in known]
    logging.config.dictConfig(conf)
    for one in known:
        one.setLevel(logging.WARNING if one is caller else logging.DEBUG)
        one.disabled, one.propagate = False, True
    try:
        yield heard
    finally:
        for one, level, handlers, propagate, disabled in before:
            one.setLevel(level)
            one.handlers[:], one.propagate, one.disabled = handlers, propagate, disabled


def _every_logger() -> Iterable[str]:
    return {
        *ALL,
        *(
            name
            for name in logging.root.manager.loggerDict
            if not name.startswith(("pytest", "httpx", "httpcore"))
        ),
    }
