"""What people do in the stories of tests/attacks/test_lives.py: each deed asks the model what must be answered."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from app import clock
from app.house import House
from app.main import create_app
from app.worker import JOBS
from tests.attacks.life import (
    BEFORE_SERVICE,
    LEADERS,
    MEMBERS,
    SERVICE,
    VERBS,
    Life,
    Stay,
    Verb,
    answer,
    taken,
)
from tests.attacks.life import declined as said_no
from tests.conftest import built, calling
from tests.factories import PLACE, District
from tests.stages import DONE, RATING

CLOCKWORK: Final = (
    "lapse_offers",
    "lapse_pool",
    "keep_appointments",
    "dispatch_waves",
    "mark_overdue",
    "close_orders",
)
REASON: Final = {"reason": "情况有变"}
WRONG: Final = {403, 404, 409, 422, 429}
ORDERS: Final = 3
"""That are under way at once."""
OVER: Final = ("closed", "rejected", "cancelled", "unmet", "merged")
LED_BY: Final = {team: who for who, team in LEADERS.items()}


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


class Doings(RuleBasedStateMachine):
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
        life.start = datetime.fromisoformat(agreed["start"]) if agreed else None
        life.due = datetime.fromisoformat(shown["due_at"]) if shown["due_at"] else None

    def moved(self, life: Life, before: str, steps: int) -> None:
        life.version += steps
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

    def place(self, who: str) -> None:
        if sum(life.status not in OVER for life in self.lives) >= ORDERS:
            return
        start = (self.now + timedelta(days=2)).replace(hour=1, minute=0)
        window = {"start": start.isoformat(), "end": (start + timedelta(hours=5)).isoformat()}
        placed = self.call(who, "POST", "/orders", self.district.order_body(window=window))
        note(f"{self.now:%a %d %H:%M} {who}: places order {len(self.lives) + 1} → {placed.status_code}")
        assert placed.status_code == 201, placed.text
        self.lives.append(Life(placed.json()["id"], who, start + timedelta(hours=5)))
        self.learn(self.lives[-1])

    def do(self, life: Life, name: str, who: str, team: str) -> None:
        verb, before = VERBS[name], life.status
        team_id = str(getattr(self.district, team).id)
        bodies: dict[str, Any] = {
            "approve": None,
            "urge": None,
            "dispatch": {"mode": "team", "team_id": team_id, "override_reason": "居民熟悉"},
            "pool": {"mode": "pool"},
            "reassign": {"team_id": team_id, **REASON},
            "deliver": DONE,
            "review": RATING,
            "reschedule": {"window": self.later(), **REASON},
        }
        path = {"pool": "dispatch", "miss": "no-show"}.get(name, name)
        expected = answer(life, verb, who, team, self.now)
        got = self.call(who, "POST", f"/orders/{life.id}/{path}", bodies.get(name, REASON))
        if self.tell(who, name, life, expected, got):
            verb.does(life, team)
            if name == "urge":
                life.urged_at = self.now
            self.moved(life, before, 1)

    def later(self) -> dict[str, str]:
        start = (self.now + timedelta(days=3)).replace(hour=1, minute=0)
        return {"start": start.isoformat(), "end": (start + timedelta(hours=5)).isoformat()}

    def an_offer_is_answered(self, life: Life, who: str, team: str, *, yes: bool) -> None:
        leader = LED_BY[team]
        found = self.call("dispatcher", "GET", f"/offers?order_id={life.id}").json()["items"]
        its = [one for one in found if one["team_id"] == str(getattr(self.district, team).id)]
        if not its:
            return
        if who != leader:
            expected = {403} if who in ("dispatcher", "admin", "supervisor") else {404}
        elif life.offers[team] != "open":
            expected = {409}
        else:
            in_time = not yes or life.window_end >= self.now + SERVICE
            expected = {200} if in_time else {200, 409, 422}
        verb, before = ("accept" if yes else "decline"), life.status
        got = self.call(who, "POST", f"/offers/{its[0]['id']}/{verb}", {} if yes else REASON)
        if self.tell(who, verb, life, expected, got):
            (taken if yes else said_no)(life, team)
            self.moved(life, before, 1)

    def it_is_claimed(self, life: Life, who: str) -> None:
        verb = Verb(lambda one: set(LEADERS), ("pooled",), taken)
        before, team = life.status, LEADERS.get(who, "")
        expected = {403} if who not in LEADERS else {200} if life.status in verb.states else {409}
        if expected == {200} and life.offers.get(team) in {"declined", "released"}:
            expected = {409}
        elif expected == {200} and self.now + SERVICE > life.window_end:
            expected = {200, 409, 422}
        got = self.call(who, "POST", f"/orders/{life.id}/claim", {})
        if self.tell(who, "claim", life, expected, got):
            taken(life, team)
            self.moved(life, before, 1)

    def a_crew_is_named(self, life: Life, who: str, *, both: bool) -> None:
        team = LEADERS.get(who, "team")
        members = set(MEMBERS[team][: 2 if both else 1])
        present = ({stay.person for stay in life.stays} | life.declared.keys()) & life.crew
        verb = Verb(
            Life.leaders,
            ("accepted", "in_service"),
            lambda one, _: None,
            lambda one, team, now: present <= members,
        )
        body = {"members": [str(self.district[one].id) for one in sorted(members)]}
        expected, before = answer(life, verb, who, team, self.now), life.status
        got = self.call(who, "PUT", f"/orders/{life.id}/crew", body)
        if self.tell(who, f"names {sorted(members)} for", life, expected, got):
            life.crew = members
            self.moved(life, before, 1)

    def somebody_arrives(self, life: Life, who: str) -> None:
        here = next((stay for stay in life.stays if stay.person == who and not stay.over), None)
        verb = Verb(
            lambda one: one.crew,
            ("accepted", "in_service", "delivered", "closed"),
            lambda one, _: None,
            lambda one, _, now: (
                here is None and one.start is not None and now >= one.start - timedelta(days=1)
            ),
        )
        stay, before = Stay(str(uuid4()), who), life.status
        expected = answer(life, verb, who, "", self.now)
        body = {"client_id": stay.id, "at": self.now.isoformat(), "location": PLACE, "accuracy_m": 10}
        got = self.call(who, "POST", f"/orders/{life.id}/check-in", body)
        if self.tell(who, "arrives at", life, expected, got):
            life.stays.append(stay)
            life.status = "in_service" if before == "accepted" else before
            self.moved(life, before, int(before == "accepted"))

    def somebody_leaves(self, life: Life, minutes: int) -> None:
        """After so many minutes; nothing else has happened meanwhile."""
        stay = next((one for one in life.stays if not one.over), None)
        if stay is None or stay.person not in life.crew:
            return
        self.now += timedelta(minutes=minutes)
        body = {"client_id": stay.id, "at": self.now.isoformat(), "location": PLACE, "accuracy_m": 10}
        got = self.call(stay.person, "POST", f"/orders/{life.id}/check-out", body)
        self.tell(stay.person, f"leaves after {minutes} min", life, {200}, got)
        stay.over, stay.minutes = True, got.json()["verified_minutes"]
        if life.status == "closed":
            life.credit()
        self.clockwork()

    def minutes_are_declared(self, life: Life, who: str, whose: str) -> None:
        proven = sum(stay.minutes for stay in life.stays if stay.person == whose)
        verb = Verb(
            Life.leaders,
            ("accepted", "in_service", "delivered"),
            lambda one, _: None,
            lambda one, _, now: whose in one.crew and whose not in one.declared and proven + 30 <= 120,
        )
        expected, before = answer(life, verb, who, "", self.now), life.status
        if expected == {409, 422, 429}:
            expected = WRONG
        body = {"person_id": str(self.district[whose].id), "minutes": 30, "reason": "手机没电"}
        got = self.call(who, "POST", f"/orders/{life.id}/attendance", body)
        if self.tell(who, f"declares 30 min of {whose} for", life, expected, got):
            life.declared[whose] = 30
            life.status = "in_service" if before == "accepted" else before
            self.moved(life, before, int(before == "accepted"))

    def it_is_merged(self, life: Life, who: str, kept: Life) -> None:
        verb = Verb(
            lambda one: {"dispatcher"} if kept.sees(who) else set(),
            ("submitted", "approved"),
            lambda one, _: None,
            lambda one, _, now: kept is not one and kept.status in BEFORE_SERVICE,
        )
        expected, before = answer(life, verb, who, "", self.now), life.status
        if expected == {403}:
            expected = {403, 404}
        got = self.call(who, "POST", f"/orders/{life.id}/merge", {"into_id": kept.id, **REASON})
        if self.tell(who, f"merges into {self.lives.index(kept) + 1}", life, expected, got):
            life.status = "merged"
            self.moved(life, before, 1)
            self.moved(kept, kept.status, 1)

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
