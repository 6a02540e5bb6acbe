"""A ranking as a dispatcher reads it: names, rings, sentences, and why a team is not there."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.domain.matching.features import EXCLUSION_ZH, RING_ZH
from app.domain.matching.rank import Factor, Ranking
from app.errors import NotFound
from app.services import teams
from app.services.access import center_of
from app.services.matching import Occasion

DIGITS = 6
"""More than anybody reads; the receipt keeps all of them."""


async def view(occasion: Occasion, limit: int, explain: UUID | None) -> dict[str, Any]:
    """The shape of schemas.dispatch.MatchesOut. Raises NotFound for an unknown team to explain."""
    ranking = await occasion.ranking(limit)
    ids = [occasion.index.id_of(item.row) for item in ranking.items]
    center = center_of(occasion.order.org_path)
    names = await teams.names(occasion.session, [*ids, explain] if explain else ids, within=center)
    if explain and explain not in names:
        raise NotFound("没有这支服务队")
    return {
        "items": [
            {
                "rank": place,
                "team": {"id": team_id, "name": names[team_id]},
                "ring": item.ring.name.lower(),
                "ring_text": RING_ZH[item.ring],
                "score": round(item.score, DIGITS),
                "earliest_start": occasion.starts_at(item),
                "factors": _rounded(item.factors),
            }
            for place, (team_id, item) in enumerate(zip(ids, ranking.items, strict=True), start=1)
        ],
        "excluded": [
            {"reason": reason, "text": EXCLUSION_ZH[reason], "teams": teams}
            for reason, teams in ranking.excluded.items()
        ],
        "considered": ranking.considered,
        "unread": ranking.unread,
        "weights_version": ranking.weights.version,
        "explained": await _explained(occasion, ranking, explain, names[explain]) if explain else None,
    }


async def _explained(occasion: Occasion, ranking: Ranking, team_id: UUID, name: str) -> dict[str, Any]:
    findings = await occasion.why_not(team_id)
    alone = (await occasion.alone(team_id)).items
    behind = max(0.0, ranking.items[-1].score - alone[0].score) if alone and ranking.items else None
    return {
        "team": {"id": team_id, "name": name},
        "eligible": not findings,
        "findings": [asdict(finding) for finding in findings],
        "score": round(alone[0].score, DIGITS) if alone else None,
        "behind": None if behind is None else round(behind, DIGITS),
        "factors": _rounded(alone[0].factors) if alone else [],
    }


def _rounded(factors: Iterable[Factor]) -> list[dict[str, Any]]:
    return [
        {
            key: round(value, DIGITS) + 0.0 if isinstance(value, float) else value
            for key, value in asdict(factor).items()
        }
        for factor in factors
    ]
