"""A place is read once, checked once, and kept in one datum."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.geo import distance_km
from app.schemas.place import Coordinates, CoordSystem, Located, Location


def test_a_phone_s_place_is_kept_as_it_is() -> None:
    place = Location(lat=28.2001, lon=112.9801)
    assert (place.lat, place.lon, place.coord_system) == (28.2001, 112.9801, CoordSystem.GCJ02)


def test_a_gps_place_is_shifted_once_and_then_says_so() -> None:
    sent = {"lat": 28.2001, "lon": 112.9801, "coord_system": "wgs84"}
    place = Location.model_validate(sent)
    assert 0.1 < distance_km(28.2001, 112.9801, [place.lat], [place.lon])[0] < 0.8
    assert Location.model_validate(place.model_dump()) == place


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"lat": 112.98, "lon": 28.2}, "sidan.place_outside_country"),
        ({"lat": 0, "lon": 0}, "sidan.place_outside_country"),
        ({"lat": 48.8566, "lon": 2.3522, "coord_system": "wgs84"}, "sidan.place_outside_country"),
        ({"lat": float("nan"), "lon": 112.98}, "finite_number"),
        ({"lat": "28.2", "lon": 112.98}, "float_type"),
        ({"lat": True, "lon": 112.98}, "float_type"),
        ({"lat": 28.2}, "missing"),
        ({"lat": 28.2, "lon": 112.98, "coord_system": "bd09"}, "enum"),
        ({"lat": 28.2, "lon": 112.98, "altitude": 5}, "extra_forbidden"),
    ],
)
def test_what_is_no_place_in_china_is_refused(sent: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Location.model_validate(sent)
    assert [error["type"] for error in refused.value.errors()] == [code]


def test_a_row_s_two_columns_become_one_place() -> None:
    class Named(Located):
        name: str

    row = SimpleNamespace(name="松岭", lat=28.2, lon=112.9, password="not asked for")
    answer = Named.model_validate(row, from_attributes=True)
    assert answer.model_dump() == {"name": "松岭", "location": {"lat": 28.2, "lon": 112.9}}
    assert answer.location == Coordinates(lat=28.2, lon=112.9)
