from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.geo import EARTH_KM, distance_km, in_china, wgs84_to_gcj02

LAT = st.floats(-90, 90)
LON = st.floats(-180, 180)

HOME = {
    "北京": (39.905, 116.397),
    "长沙": (28.228, 112.939),
    "耒阳": (26.422, 112.860),
    "慈利": (29.430, 111.139),
    "喀什": (39.470, 75.990),
    "塔什库尔干": (37.772, 75.229),
    "霍尔果斯": (44.214, 80.411),
    "温泉": (44.970, 81.020),
    "塔城": (46.746, 82.979),
    "阿勒泰": (47.845, 88.139),
    "淖毛湖": (43.750, 95.000),
    "甘其毛都": (42.400, 107.580),
    "二连浩特": (43.653, 111.977),
    "满洲里": (49.598, 117.379),
    "北极村": (53.481, 122.362),
    "漠河": (52.972, 122.539),
    "黑河": (50.245, 127.528),
    "呼玛": (51.730, 126.650),
    "嘉荫": (48.890, 130.400),
    "抚远": (48.365, 134.308),
    "绥芬河": (44.397, 131.157),
    "珲春": (42.863, 130.366),
    "长白": (41.420, 128.200),
    "丹东": (40.129, 124.395),
    "威海": (37.513, 122.121),
    "上海": (31.230, 121.474),
    "舟山": (29.985, 122.207),
    "台北": (25.038, 121.565),
    "高雄": (22.627, 120.301),
    "香港": (22.319, 114.169),
    "澳门": (22.199, 113.544),
    "三亚": (18.253, 109.512),
    "三沙": (16.834, 112.339),
    "美济礁": (9.910, 115.540),
    "东兴": (21.548, 107.972),
    "凭祥": (22.095, 106.767),
    "河口": (22.529, 103.939),
    "勐腊": (21.459, 101.565),
    "瑞丽": (24.013, 97.852),
    "腾冲": (25.020, 98.491),
    "墨脱": (29.325, 95.333),
    "亚东": (27.485, 88.907),
    "樟木": (27.990, 85.983),
    "普兰": (30.294, 81.176),
    "拉萨": (29.652, 91.172),
    "狮泉河": (32.500, 80.105),
}

ABROAD = {
    "Hanoi": (21.028, 105.854),
    "Da Nang": (16.054, 108.202),
    "Vientiane": (17.975, 102.633),
    "Mandalay": (21.959, 96.089),
    "Manila": (14.600, 120.984),
    "Kota Kinabalu": (5.980, 116.073),
    "Naha": (26.212, 127.681),
    "Seoul": (37.567, 126.978),
    "Pyongyang": (39.039, 125.763),
    "Tokyo": (35.677, 139.650),
    "Vladivostok": (43.116, 131.886),
    "Chita": (52.034, 113.500),
    "Ulaanbaatar": (47.886, 106.906),
    "Almaty": (43.238, 76.889),
    "Bishkek": (42.875, 74.570),
    "Islamabad": (33.684, 73.048),
    "New Delhi": (28.614, 77.209),
    "Kathmandu": (27.717, 85.324),
    "Thimphu": (27.472, 89.639),
    "Guwahati": (26.145, 91.736),
    "zero": (0.0, 0.0),
    "north pole": (90.0, 0.0),
    "swapped Changsha": (112.939, 28.228),
    "not a number": (nan, nan),
}


@pytest.mark.parametrize("place", HOME.values(), ids=HOME.keys())
def test_home_is_in_china(place: tuple[float, float]) -> None:
    assert in_china(*place)


@pytest.mark.parametrize("place", ABROAD.values(), ids=ABROAD.keys())
def test_abroad_is_not(place: tuple[float, float]) -> None:
    assert not in_china(*place)


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
    ids=["上海", "深圳", "北京"],
)
def test_shift_meets_the_published_points(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)


@given(LAT, LON)
def test_shift_is_metres_at_home_and_nothing_abroad(lat: float, lon: float) -> None:
    moved = float(distance_km(lat, lon, *wgs84_to_gcj02(lat, lon)))
    assert moved < 1.5 if in_china(lat, lon) else moved == 0


def test_distances_that_can_be_worked_out_by_hand() -> None:
    quarter = EARTH_KM * np.pi / 2
    found = distance_km(0.0, 0.0, [0.0, 0.0, 90.0, 0.0, 0.0], [0.0, 90.0, 17.0, 180.0, 1.0])
    assert found == pytest.approx([0, quarter, quarter, 2 * quarter, quarter / 90])
    assert float(distance_km(0.0, 179.5, 0.0, -179.5)) == pytest.approx(quarter / 90)


def test_beijing_to_shanghai() -> None:
    assert float(distance_km(39.9042, 116.4074, 31.2304, 121.4737)) == pytest.approx(1067, abs=2)


@given(LAT, LON, LAT, LON)
def test_distance_is_symmetric_and_at_most_half_the_earth(a: float, b: float, c: float, d: float) -> None:
    there, back = float(distance_km(a, b, c, d)), float(distance_km(c, d, a, b))
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= EARTH_KM * np.pi


def test_no_place_no_distance() -> None:
    assert distance_km(28.2, 112.9, [], []).shape == (0,)
