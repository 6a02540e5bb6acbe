"""Partial changes (PATCH): what is not sent stays; what may not be empty may not be sent as null either."""

from typing import Any

from pydantic import Field

from app.schemas.base import Input
from app.schemas.place import in_columns


def _unsent() -> Any:
    return None


def optional() -> Any:
    """A field that may be left out; null is taken only where its type has it."""
    return Field(default_factory=_unsent)


class Patch(Input):
    def columns(self) -> dict[str, Any]:
        """What was sent, by the row's columns: a `location` becomes its `lat` and `lon`."""
        return in_columns({name: getattr(self, name) for name in self.model_fields_set})
