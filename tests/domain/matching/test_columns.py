"""The tree of a center, its rings, and columns that do not fit together."""

from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from app.domain.matching.columns import MOST_ORGANISATIONS, Tree
from app.domain.matching.features import Exclusion, Ring
from app.domain.matching.index import TeamIndex
from app.domain.matching.rank import rank
from app.domain.matching.score import Weights
from tests.domain.matching.cases import NAMES, TREE, Team, case, columns, need

WIDE = {
    "/c/": "center",
    "/c/a/": "office",
    "/c/a/b/": "base",
    "/c/a/s/": "station",
    "/c/a/s-2/": "station",
    "/c/a/s/b/": "base",
    "/c/a/s/p/": "point",
    "/c/z/": "office",
    "/c/z/s/": "station",
}
PATHS = tuple(sorted(WIDE))
TOWN = Tree(PATHS, tuple(WIDE[path] for path in PATHS))


def ringed(placed: str, handler: str) -> tuple[dict[str, Ring], set[str]]:
    rings, mobilised = TOWN.rings(TOWN.rows[placed], TOWN.rows[handler])
    return dict(zip(PATHS, map(Ring, rings.tolist()), strict=True)), {
        path for path, whistled in zip(PATHS, mobilised.tolist(), strict=True) if whistled
    }


@pytest.mark.parametrize("placed", ["/c/a/s/", "/c/a/s/p/", "/c/a/s/b/"])
def test_a_station_its_points_and_its_bases_are_one(placed: str) -> None:
    rings, mobilised = ringed(placed, placed)
    assert rings == {
        **dict.fromkeys(PATHS, Ring.LENT),
        "/c/": Ring.CENTER,
        "/c/a/": Ring.STREET,
        **dict.fromkeys(("/c/a/s/", "/c/a/s/b/", "/c/a/s/p/"), Ring.OWN),
    }
    assert mobilised == {path for path in PATHS if path.startswith(placed)}


def test_a_base_below_the_street_stands_for_itself() -> None:
    rings, _ = ringed("/c/a/b/", "/c/a/b/")
    assert {path for path, ring in rings.items() if ring is Ring.OWN} == {"/c/a/b/"}
    assert (rings["/c/a/"], rings["/c/a/s/"]) == (Ring.STREET, Ring.LENT)


@pytest.mark.parametrize(
    ("placed", "own"), [("/c/a/", {path for path in PATHS if path.startswith("/c/a/")}), ("/c/", set(PATHS))]
)
def test_what_is_ordered_higher_up_is_everybodys_below(placed: str, own: set[str]) -> None:
    rings, _ = ringed(placed, placed)
    assert {path for path, ring in rings.items() if ring is Ring.OWN} == own


def test_who_is_whistled_for_mobilises_the_whole_subtree() -> None:
    assert ringed("/c/a/s/", "/c/a/")[1] == {path for path in PATHS if path.startswith("/c/a/")}
    assert ringed("/c/a/s/", "/c/")[1] == set(PATHS)


def test_a_subtree_is_what_begins_with_the_path() -> None:
    for row, path in enumerate(PATHS):
        assert list(PATHS[TOWN.below(row)]) == [one for one in PATHS if one.startswith(path)]
        assert [PATHS[above] for above in TOWN.above(row)] == [
            one for one in reversed(PATHS) if path.startswith(one)
        ]


@pytest.mark.parametrize(
    ("paths", "levels"),
    [
        (("/b/", "/a/"), ("center", "center")),
        (("/a/", "/a/"), ("center", "center")),
        (("/a/", "/a/b/"), ("center",)),
        (tuple(f"/{n:06}/" for n in range(MOST_ORGANISATIONS + 1)), ("center",) * (MOST_ORGANISATIONS + 1)),
    ],
)
def test_what_cannot_be_a_tree(paths: tuple[str, ...], levels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"paths are sorted|at most 65,536"):
        Tree(paths, levels)


THREE = columns([Team(), Team(areas=(5,), prices=((1, 300),)), Team(exceptions=((7, bytes(6)),))])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ids", THREE.ids[:2]),
        ("ids", THREE.ids[:, :15]),
        ("weeks", THREE.weeks[:, :41]),
        ("lon", THREE.lon[:2]),
        ("capacity", np.ones((3, 1), np.int64)),
        ("lends", np.ones(4, np.bool_)),
        ("lat", np.array([28.2, nan, 28.2])),
        ("lat", np.array([28.2, 90.1, 28.2])),
        ("lat", np.array([112.9, 28.2, 28.2])),
        ("lon", np.array([112.9, 112.9, inf])),
        ("lon", np.array([112.9, -180.1, 112.9])),
        ("radius_m", np.array([1, 2, -3])),
        ("capacity", np.array([1, -1, 1])),
        ("recent", np.array([0, -1, 0])),
        ("reliability", np.array([0, -1, 0])),
        ("travel", np.array([0, 3, 1])),
        ("travel", np.array([0, -1, 1])),
        ("skill_level", np.array([1, 1, 0])),
        ("skill_level", np.array([1, 1, 4])),
        ("skill_specialty", np.array([0])),
        ("skill_team", np.array([0, 1, 3])),
        ("skill_team", np.array([0, 1, -1])),
        ("skill_until", np.array([[0], [0], [0]])),
        ("area_team", np.array([3], np.int32)),
        ("area_organisation", np.array([1, 2])),
        ("price_team", np.array([-1], np.int32)),
        ("price_permille", np.array([-300])),
        ("price_day", np.zeros(0, np.int32)),
        ("exceptions", ((3, 7, bytes(6)),)),
        ("exceptions", ((-1, 7, bytes(6)),)),
        ("exceptions", ((0, 7, bytes(5)),)),
    ],
)
def test_columns_that_do_not_fit(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(THREE, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skill_specialty", np.array([0, 0, 4])),
        ("skill_specialty", np.array([0, -1, 0])),
        ("organisation", np.array([0, 7, 0])),
        ("organisation", np.array([-1, 0, 0])),
    ],
)
def test_what_the_index_does_not_know(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match="unknown"):
        TeamIndex.build(replace(THREE, **{name: value}), TREE, (-1,) * 4)


def test_a_team_without_capacity_is_full_and_never_offered() -> None:
    one = case([Team(capacity=0)])
    found = rank(one.index, need(), one.standing(), Weights(), 10, NAMES)
    assert (found.items, found.excluded) == ((), {Exclusion.NO_CAPACITY: 1})


def test_poles_and_the_date_line_are_kept() -> None:
    corners = replace(THREE, lat=np.array([90.0, -90.0, 0.0]), lon=np.array([0.0, 180.0, -180.0]))
    index = TeamIndex.build(corners, TREE, (-1,) * 4)
    for row in range(3):
        place = (float(index.lat[row]) * 1e-7, float(index.grid.lon(np.array([row]))[0]))
        assert index.metres(np.array([row], np.int32), place)[0] == 0
