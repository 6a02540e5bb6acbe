"""What masks leave of a name, an address and a place."""

import pytest

from app.domain.discretion import community, masked_name, neighbourhood
from app.domain.geo import distance_km


@pytest.mark.parametrize(("name", "shown"), [("张阿婆", "张**"), ("李雷", "李**"), ("王", "**"), ("", "")])
def test_a_name_keeps_its_first_character(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("松岭社区3栋201", "松岭社区"),
        ("松涛小区三栋二〇一", "松涛小区"),
        ("青禾区云岫街道松岭社区12号", "青禾区云岫街道松岭社区"),
        ("青禾区桃花镇柳树村李大爷家", "青禾区桃花镇柳树村"),
        ("青禾区人民路12号院", "青禾区人民路"),
        ("青禾区云岫街道12号", "青禾区云岫街道"),
        ("青禾区桃花镇李大爷家隔壁", "青禾区桃花镇"),
        ("3栋201", ""),
        ("教堂旁边的老屋", ""),
        ("", ""),
    ],
)
def test_an_address_is_cut_to_its_community(address: str, shown: str) -> None:
    assert community(address) == shown


@pytest.mark.parametrize("place", [(28.2001, 112.9801), (28.20249, 112.97751), (53.4, 122.3)])
def test_a_place_is_moved_by_less_than_half_a_kilometre(place: tuple[float, float]) -> None:
    lat, lon = neighbourhood(*place)
    assert distance_km(*place, [lat], [lon])[0] < 0.5
    assert neighbourhood(lat, lon) == (lat, lon), "what is near is the same"
