"""What came of it, asked of the API: where every order stands, how long each state took, and the points."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from app.clock import now
from app.demo.acts import Act
from app.demo.cast import Cast
from app.domain.lifecycle import ENDED, OrderStatus


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one demonstration; times in seconds, points and minutes of all its volunteers together.

    `issued` and `held` are the whole ledger of the center; `faults` says what went otherwise than the stories.
    """

    states: dict[OrderStatus, int]
    mean: dict[OrderStatus, float]
    longest: dict[OrderStatus, float]
    verified_minutes: int
    declared_minutes: int
    credited: int
    issued: int
    held: int
    faults: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        return self.issued == self.held


async def figures(cast: Cast, acts: Sequence[Act], faults: Sequence[str]) -> Figures:
    """Raises Unexpected."""
    chief, supervisor = await cast.chief(), await cast.supervisor()
    placed = [act for act in acts if act.id.int]
    orders = await asyncio.gather(*(chief.get(f"orders/{act.id}") for act in placed))
    events = await asyncio.gather(*(chief.get(f"orders/{act.id}/events") for act in placed))
    stays = await asyncio.gather(*(chief.get(f"orders/{act.id}/attendance") for act in placed))
    crew = {one.person_id: one for act in placed for one in act.crew}
    entries = await asyncio.gather(*(one.all("me/points/entries") for one in crew.values()))
    ours = {str(act.id) for act in placed}
    spans = _spans(events)
    (ledger,) = (
        one
        for one in (await supervisor.get("reports/ledger"))["items"]
        if one["center"]["id"] == cast.places[cast.root]["id"]
    )
    astray = [
        f"#{act.order.number} 应为 {act.end}，实为 {order['status']}"
        for act, order in zip(placed, orders, strict=True)
        if order["status"] != act.end
    ]
    return Figures(
        states=dict(Counter(OrderStatus(order["status"]) for order in orders)),
        mean={status: fmean(times) for status, times in spans.items()},
        longest={status: max(times) for status, times in spans.items()},
        verified_minutes=sum(stay["verified_minutes"] for told in stays for stay in told),
        declared_minutes=sum(stay["declared_minutes"] for told in stays for stay in told),
        credited=sum(entry["amount"] for told in entries for entry in told if entry["order_id"] in ours),
        issued=ledger["issued"],
        held=ledger["held"],
        faults=(*faults, *astray),
    )


def _spans(timelines: Sequence[Any]) -> dict[OrderStatus, list[float]]:
    """How long each state was held each time, by the events; one that has no end counts until now."""
    spans: dict[OrderStatus, list[float]] = defaultdict(list)
    for events in timelines:
        changes = [one for one in events if one["from_status"] != one["to_status"]]
        until = [datetime.fromisoformat(one["at"]) for one in changes[1:]] + [now()]
        for one, end in zip(changes, until, strict=True):
            status = OrderStatus(one["to_status"])
            if status not in ENDED:
                spans[status].append((end - datetime.fromisoformat(one["at"])).total_seconds())
    return spans
