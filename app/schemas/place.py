"""Places on the wire: `{lat, lon}` in GCJ-02, what phones in China send and Chinese maps draw."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, FiniteFloat, model_validator

from app.domain.geo import in_china, wgs84_to_gcj02
from app.schemas.base import Input, Output, broken

DECIMALS = 6  # about 0.1 m

Degrees = Annotated[FiniteFloat, Field(strict=True)]


class CoordSystem(StrEnum):
    GCJ02 = "gcj02"
    WGS84 = "wgs84"


class Location(Input):
    """A place in China, in GCJ-02 once it has been read, whatever it was sent in.

    A GPS receiver's own reading is WGS-84 and must say so (`wx.getLocation` defaults to it). Swapped, missing
    and foreign coordinates are `place_outside_country`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"lat": 28.2001, "lon": 112.9801}]})

    lat: Degrees
    lon: Degrees
    coord_system: CoordSystem = CoordSystem.GCJ02

    @model_validator(mode="after")
    def _stored_form(self) -> Self:
        if not in_china(self.lat, self.lon):
            raise broken("place_outside_country", "位置不在国内，请检查经纬度")
        if self.coord_system is CoordSystem.WGS84:
            lat, lon = wgs84_to_gcj02(self.lat, self.lon)
            self.lat, self.lon = round(lat, DECIMALS), round(lon, DECIMALS)
            self.coord_system = CoordSystem.GCJ02
        return self


def in_columns(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The same values as a row keeps them: a `location` becomes `lat` and `lon`."""
    columns = dict(sent)
    place = columns.pop("location", None)
    return columns | ({"lat": place.lat, "lon": place.lon} if isinstance(place, Location) else {})


class Coordinates(Output):
    """Degrees, GCJ-02."""

    lat: float
    lon: float


class Located(Output):
    """An answer read from a row that keeps its place in two columns, `lat` and `lon`."""

    location: Coordinates

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, row: Any) -> Any:
        if isinstance(row, dict):
            return row
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return {**own, "location": {"lat": row.lat, "lon": row.lon}}
