"""The town in which the stories of tests/attacks/test_lives.py happen, and what its clock does to every order."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from app import clock
from app.house import House
from app.main import create_app
from app.worker import JOBS
from tests.attacks.life import CONFIRMS, Life
from tests.conftest import built, calling
from tests.factories import District

CLOCKWORK: Final = (
    "lapse_offers",
    "lapse_pool",
    "keep_appointments",
    "dispatch_waves",
    "mark_overdue",
    "close_orders",
)


class Town:
    """One house for all stories, on a loop of its own, because Hypothesis calls from outside of any."""

    def __init__(self, url: str, folder: Path) -> None:
        self.loop = asyncio.Runner()
        self.house: House = self.loop.run(built(url, folder))
        self.client = calling(create_app(self.house))
        self.steps: Counter[str] = Counter()

    def close(self) -> None:
        async def end() -> None:
            await self.client.aclose()
            await self.house.close()

        with self.loop:
            self.loop.run(end())


class Clockwork(RuleBasedStateMachine):
    """Up to three orders of one center at once. `self.now` is everybody's clock."""

    town: Town
    district: District
    lives: list[Life]
    now: datetime

    def call(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        with clock.at(self.now):
            headers = self.district.as_(who)
            answer = self.town.loop.run(self.town.client.request(method, path, json=body, headers=headers))
        self.town.steps[f"{answer.status_code}"] += 1
        assert answer.status_code < 500, answer.text
        return answer

    def told_of(self, life: Life) -> dict[str, Any]:
        shown: dict[str, Any] = self.call("dispatcher", "GET", f"/orders/{life.id}").json()
        return shown

    def learn(self, life: Life) -> None:
        """What people are told about times."""
        shown = self.told_of(life)
        agreed = shown["scheduled"]
        life.window_end = datetime.fromisoformat(shown["window"]["end"])
        before = (life.team, life.start)
        life.start = datetime.fromisoformat(agreed["start"]) if agreed else None
        if before != (life.team, life.start) or life.promised != life.team:
            life.promised = life.team
            life.confirmed = life.start is not None and life.start - self.now < CONFIRMS
        life.due = datetime.fromisoformat(shown["due_at"]) if shown["due_at"] else None

    def moved(self, life: Life, before: str, steps: int) -> None:
        life.version += steps
        life.pooled |= life.status == "pooled"
        if life.status != before:
            life.since = self.now
        self.learn(life)

    def tell(self, who: str, deed: str, life: Life, expected: set[int], got: httpx.Response) -> bool:
        """The step in words, and whether it was done. Raises AssertionError when it was answered otherwise."""
        number = self.lives.index(life) + 1
        note(f"{self.now:%a %d %H:%M} {who}: {deed} order {number} ({life.status}) → {got.status_code}")
        self.town.steps[f"{deed.split()[0]} {'done' if got.is_success else 'refused'}"] += 1
        said = 200 if got.is_success else got.status_code
        assert said in expected, f"{who} {deed}: {got.status_code}, not {expected}: {got.text}"
        return got.is_success

    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        note(f"{self.now:%a %d %H:%M} {hours} hours have passed")
        self.clockwork()

    def the_hour_has_come(self, life: Life, minutes: int) -> None:
        """The clock goes on to about when a team said that it comes."""
        if life.start is not None and life.status == "accepted":
            self.now = max(self.now, life.start + timedelta(minutes=minutes))
            note(f"{self.now:%a %d %H:%M} it is about time")
            self.clockwork()

    async def jobs(self) -> None:
        for name in CLOCKWORK:
            await JOBS[name](self.town.house, self.now, 100)

    def clockwork(self) -> None:
        """The jobs run; whatever was due by now, as people were told, has been done."""
        with clock.at(self.now):
            self.town.loop.run(self.jobs())
        for life in self.lives:
            before = life.status
            if life.due is not None and life.due <= self.now:
                if life.status in ("offered", "pooled"):
                    life.status = "approved"
                    life.offers |= {team: "lapsed" for team, state in life.offers.items() if state == "open"}
                elif life.status == "accepted":
                    life.leave("released")
                    life.status = "approved"
                elif life.status == "delivered":
                    life.status = "closed"
                    life.credit()
            shown = self.told_of(life)
            assert shown["status"] == life.status, f"{before} → {shown['status']}, not {life.status}"
            self.moved(life, before, shown["version"] - life.version)
