"""The receipt of a recommendation: whole numbers and weights, from which every score comes out again.

It is kept with the offer that it led to, so that years later anybody can check what was recommended and why
(PIPL Art. 24: automated decisions are transparent and explained).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

import numpy as np

from app.domain.matching.rank import Ranking
from app.domain.matching.score import FORMULA, NAMES, Features, Frame, Weights, scores, values

_DIGESTED: Final = (
    *("formula", "weights", "weights_version", "frame", "teams"),
    *("excluded", "considered", "unread"),
)


class ReceiptBroken(ValueError):
    """A receipt of other formulae, or one whose numbers do not give its scores."""


def receipt(ranking: Ranking, ids: Sequence[str]) -> dict[str, Any]:
    """Plain JSON. `ids` name the ranking's items. Floats keep every digit (JSON of Python is exact)."""
    kept = {
        "formula": FORMULA,
        "weights": asdict(ranking.weights),
        "weights_version": ranking.weights.version,
        "frame": asdict(ranking.frame),
        "teams": [
            {
                "id": team_id,
                "score": item.score,
                "features": dict(item.features),
                "factors": [factor.value for factor in item.factors],
            }
            for team_id, item in zip(ids, ranking.items, strict=True)
        ],
        "excluded": {str(reason): teams for reason, teams in ranking.excluded.items()},
        "considered": ranking.considered,
        "unread": ranking.unread,
    }
    return kept | {"digest": _digest(kept)}


def recomputed(kept: Mapping[str, Any]) -> list[tuple[float, list[float]]]:
    """Score and factors of each team, calculated anew. Raises ReceiptBroken for another formula."""
    if kept["formula"] != FORMULA:
        raise ReceiptBroken(f"formula {kept['formula']}, not {FORMULA}")
    weights, frame = Weights(**kept["weights"]), Frame(**kept["frame"])
    told = [team["features"] for team in kept["teams"]]
    columns = ([team[name] for team in told] for name in NAMES)
    features = Features(*(np.array(column, np.int64) for column in columns))
    measured = values(features, frame).T.tolist()
    return list(zip(scores(features, frame, weights).tolist(), measured, strict=True))


def check(kept: Mapping[str, Any]) -> None:
    """Raises ReceiptBroken unless every score and factor comes out again, to the last bit, best first, and what
    no score depends on (ids, exclusions, metres) is as it was written; what was added to it is not looked at.
    """
    if Weights(**kept["weights"]).version != kept["weights_version"]:
        raise ReceiptBroken("the weights are not those of their version")
    told = [(team["score"], team["factors"]) for team in kept["teams"]]
    if recomputed(kept) != told:
        raise ReceiptBroken("a score does not come out again")
    points = [score for score, _ in told]
    if points != sorted(points, reverse=True):
        raise ReceiptBroken("the teams do not stand in the order of their scores")
    if _digest({name: kept[name] for name in _DIGESTED}) != kept["digest"]:
        raise ReceiptBroken("something was changed that no score depends on")


def _digest(kept: Mapping[str, Any]) -> str:
    """Of the same text whatever a database did to the order of the keys."""
    return sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
