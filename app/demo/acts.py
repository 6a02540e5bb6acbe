"""What each story makes of an order, from 点单 to its end: everything through HTTP, as its people would."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from app.clock import now
from app.demo.cast import Cast
from app.demo.district import Order
from app.demo.phone import Phone, Unexpected
from app.demo.wish import body, location, under_way
from app.domain.lifecycle import OrderStatus

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
ENDS: Final = {
    "cancelled": OrderStatus.CANCELLED,
    "rejected": OrderStatus.REJECTED,
    "no_review": OrderStatus.DELIVERED,
}
"""Where a story ends that does not end well and rated; where no team can help it is `unmet`."""

READINGS: Final = 5
"""How often the desk reads the ranking anew, and how many teams press for one pooled order."""

OVERTAKEN: Final = {"override_reason_required", "team_not_eligible"}
"""What is told to who was a moment too late for the team, because another order has it now."""

Tell = Callable[[Order, OrderStatus, str], None]


@dataclass
class Act:
    """One order on its way; `id` once it is placed, `crew` once it is named."""

    cast: Cast
    order: Order
    tell: Tell
    id: UUID = field(default_factory=lambda: UUID(int=0))
    crew: tuple[Phone, ...] = ()

    @property
    def end(self) -> OrderStatus:
        if self.order.story == "rejected" or self.order.gap is None:
            return ENDS.get(self.order.story, OrderStatus.CLOSED)
        return OrderStatus.UNMET

    async def play(self) -> None:
        """Raises Unexpected when the server does not play along."""
        resident = await self.cast.phone(self.order.by)
        dispatcher = await self.cast.dispatcher(self.order)
        await self._place(resident)
        if self.order.story == "rejected":
            await self._step(
                dispatcher, "reject", f"{dispatcher.name}：不予受理并转办", _reason(self.order.reason)
            )
            return
        if self.order.urgency != "normal":
            await self._step(resident, "urge", f"{resident.name}催单")
        await self._step(dispatcher, "approve", f"{dispatcher.name}审核通过")
        if self.order.gap is not None:
            await self._whistle(dispatcher)
            return
        team_id = await self._staff(dispatcher)
        if self.order.story == "cancelled":
            await self._step(resident, "cancel", f"{resident.name}取消", _reason(self.order.reason))
            return
        await self._serve(team_id)
        if self.order.review is not None:
            stars = f"{resident.name}评单：{self.order.review.comment}"
            await self._step(resident, "review", stars, asdict(self.order.review))

    async def _place(self, resident: Phone) -> None:
        item = self.cast.menu[self.order.menu]
        placed = await resident.post(
            "orders", body(self.order, self.cast.places[self.order.organisation], item)
        )
        self.id = UUID(placed["id"])
        proxy = f"为{self.order.beneficiary.name}代点单" if self.order.beneficiary else "点单"
        self._told(placed, f"{resident.name}{proxy}：{item['title']}")

    async def _whistle(self, dispatcher: Phone) -> None:
        """Nobody can: every level is asked in turn (S1.23), and then the resident is told why."""
        chief = await self.cast.chief()
        for level in self.cast.above(self.order.organisation):
            await self._find_nobody(dispatcher)
            await self._step(
                dispatcher, "escalate", f"没有队伍能接，吹哨上报{level}", _reason("本级没有队伍能接")
            )
        await self._find_nobody(chief)
        await self._step(chief, "give-up", "逐级无力量，如实告知居民", _reason(self.order.gap))

    async def _find_nobody(self, dispatcher: Phone) -> None:
        if (await dispatcher.get(f"orders/{self.id}/matches", limit=1))["items"]:
            raise Unexpected(f"somebody could serve order {self.id}")

    async def _staff(self, dispatcher: Phone) -> UUID:
        """The team that takes the order: the first of the pool, or the one asked that says yes."""
        if self.order.story == "pool":
            return await self._first_of_the_pool(dispatcher)
        await self._ask_the_first(dispatcher, "派给{team}：{reason}")
        if self.order.story == "declined_once":
            asked, offer = await self._offer(dispatcher)
            leader = await self.cast.leader(asked)
            told = await leader.post(f"offers/{offer['id']}/decline", _reason(self.order.reason))
            self._told(told, f"{self.cast.team_of[asked].name}婉拒：{self.order.reason}")
            await self._ask_the_first(dispatcher, "改派给下一队")
        asked, offer = await self._offer(dispatcher)
        leader = await self.cast.leader(asked)
        agreed = {"scheduled_start": offer["order"]["window"]["start"]} if under_way(self.order) else {}
        told = await leader.post(f"offers/{offer['id']}/accept", agreed)
        self._told(told, f"{self.cast.team_of[asked].name}接单")
        return asked

    async def _ask_the_first(self, dispatcher: Phone, sentence: str) -> None:
        """Whom the desk reads first may be taken by another order before it presses; then it reads again."""
        for _ in range(READINGS - 1):
            try:
                return await self._ask(dispatcher, sentence)
            except Unexpected as error:
                if error.code not in OVERTAKEN:
                    raise
        return await self._ask(dispatcher, sentence)

    async def _ask(self, dispatcher: Phone, sentence: str) -> None:
        best = (await dispatcher.get(f"orders/{self.id}/matches", limit=1))["items"][0]
        told = sentence.format(team=best["team"]["name"], reason=best["factors"][0]["reason"])
        await self._step(dispatcher, "dispatch", told, {"mode": "team", "team_id": best["team"]["id"]})

    async def _first_of_the_pool(self, dispatcher: Phone) -> UUID:
        """Those who rank well press, one after the other, until one has it."""
        ranked = (await dispatcher.get(f"orders/{self.id}/matches", limit=READINGS))["items"]
        if not ranked:
            raise Unexpected(f"nobody could claim order {self.id}")
        await self._step(dispatcher, "dispatch", "开放抢单", {"mode": "pool"})
        for match in ranked[:-1]:
            try:
                return await self._claim(match["team"])
            except Unexpected as error:
                if error.code not in OVERTAKEN:
                    raise
        return await self._claim(ranked[-1]["team"])

    async def _claim(self, team: Any) -> UUID:
        leader = await self.cast.leader(UUID(team["id"]))
        await self._step(leader, "claim", f"{team['name']}抢到", {})
        return UUID(team["id"])

    async def _offer(self, dispatcher: Phone) -> tuple[UUID, Any]:
        (offer,) = (await dispatcher.get("offers", status="open", order_id=self.id))["items"]
        return UUID(offer["team_id"]), offer

    async def _serve(self, team_id: UUID) -> None:
        leader = await self.cast.leader(team_id)
        self.crew = tuple(await self.cast.crew(team_id, self.order.people))
        members = {"members": [str(one.person_id) for one in self.crew]}
        await leader.send("PUT", f"orders/{self.id}/crew", members)
        await self._look()
        order = await leader.get(f"orders/{self.id}")
        start = datetime.fromisoformat(order["scheduled"]["start"])
        if under_way(self.order):
            await asyncio.gather(*(self._stay(one, start + MINUTE) for one in self.crew))
            self._told(await leader.get(f"orders/{self.id}"), f"{len(self.crew)} 人签到签退，信号恢复后上传")
        else:
            await self._declare(leader, start, order["duration_minutes"])
        await self._step(leader, "deliver", f"{leader.name}结项", {"summary": "已按约定完成服务"})

    async def _look(self) -> None:
        """Where to go, and whom to call first; of a minor only when somebody else has agreed."""
        why = {"reason": "出发前联系，按地址上门"}
        for one in self.crew:
            told = await one.post(f"orders/{self.id}/reveal", why)
            if "approval_id" in told:
                supervisor = await self.cast.supervisor()
                await supervisor.post(f"approvals/{told['approval_id']}/approve", {"note": "已核实去人"})
                await one.post(f"orders/{self.id}/reveal", why)

    async def _stay(self, volunteer: Phone, came: datetime) -> None:
        """Both presses were made without signal, and are sent now."""
        stamp = {"client_id": str(uuid4()), "location": location(self.order), "accuracy_m": 15}
        for verb, at in (("check-in", came), ("check-out", now() - MINUTE)):
            await volunteer.post(f"orders/{self.id}/{verb}", {**stamp, "at": at.isoformat()})

    async def _declare(self, leader: Phone, start: datetime, minutes: int) -> None:
        """The day has not come: no phone could prove it, and whoever tries too early is refused."""
        if start - now() > DAY:
            stamp = {"client_id": str(uuid4()), "at": now().isoformat(), "location": location(self.order)}
            await self.crew[0].post(f"orders/{self.id}/check-in", stamp, refused="attendance_too_early")
        for volunteer in self.crew:
            word = {"minutes": minutes, "reason": "演示不等到约定的那一天，时长由队长补录"}
            await leader.post(f"orders/{self.id}/attendance", {**word, "person_id": str(volunteer.person_id)})
        self._told(await leader.get(f"orders/{self.id}"), f"{leader.name}补录 {len(self.crew)} 人的荣誉时数")

    async def _step(self, phone: Phone, verb: str, sentence: str, body: Any = None) -> None:
        self._told(await phone.post(f"orders/{self.id}/{verb}", body), sentence)

    def _told(self, order: Any, sentence: str) -> None:
        self.tell(self.order, OrderStatus(order["status"]), sentence)


def _reason(reason: str | None) -> dict[str, str]:
    return {"reason": reason or ""}
