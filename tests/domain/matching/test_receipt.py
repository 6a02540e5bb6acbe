"""A receipt gives its scores again after years, and notices whatever was changed in it."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from math import inf, nextafter
from typing import Any

import pytest

from app.domain.matching.rank import rank
from app.domain.matching.receipt import ReceiptBroken, check, receipt, recomputed
from app.domain.matching.score import Weights
from tests.domain.matching.cases import NAMES, Team, case, need, random_case

Kept = dict[str, Any]


def written(seed: int, weights: Weights, limit: int = 10) -> Kept:
    """As it comes out of a database."""
    one, asked = random_case(seed)
    found = rank(one.index, asked, one.standing(), weights, limit, NAMES)
    kept: Kept = json.loads(json.dumps(receipt(found, [str(one.index.id_of(i.row)) for i in found.items])))
    return kept


def test_every_random_case_comes_out_again() -> None:
    teams = 0
    for seed in range(20_000, 20_300):
        kept = written(seed, Weights(scarcity=seed % 7 / 3, load=seed % 5))
        check(kept)
        check(kept | {"chosen": "somebody", "override_reason": "居民点名"})
        teams += len(kept["teams"])
    assert teams > 500


def test_two_receipts_of_one_ranking_are_the_same() -> None:
    assert written(7, Weights()) == written(7, Weights())


@pytest.fixture(scope="module")
def kept() -> Kept:
    teams = [
        Team(km=n / 2, reliability=9_000 - 100 * n, recent=n, skills={0: (3, -1), 3: (1, -1)})
        for n in range(4)
    ]
    one = case([*teams, Team(km=0.5, reliability=8_900, recent=1), Team(active=False)])
    asked = need(served={1: (3, 14)}, language=0)
    found = rank(one.index, asked, one.standing(), Weights(), 10, NAMES)
    written: Kept = json.loads(json.dumps(receipt(found, [str(one.index.id_of(i.row)) for i in found.items])))
    check(written)
    return written


def leaves(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every single value of a receipt stands."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from leaves(value, (*path, name))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from leaves(value, (*path, place))
    else:
        yield path


def changed(value: Any) -> Any:
    """The smallest change there is."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return nextafter(value, inf)
    return value[:-1] + ("0" if value[-1] != "0" else "1")


def test_any_changed_digit_is_noticed(kept: Kept) -> None:
    places = list(leaves(kept))
    assert len(places) > 5 * 25
    for path in places:
        wrong = deepcopy(kept)
        inside = wrong
        for step in path[:-1]:
            inside = inside[step]
        inside[path[-1]] = changed(inside[path[-1]])
        assert wrong != kept, path
        with pytest.raises(ReceiptBroken):
            check(wrong)


def _swapped(wrong: Kept) -> None:
    teams = wrong["teams"]
    teams[0], teams[1] = teams[1], teams[0]


def _renamed(wrong: Kept) -> None:
    teams = wrong["teams"]
    teams[0]["id"], teams[1]["id"] = teams[1]["id"], teams[0]["id"]


def _other_weights(wrong: Kept) -> None:
    wrong["weights"] |= {"load": 0.5}
    wrong["weights_version"] = Weights(**wrong["weights"]).version


def _later_formula(wrong: Kept) -> None:
    wrong["formula"] = "11f1"


@pytest.mark.parametrize(
    "change",
    [
        _swapped,
        _renamed,
        _other_weights,
        _later_formula,
        lambda wrong: wrong["teams"].pop(),
        lambda wrong: wrong["teams"].append(wrong["teams"][-1]),
        lambda wrong: wrong["teams"][0]["features"].update(metres=0),
        lambda wrong: wrong["excluded"].clear(),
        lambda wrong: wrong["excluded"].update(blocked=1),
    ],
)
def test_any_other_change_is_noticed(kept: Kept, change: Callable[[Kept], None]) -> None:
    wrong = deepcopy(kept)
    change(wrong)
    with pytest.raises(ReceiptBroken):
        check(wrong)


def test_the_order_of_keys_is_no_change(kept: Kept) -> None:
    """PostgreSQL's jsonb sorts them."""
    check(json.loads(json.dumps(kept, sort_keys=True)))


def test_another_formula_is_not_calculated_by_this_one(kept: Kept) -> None:
    with pytest.raises(ReceiptBroken, match="11f1"):
        recomputed(kept | {"formula": "11f1"})


def test_scores_are_those_of_the_ranking(kept: Kept) -> None:
    assert recomputed(kept) == [(team["score"], team["factors"]) for team in kept["teams"]]


def test_a_receipt_of_nobody() -> None:
    one = case([])
    check(json.loads(json.dumps(receipt(rank(one.index, need(), one.standing(), Weights(), 10, NAMES), []))))


@pytest.mark.parametrize(
    ("part", "name"),
    [
        *(("features", name) for name in ("level_sum", "minutes", "starts", "reliability", "recent", "ring")),
        *(("factors", place) for place in range(10)),
        *(("frame", name) for name in ("possible", "mean_recent", "required", "wishes")),
        *(("weights", name) for name in ("load", "scarcity")),
    ],
)
def test_who_forges_the_digest_too_is_caught_by_the_score(kept: Kept, part: str, name: str | int) -> None:
    wrong = deepcopy(kept)
    inside = wrong[part] if part in wrong else wrong["teams"][2][part]
    inside[name] += 1
    del wrong["digest"]
    wrong["digest"] = sha256(json.dumps(wrong, sort_keys=True).encode()).hexdigest()
    with pytest.raises(ReceiptBroken, match=r"come out again|of their version"):
        check(wrong)


def test_a_forged_order_is_caught_without_the_digest(kept: Kept) -> None:
    wrong = deepcopy(kept)
    wrong["teams"].reverse()
    del wrong["digest"]
    wrong["digest"] = sha256(json.dumps(wrong, sort_keys=True).encode()).hexdigest()
    with pytest.raises(ReceiptBroken, match="order of their scores"):
        check(wrong)
