"""The top: who stands where when scores are equal, what is read for it, and what is refused."""

from typing import Any

import numpy as np
import pytest

from app.domain.matching.features import Exclusion, Rows, Work
from app.domain.matching.rank import READ_AT_ONCE, Ranking, Search, rank, top
from app.domain.matching.score import Weights
from tests.domain.matching.cases import NAMES, Case, Team, case, id_of, need


def ranked(one: Case, limit: int = 10, asked: list[int] | None = None, **wanted: Any) -> Ranking:
    return rank(one.index, need(**wanted), one.standing(asked), Weights(), limit, NAMES)


def test_equal_teams_stand_in_the_order_of_their_ids() -> None:
    """Also where the last place of the top divides a tie, and however the teams were read."""
    for size in (7, READ_AT_ONCE, 3 * READ_AT_ONCE + 5):
        one = case([Team()] * size)
        inorder = sorted(range(size), key=lambda number: id_of(number).bytes)
        for limit in (1, 3, 10, size):
            assert [one.number[item.row] for item in ranked(one, limit).items] == inorder[:limit]


def test_a_tie_at_the_last_place_is_read_to_its_end() -> None:
    """Nobody who ties with the last of the top may stay unread: an id could still decide."""
    one = case([Team(km=0.5)] * 5 + [Team()] * 150 + [Team(km=7)] * 100)
    asked: list[int] = []
    found = ranked(one, 10, asked)
    tied = sorted(range(5, 155), key=lambda number: id_of(number).bytes)
    assert [one.number[item.row] for item in found.items][5:] == tied[:5]
    assert set(range(155)) <= set(asked)
    assert found.unread == 255 - len(asked) > 0


def test_the_bound_spares_readings() -> None:
    one = case([Team(km=n / 10, radius_m=300_000) for n in range(2_000)])
    asked: list[int] = []
    found = ranked(one, 10, asked)
    assert sorted(asked) == list(range(READ_AT_ONCE))
    assert found.unread == 2_000 - READ_AT_ONCE
    assert (found.considered, found.excluded) == (2_000, {})


def test_who_is_full_or_busy_is_passed_over_by_reading_on() -> None:
    full = [Team(km=0, taken=2) for _ in range(200)]
    busy = [Team(km=0, open_work=100) for _ in range(100)]
    one = case([*full, *busy, *(Team(km=1.5) for _ in range(20))])
    asked: list[int] = []
    found = ranked(one, 20, asked)
    assert {one.number[item.row] for item in found.items} == set(range(300, 320))
    assert found.excluded == {Exclusion.NO_CAPACITY: 200}
    assert (len(asked), found.unread) == (320, 0)


def test_nobody_is_asked_when_nobody_is_wanted() -> None:
    asked: list[int] = []
    assert ranked(case([Team()] * 100), 0, asked).items == ()
    assert asked == []
    assert ranked(case([Team()] * 3), 0).items == ()
    with pytest.raises(ValueError, match="negative"):
        ranked(case([Team()]), -1)


def test_more_than_there_are() -> None:
    assert len(ranked(case([Team(), Team(active=False)]), 10**9).items) == 1


def test_an_unknown_specialty_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown specialty"):
        ranked(case([Team()]), required=(4,))


def test_one_team_alone_is_scored_as_among_all() -> None:
    one = case([Team(km=n / 20, open_work=n % 3) for n in range(150)])
    among = {item.row: item for item in ranked(one, 150).items}
    for row in (0, 17, 149):
        search = Search(one.index, need(), Weights(), 1, only=row)
        while (rows := search.wanted()) is not None:
            assert rows.tolist() == [row]
            search.told(one.standing()(rows))
        assert search.ranking(NAMES).items == (among[row],)


@pytest.mark.parametrize(("team", "only"), [(Team(active=False), 0), (Team(), -1), (Team(taken=2), 0)])
def test_one_team_alone_that_may_not_serve(team: Team, only: int) -> None:
    one = case([team])
    search = Search(one.index, need(), Weights(), 1, only=only)
    while (rows := search.wanted()) is not None:
        search.told(one.standing()(rows))
    assert search.ranking(NAMES).items == ()


def test_the_earliest_start_is_when_the_whole_service_fits() -> None:
    one = case([Team()])
    taken = np.array([[0, 2, 0, 0, 0, 2]], np.int16)
    found = rank(one.index, need(), lambda _: Work(np.array([1]), taken), Weights(), 1, NAMES)
    assert found.items[0].earliest_start == 2
    assert found.items[0].features["starts"] == 2


@pytest.mark.parametrize("shape", [(1, 6), (3, 6), (2, 5), (2, 1), (0, 6)])
def test_work_of_other_teams_is_refused(shape: tuple[int, int]) -> None:
    """Numpy would lay a single row against all of them."""

    def other(_: Rows) -> Work:
        return Work(np.zeros(shape[0], np.int64), np.zeros(shape, np.int16))

    one = case([Team(), Team()])
    with pytest.raises(ValueError, match="not that of the teams"):
        rank(one.index, need(), other, Weights(), 10, NAMES)


def test_numbers_and_words_agree() -> None:
    one = case([Team(km=n / 10, open_work=n % 4) for n in range(100)])
    told, numbers = ranked(one), top(one.index, need(), one.standing(), Weights(), 10)
    assert [item.row for item in told.items] == numbers.rows.tolist()
    assert [item.score for item in told.items] == numbers.scores.tolist()
    for item in told.items:
        assert sum(factor.contribution for factor in item.factors) == pytest.approx(item.score, abs=1e-12)
        assert all(
            factor.contribution == factor.value * factor.weight and factor.reason for factor in item.factors
        )


def test_weights_decide() -> None:
    one = case([Team(km=0), Team(km=5, reliability=10_000), Team(km=5, reliability=0)])
    for first, weights in (
        (0, Weights(0, 1.0, 0, 0, 0, 0, 0, 0, 0, 0)),
        (1, Weights(0, 0, 0, 0, 1.0, 0, 0, 0, 0, 0)),
    ):
        found = rank(one.index, need(), one.standing(), weights, 3, NAMES)
        assert one.number[found.items[0].row] == first


def test_a_price_lets_others_go_first() -> None:
    """The only lawyers are not spent on what three others can do."""
    lawyers = Team(km=0, skills={0: (3, -1), 2: (3, -1)}, prices=((20_785, 900),))
    one = case([lawyers, Team(km=3), Team(km=3.5)])
    assert [one.number[item.row] for item in ranked(one).items] == [1, 2, 0]
    free = rank(one.index, need(), one.standing(), Weights(scarcity=0), 10, NAMES)
    assert one.number[free.items[0].row] == 0
