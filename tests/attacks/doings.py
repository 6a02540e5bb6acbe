"""What people do in the stories of tests/attacks/test_lives.py: each deed asks the model what must be answered."""

from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from hypothesis import note

from tests.attacks.clockwork import Clockwork
from tests.attacks.life import (
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
from tests.factories import PLACE
from tests.stages import DONE, RATING

REASON: Final = {"reason": "情况有变"}
WRONG: Final = {403, 404, 409, 422, 429}
ORDERS: Final = 3
"""That are under way at once."""
OVER: Final = ("closed", "rejected", "cancelled", "unmet", "merged")
LED_BY: Final = {team: who for who, team in LEADERS.items()}


class Doings(Clockwork):
    """What is done to one order at a time."""

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
        late = {409} if life.pooled or life.sees(who) else {404}
        expected = {403} if who not in LEADERS else {200} if life.status in verb.states else late
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
