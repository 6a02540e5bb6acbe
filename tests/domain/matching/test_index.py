"""The packed index: nothing is lost in packing, and it is as small as promised."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.matching.columns import Tree
from app.domain.matching.features import NO_DAY, NO_END, Exclusion, date_of
from app.domain.matching.index import DAY_0, LAST_DAY, TeamIndex, packed, skill_word
from app.domain.matching.rank import rank
from app.domain.matching.score import Weights
from app.domain.matching.screen import skill_of
from tests.domain.matching.cases import NAMES, PARENTS, TODAY, TREE, Team, case, columns, id_of, need

IDS = st.one_of(
    st.uuids(), st.sampled_from([UUID(int=0), UUID(int=2**128 - 1), UUID(int=2**127), UUID(int=1)])
)


@given(st.lists(IDS, unique=True, max_size=40), IDS)
@settings(max_examples=150, deadline=None)
def test_every_id_is_found_again_and_no_other(ids: list[UUID], other: UUID) -> None:
    """Also those that end in zeros, which numpy's strings drop, and those above 0x80."""
    given_ids = np.frombuffer(b"".join(one.bytes for one in ids), np.uint8).reshape(-1, 16)
    index = TeamIndex.build(replace(columns([Team()] * len(ids)), ids=given_ids), TREE, PARENTS)
    assert {index.row_of(one) for one in ids} == set(range(len(ids)))
    assert all(index.id_of(row) == one for one in ids if (row := index.row_of(one)) is not None)
    assert (index.row_of(other) is None) == (other not in ids)
    halves = index.ids_of(np.arange(len(ids), dtype=np.int32)).astype(object)
    assert [UUID(int=int(high) << 64 | int(low)) for high, low in halves.T] == [
        index.id_of(row) for row in range(len(ids))
    ]


def test_ten_thousand_teams_take_at_most_120_bytes_each() -> None:
    dice = np.random.default_rng(1)
    size, specialties = 10_000, 78
    one = columns([Team()])
    every: dict[str, Any] = {
        name: np.repeat(getattr(one, name), size, axis=0) for name in ("weeks", "radius_m", "lends")
    }
    for name in ("active", "adults_only", "two", "women", "men", "languages", "insured_until", "capacity"):
        every[name] = np.repeat(getattr(one, name), size)
    teams = replace(
        one,
        **every,
        ids=dice.integers(0, 256, (size, 16)).astype(np.uint8),
        lat=dice.uniform(28, 29, size),
        lon=dice.uniform(112, 113, size),
        travel=dice.integers(0, 3, size),
        organisation=dice.integers(0, 7, size),
        reliability=dice.integers(0, 10_000, size),
        recent=dice.integers(0, 30, size),
        skill_team=np.repeat(np.arange(size), 3),
        skill_specialty=np.concatenate([dice.permutation(specialties)[:3] for _ in range(size)]),
        skill_level=dice.integers(1, 4, 3 * size),
        skill_until=np.full(3 * size, NO_END),
    )
    index = TeamIndex.build(teams, TREE, (-1,) * specialties)
    assert index.size == size
    assert 60 < index.nbytes / size <= 120


@given(
    st.one_of(
        st.integers(0, 2**16),
        st.sampled_from([0, DAY_0 - 1, DAY_0, DAY_0 + LAST_DAY - 1, DAY_0 + LAST_DAY, NO_END, NO_DAY]),
    ),
    st.integers(0, 2**16),
    st.integers(1, 3),
)
def test_a_packed_proof_holds_on_the_same_days(until: int, day: int, level: int) -> None:
    """From 2020 to 2064 exactly; days outside stand as the first or the last of them."""
    word = int(skill_word(np.array([level]), np.array([until]))[0])
    assert word & 3 == level
    inside = min(max(day, DAY_0), DAY_0 + LAST_DAY - 1)
    shown = until if until in (NO_DAY, NO_END) else min(max(until, DAY_0), DAY_0 + LAST_DAY - 1)
    assert (word >> 2 >= packed(day, LAST_DAY)) == (shown >= inside)
    assert (word >> 2 == 0) == (until == NO_DAY)


def test_numbers_beyond_their_columns_stand_at_the_end_of_them() -> None:
    big = Team(radius_m=10**7, capacity=10**6, recent=10**6, reliability=10**6, insured_until=200_000)
    index = case([big]).index
    assert index.radius[0] == index.recent[0] == 2**16 - 1
    assert (index.capacity[0], index.reliability[0], index.insured[0]) == (255, 10_000, 2**16 - 2)


def test_a_radius_is_rounded_up_and_not_down() -> None:
    assert case([Team(radius_m=1_001)]).index.radius[0] == 101


def test_a_center_without_a_team() -> None:
    nobody = case([])
    assert (nobody.index.size, nobody.index.nbytes, nobody.index.row_of(id_of(0))) == (0, 0, None)
    for asked in (need(), need(place=None), need(required=(), levels=(), needs_proof=())):
        found = rank(nobody.index, asked, nobody.standing(), Weights(), 10, NAMES)
        assert (found.items, found.excluded, found.considered) == ((), {}, 0)


def test_a_center_without_organisations_has_no_teams() -> None:
    assert TeamIndex.build(columns([]), Tree((), ()), ()).size == 0
    with pytest.raises(ValueError, match="unknown organisation"):
        TeamIndex.build(columns([Team()]), Tree((), ()), PARENTS)


@pytest.mark.parametrize("specialties", [257, 1_000])
def test_more_than_256_specialties_are_refused(specialties: int) -> None:
    with pytest.raises(ValueError, match="specialty"):
        TeamIndex.build(columns([Team()]), TREE, (-1,) * specialties)
    assert TeamIndex.build(columns([Team()]), TREE, (-1,) * 256).size == 1


def test_skills_stay_with_their_team() -> None:
    teams = [Team(skills={n % 4: (n % 3 + 1, TODAY + n), (n + 1) % 4: (1, NO_DAY)}, km=n) for n in range(12)]
    one = case(teams)
    for row, number in enumerate(one.number):
        for specialty in range(4):
            held = teams[number].skills.get(specialty)
            word = skill_of(one.index, row, specialty)
            assert word == (int(skill_word(*map(np.array, ([held[0]], [held[1]])))[0]) if held else 0)


def test_who_holds_several_is_remembered_but_not_without_end() -> None:
    index = case([Team(skills=dict.fromkeys(range(4), (1, NO_DAY))), Team()]).index
    assert len(index.who_holds((0, 1, 2)).rows) == 1
    assert index.who_holds((0, 1)) is index.who_holds((0, 1))
    assert len(index.who_holds(()).rows) == 2
    assert index.who_holds((1, 0)).skills.shape == (2, 1)


def test_a_price_counts_when_every_day_of_the_window_has_one() -> None:
    """The service may take place on the cheapest day."""
    one = case(
        [Team(prices=((TODAY, 900), (TODAY + 1, 400))), Team(km=2, prices=((TODAY, 300),)), Team(km=3)]
    )
    rows = np.arange(3, dtype=np.int32)
    number = one.number
    for slots, wanted in ((6, [900, 300, 0]), (48, [400, 0, 0]), (96, [0, 0, 0])):
        found = one.index.price(rows, need(slots=slots)).tolist()
        assert [found[number.index(team)] for team in range(3)] == wanted


def test_a_price_is_never_more_than_the_whole_score() -> None:
    one = case([Team(prices=((TODAY, 10_000),))])
    assert one.index.price(np.array([0], np.int32), need()).tolist() == [1000]


def test_a_proof_that_ends_in_2100_holds_in_2030() -> None:
    asked = need(needs_proof=(True,), day=DAY_0 + 3_900)
    holds = case([Team(skills={0: (1, DAY_0 + 29_000)}), Team(skills={0: (1, DAY_0 - 200)})])
    found = rank(holds.index, asked, holds.standing(), Weights(), 10, NAMES)
    assert [holds.number[one.row] for one in found.items] == [0]
    assert found.excluded == {Exclusion.PROOF_MISSING: 1}


def test_packed_days_begin_and_end_where_the_text_says() -> None:
    assert date_of(DAY_0) == date(2020, 1, 1)
    assert date_of(DAY_0 + LAST_DAY - 1) == date(2064, 11, 6)
    assert int(skill_word(np.array([1]), np.array([DAY_0]))[0]) >> 2 == packed(DAY_0, LAST_DAY) == 1
