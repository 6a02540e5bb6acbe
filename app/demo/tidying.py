"""A demonstration that was interrupted leaves teams with work in hand; the next one ends that work first."""

from uuid import UUID

from app.demo.cast import Cast
from app.demo.district import District
from app.demo.phone import Phone
from app.domain.lifecycle import MOVES, Action, OrderStatus

OVER = "演示中断，收尾"
CANCELLABLE = MOVES[Action.CANCEL].sources
UNFINISHED = sorted(CANCELLABLE | {OrderStatus.IN_SERVICE})


async def tidy(cast: Cast, district: District) -> int:
    """Cancel or deliver what an earlier run left open, and nothing that anybody else ordered; how many."""
    chief = await cast.chief()
    details = {order.detail for order in district.orders}
    left = 0
    for listed in await chief.all("orders", status=UNFINISHED):
        order = await chief.get(f"orders/{listed['id']}")
        if order["detail"] in details:
            left += 1
            await _end(cast, chief, order["id"], OrderStatus(order["status"]), order["team_id"])
    return left


async def _end(cast: Cast, chief: Phone, order_id: str, status: OrderStatus, team_id: str | None) -> None:
    if status in CANCELLABLE:
        await chief.post(f"orders/{order_id}/cancel", {"reason": OVER})
    elif team_id is not None:
        leader = await cast.leader(UUID(team_id))
        await leader.post(f"orders/{order_id}/deliver", {"summary": OVER})
