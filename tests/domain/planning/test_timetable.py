from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.planning.timetable import DEEPEST, Job, fit

JOBS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(1, 4)), max_size=4)
FREE = st.one_of(st.lists(st.integers(0, 2), min_size=20, max_size=20), st.just([1] * 20), st.just([2] * 20))


def far(one: int, other: int) -> int:
    """Order 1 is online; of the others, even and odd ones are at two places, an hour apart."""
    return 0 if 1 in (one, other) else 2 * ((one + other) % 2)


def jobs(shapes: list[tuple[int, int, int]]) -> list[Job]:
    return [Job(first + slack, first, order, length) for order, (first, slack, length) in enumerate(shapes)]


def sound(wanted: list[Job], starts: dict[int, int], groups: tuple[int, ...], free: list[int]) -> bool:
    placed = sorted((group, starts[job.order], job) for group, job in zip(groups, wanted, strict=True))
    in_time = all(job.earliest <= start <= job.latest for _, start, job in placed)
    is_open = all(min(free[start : start + job.duration]) > group for group, start, job in placed)
    return (
        in_time
        and is_open
        and all(
            g != g2 or s + job.duration + far(job.order, job2.order) <= s2
            for (g, s, job), (g2, s2, job2) in combinations(placed, 2)
        )
    )


def possible(wanted: list[Job], free: list[int]) -> bool:
    """By trying every start of every order in every group."""
    choices = [range(job.earliest, job.latest + 1) for job in wanted]
    return any(
        sound(wanted, {job.order: s for job, s in zip(wanted, starts, strict=True)}, groups, free)
        for starts in product(*choices)
        for groups in product(range(2), repeat=len(wanted))
    )


@settings(max_examples=400, deadline=None)
@given(JOBS, FREE)
def test_a_timetable_is_found_exactly_when_there_is_one(
    shapes: list[tuple[int, int, int]], free: list[int]
) -> None:
    wanted = jobs(shapes)
    starts = fit(wanted, free, far)
    assert (starts is not None) == possible(wanted, free)
    if starts is not None:
        assert any(sound(wanted, starts, groups, free) for groups in product(range(2), repeat=len(wanted)))


def test_later_orders_may_have_to_wait_for_a_shorter_window() -> None:
    assert fit(jobs([(0, 8, 4), (1, 0, 3)]), [1] * 20, lambda one, other: 0) == {1: 1, 0: 4}


def test_large_sets_are_laid_out_in_one_go() -> None:
    many = jobs([(0, 17, 1)] * (DEEPEST + 5))
    starts = fit(many, [1] * 20, lambda one, other: 0)
    assert starts is not None
    assert sorted(starts.values()) == list(range(DEEPEST + 5))
    assert fit(jobs([(0, 3, 1)] * (DEEPEST + 5)), [1] * 20, lambda one, other: 0) is None
