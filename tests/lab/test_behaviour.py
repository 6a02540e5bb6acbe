"""People: drawn once for each team and order, tired by work, numbed by messages, asleep at night."""

from dataclasses import replace

import numpy as np
import pytest

from app.lab.almanac import DAY
from app.lab.behaviour import Moods, Says, Volunteers, awake_after
from app.lab.demand import EMERGENCY, NORMAL
from app.lab.draws import Draws, Purpose
from app.lab.habits import Habits

MORNING = 9 * 60
TEAMS = 2000
ALL = np.arange(TEAMS, dtype=np.int32)
AT_ONCE = np.zeros(TEAMS, np.int64)


def people(habits: Habits, eager: Moods | None = None) -> Volunteers:
    return Volunteers(TEAMS, habits, np.random.default_rng(3), eager)


def said(
    who: Volunteers, word: Says, far: float = 0.0, fit: float = 0.5, now: int = MORNING, rank: int = NORMAL
) -> float:
    """The share of all teams that say this to one order."""
    says, _ = who.answers(ALL, 1, AT_ONCE, now, rank, np.full(TEAMS, far), np.full(TEAMS, fit))
    return float((says == word).mean())


def test_a_draw_depends_on_team_order_and_purpose_alone() -> None:
    draws = Draws(np.random.default_rng(0))
    (together,) = draws.uniforms(ALL, 5, AT_ONCE, Purpose.SAY)
    alone = [draws.one(team, 5, Purpose.SAY) for team in range(20)]
    assert together[:20].tolist() == alone
    others = [
        draws.uniforms(ALL, 6, AT_ONCE, Purpose.SAY)[0],
        draws.uniforms(ALL, 5, AT_ONCE, Purpose.SAY, Purpose.READ)[1],
        draws.uniforms(ALL, 5, AT_ONCE + 1, Purpose.SAY)[0],
        Draws(np.random.default_rng(1)).uniforms(ALL, 5, AT_ONCE, Purpose.SAY)[0],
    ]
    assert not any((together == other).any() for other in others)


def test_draws_are_uniform_and_not_related() -> None:
    draws = Draws(np.random.default_rng(0))
    grid = np.stack([draws.uniforms(ALL, order, AT_ONCE, Purpose.SAY)[0] for order in range(100)])
    assert grid.min() >= 0
    assert grid.max() < 1
    assert np.histogram(grid, 10, (0, 1))[0] / grid.size == pytest.approx(np.full(10, 0.1), abs=0.003)
    assert abs(np.corrcoef(grid[:, 0], grid[:, 1])[0, 1]) < 0.3
    assert abs(np.corrcoef(grid[0], grid[1])[0, 1]) < 0.1


def test_who_is_asked_first_changes_no_answer() -> None:
    calm = replace(Habits(), tired=0.0, numb=0.0)
    forward, backward = people(calm), people(calm)
    near, half = np.zeros(1), np.full(1, 0.5)

    def answer(who: Volunteers, order: int) -> tuple[int, int]:
        says, at = who.answers(
            np.array([4], np.int32), order, np.zeros(1, np.int64), MORNING, NORMAL, near, half
        )
        return int(says[0]), int(at[0])

    there = [answer(forward, order) for order in range(50)]
    back = [answer(backward, order) for order in reversed(range(50))]
    assert there == back[::-1]


def test_distance_and_skill_and_will_move_the_answer() -> None:
    base = said(people(Habits()), Says.YES)
    assert said(people(Habits()), Says.YES, far=1.0) < base - 0.03
    assert said(people(Habits()), Says.YES, fit=0.0) < said(people(Habits()), Says.YES, fit=1.0) - 0.02
    assert said(people(Habits(willing=0.5)), Says.YES) < base < said(people(Habits(willing=1e6)), Says.YES)
    assert said(people(Habits(), np.full(TEAMS, -9.0)), Says.YES) < 0.05


def test_work_tires_and_rest_helps() -> None:
    who, rested = people(Habits()), people(Habits())
    for team in range(TEAMS):
        for _ in range(8):
            who.serve(team, MORNING)
    later = people(Habits())
    for team in range(TEAMS):
        for _ in range(8):
            later.serve(team, MORNING)
    tired = said(who, Says.YES)
    assert tired < said(rested, Says.YES) - 0.1
    assert said(later, Says.YES, now=MORNING + 90 * DAY) > tired + 0.1


def test_messages_numb_and_are_forgotten() -> None:
    def silent(before: int, days: int) -> float:
        who = people(Habits())
        for _ in range(before):
            said(who, Says.YES)
        return said(who, Says.NOTHING, now=MORNING + days * DAY)

    assert silent(40, 0) > silent(0, 0) + 0.2
    assert silent(40, 60) == pytest.approx(silent(0, 60), abs=0.02)


def test_only_emergencies_are_answered_at_night() -> None:
    night, one = 2 * 60, np.array([0], np.int32)
    who = people(replace(Habits(), unread=0.0), np.full(TEAMS, 9.0))
    for rank, before_dawn in ((NORMAL, False), (EMERGENCY, True)):
        _, at = who.answers(one, 1, np.zeros(1, np.int64), night, rank, np.zeros(1), np.zeros(1))
        assert (at[0] < 6 * 60) == before_dawn
    heard = 1 - said(people(replace(Habits(), unread=0.0)), Says.NOTHING, now=night, rank=EMERGENCY)
    assert heard == pytest.approx(Habits().night, abs=0.05)


@pytest.mark.parametrize(
    ("now", "waiting", "then"),
    [
        (9 * 60, 30, 9 * 60 + 30),
        (21 * 60, 60, DAY + 8 * 60),
        (23 * 60, 10, DAY + 7 * 60 + 40),
        (0, 1, 7 * 60 + 31),
        (9 * 60, 14 * 60, DAY + 9 * 60),
    ],
)
def test_answers_come_in_waking_time(now: int, waiting: int, then: int) -> None:
    assert awake_after(now, waiting) == then


def test_the_eager_are_more_reliable_and_better_liked() -> None:
    keen, cold = people(Habits(), np.full(TEAMS, 2.0)), people(Habits(), np.full(TEAMS, -2.0))

    def of(who: Volunteers) -> tuple[float, float, float]:
        back = np.mean([who.gives_back(team, 1) is not None for team in range(TEAMS)])
        away = np.mean([not who.comes(team, 1) for team in range(TEAMS)])
        return float(back), float(away), float(np.mean([who.stars(team, 1, 0.5) for team in range(TEAMS)]))

    (back, away, stars), (more_back, more_away, fewer_stars) = of(keen), of(cold)
    assert back < more_back
    assert away < more_away
    assert stars > fewer_stars
    assert {keen.stars(team, 2, 0.5) for team in range(TEAMS)} <= {1, 2, 3, 4, 5}


def test_a_habit_that_is_none_is_refused() -> None:
    assert Habits().changed("tired", 2).tired == 2 * Habits().tired
    with pytest.raises(ValueError, match="charm"):
        Habits().changed("charm", 2)
