"""One line a record on stderr, with the id of the request it belongs to, and nothing of a person in it.

Only this house and its server speak at INFO: httpx would write WeChat's addresses, and with them its secret. What
an exception says may quote what somebody typed, or the row that a database refused: where it happened and of what
kind it was is told whole, of its words only those that code could have written.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

_QUOTED: Final = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`[^`\n]*`|=\([^)\n]*\)""")
_FOREIGN: Final = re.compile(r"[^\x20-\x7e\n…]|\d{3}")
LONGEST: Final = 300
DEEPEST: Final = 10
Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def discreet(words: str) -> str:
    """Without what is quoted; nothing of it where something else than ASCII, or a number, is left."""
    bare = _QUOTED.sub("'…'", words.partition("\nDETAIL:")[0])
    return "…" if _FOREIGN.search(bare) else bare[:LONGEST]


def told(error: BaseException, depth: int = 0) -> str:
    """The exception as a traceback, those that led to it first, and its words `discreet`."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    parts = [told(before, depth + 1), "which led to:\n"] if before is not None and depth < DEEPEST else []
    if error.__traceback__ is not None:
        parts += ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
    parts.append(f"{type(error).__module__}.{type(error).__qualname__}: {' '.join(_words(error))}\n")
    if isinstance(error, BaseExceptionGroup) and depth < DEEPEST:
        parts += [told(one, depth + 1) for one in error.exceptions]
    return "".join(parts)


def _words(error: BaseException) -> Iterator[str]:
    """Of a database its state and what was broken: its words quote the row."""
    if isinstance(error, OSError):
        yield f"[Errno {error.errno}] {error.strerror}"
        return
    if not isinstance(error, DBAPIError):
        yield discreet(str(error))
        return
    yield type(error.orig).__name__
    cause = getattr(error.orig, "__cause__", None)
    for name in ("sqlstate", "sqlite_errorname", "table_name", "column_name", "constraint_name"):
        if found := getattr(error.orig, name, None) or getattr(cause, name, None):
            yield f"{name}={found}"


class Discreet(logging.Formatter):
    """A line of the log, with exceptions as `told` says them, and not as another formatter has left them."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None
        try:
            return super().format(record)
        finally:
            record.exc_text = None

    def formatException(self, ei: Caught) -> str:  # noqa: N802  (the library's name)
        return told(ei[1]).rstrip() if ei[1] is not None else ""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (the library's name)
        if record.name == "asyncio":
            # It shows tasks, and in them what they raised.
            record.message = "\n".join(map(discreet, record.message.splitlines()))
        return super().formatMessage(record)


def configured(level: str) -> dict[str, Any]:
    """For logging.config.dictConfig and for uvicorn; `level` is what the house itself says."""
    spoken = {"level": level}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "app.middleware.RequestIdFilter"}},
        "formatters": {
            "line": {
                "()": "app.logs.Discreet",
                "format": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s",
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"app": spoken, "uvicorn": spoken},
    }
