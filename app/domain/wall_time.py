"""A time of day as a place reads it from the wall: hours and minutes, without a zone.

What pydantic takes for a time by itself is more than that: a number of seconds, or "21:00:00Z", which cannot be
compared with the other hours of the place. Its protocol is spoken here without importing it.
"""

import re
from collections.abc import Callable
from datetime import time
from typing import Annotated, Any, Final

PATTERN: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
"""What JSON Schema calls a `time` has an offset (RFC 3339), so the contract says it by a pattern."""
_PATTERN: Final = re.compile(PATTERN, re.ASCII)


def read(value: object) -> object:
    """`value`, if it can be a time on the wall. Raises ValueError otherwise."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and _PATTERN.fullmatch(value):
        return value
    raise ValueError("a time of day is HH:MM or HH:MM:SS, without a zone")


class _Wall:
    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        checked = {"type": "no-info", "function": read}
        return {"type": "function-before", "function": checked, "schema": handler(source)}

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], Any]) -> dict[str, Any]:
        return {"type": "string", "pattern": PATTERN}


WallTime = Annotated[time, _Wall()]
