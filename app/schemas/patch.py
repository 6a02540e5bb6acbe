"""Partial changes (PATCH): what is not sent stays; what may not be empty may not be sent as null either."""

from typing import Any

from pydantic import Field

from app.schemas.base import Input
from app.schemas.place import Location


def _unsent() -> Any:
    return None


def optional() -> Any:
    """A field that may be left out; null is taken only where its type has it."""
    return Field(default_factory=_unsent)


class Patch(Input):
    def columns(self) -> dict[str, Any]:
        """What was sent, by the row's columns: a `location` becomes its `lat` and `lon`."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        place = sent.pop("location", None)
        return sent | ({"lat": place.lat, "lon": place.lon} if isinstance(place, Location) else {})
