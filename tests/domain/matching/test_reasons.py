"""Why this team, out of a receipt, in one sentence."""

from dataclasses import asdict

from app.domain.matching.reasons import BY_HAND, POOL, STANDBY, why
from app.domain.matching.score import FactorName, Weights


def kept(chosen: str, **values: float) -> dict[str, object]:
    factors = [values.get(name, 0.0) for name in FactorName]
    return {
        "chosen": chosen,
        "weights": asdict(Weights()),
        "teams": [{"id": "a", "factors": factors}, {"id": "b", "factors": [1.0] * len(factors)}],
    }


def test_the_first_is_told_what_counted_most() -> None:
    told = why(kept("a", location=1.0, continuity=1.0, fairness=0.1, scarcity=1.0))
    assert "主要因为离得近、以前服务过；" in told


def test_who_was_chosen_by_hand_is_told_so() -> None:
    assert why(kept("b", location=1.0)) == BY_HAND


def test_what_was_not_ranked_says_how_it_came_about() -> None:
    assert [why({"mode": mode}) for mode in ("pool", "standby", "other")] == [POOL, STANDBY, BY_HAND]
