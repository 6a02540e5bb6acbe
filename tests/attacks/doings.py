"""What people do in the stories of tests/attacks/test_lives.py: each deed asks the model what must be answered."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from hypothesis import note

from tests.attacks.clockwork import Clockwork
from tests.attacks.life import LEADERS, MEMBERS, OVER, Life, Stay
from tests.attacks.verbs import VERBS, Verb, answer
from tests.factories import PLACE
from tests.stages import DONE, RATING

REASON: Final = {"reason": "情况有变"}
WRONG: Final = {403, 404, 409, 422, 429}
ORDERS: Final = 3
"""That are under way at once."""
CORRECTED: Final = {"contact": {"name": "张阿婆", "phone": "13800000002"}}
STAND_IN: Final = {"dispatcher": "dispatcher", "reporter": "dispatcher"}
PATHS: Final = {"pool": "dispatch", "automate": "dispatch", "miss": "no-show", "correct": "contact"}


def role_of(life: Life, who: str) -> str:
    """As what somebody acts: the nearest of their relations to the order."""
    if who == life.placer:
        return "resident"
    return STAND_IN.get(who, "team_leader" if who in LEADERS else "volunteer")


class Doings(Clockwork):
    """What is done to one order at a time."""

    def place(self, who: str, urgency: str) -> None:
        if sum(life.status not in OVER for life in self.lives) >= ORDERS:
            return
        start, end = self.later(2)
        window = {"start": start.isoformat(), "end": end.isoformat()}
        body = self.district.order_body(window=window, urgency=urgency)
        placed = self.call(who, "POST", "/orders", body)
        note(
            f"{self.now:%a %d %H:%M} {who}: places {urgency} order {len(self.lives) + 1} → {placed.status_code}"
        )
        assert placed.status_code == 201, placed.text
        life = Life(placed.json()["id"], who, urgency, (start, end), [("submit", "resident")])
        life.enter("submitted", self.now)
        if self.customs.auto_approve:
            life.did("approve", "system")
            self.approved(life)
        self.lives.append(life)
        self.learn(life, placed.json())

    def later(self, days: int) -> tuple[datetime, datetime]:
        start = (self.now + timedelta(days=days)).replace(hour=1, minute=0)
        return start, start + timedelta(hours=5)

    def approved(self, life: Life) -> None:
        """From here on the place's custom says who dispatches."""
        life.enter("approved", self.now)
        life.auto, life.suggestion = self.customs.mode == "auto", self.customs.mode == "suggest"

    def do(self, life: Life, name: str, who: str, team: str) -> None:
        verb, (start, end) = VERBS[name], self.later(3)
        team_id = str(self.teams[team])
        bodies: dict[str, Any] = {
            "approve": None,
            "urge": None,
            "correct": CORRECTED,
            "dispatch": {"mode": "team", "team_id": team_id, "override_reason": "居民熟悉"},
            "pool": {"mode": "pool"},
            "automate": {"mode": "auto"},
            "reassign": {"team_id": team_id, **REASON},
            "standby": {"team_id": team_id},
            "deliver": DONE,
            "review": RATING,
            "reschedule": {"window": {"start": start.isoformat(), "end": end.isoformat()}, **REASON},
        }
        expected = answer(life, verb, who, team, self.now)
        method = "PATCH" if name == "correct" else "POST"
        got = self.call(who, method, f"/orders/{life.id}/{PATHS.get(name, name)}", bodies.get(name, REASON))
        if not self.tell(who, name, life, expected, got):
            return
        life.did(verb.action or name, role_of(life, who))
        verb.does(life, team, self.now)
        if name == "approve":
            self.approved(life)
        elif name == "reschedule":
            life.window = start, end
            waits = life.status == "approved" and not life.auto
            life.suggestion |= waits and self.customs.mode == "suggest"
        elif name == "automate":
            life.by_hand()
            life.auto, life.circles = True, 0
            self.hear(life, got.json())
        self.learn(life, self.told_of(life) if name == "complain" else got.json())

    def it_is_claimed(self, life: Life, who: str) -> None:
        team = LEADERS.get(who, "")
        late = {409} if life.pooled or life.sees(who) else {404}
        expected = {403} if who not in LEADERS else {200} if life.status == "pooled" else late
        if expected == {200}:
            known = life.offers.get(team) in {"accepted", "declined", "released", "standby"}
            near = life.sees(who) and life.reaches(team)
            expected = self.can_still_come(life) if near and not known else {409, 422}
        got = self.call(who, "POST", f"/orders/{life.id}/claim", {})
        if self.tell(who, "claim", life, expected, got):
            life.did("claim", "team_leader")
            life.takes.append((team, self.now))
            life.agree(team, self.agreed_start(life, got), self.now)
            self.learn(life, got.json())

    def can_still_come(self, life: Life) -> set[int]:
        """Between the last moment to begin and the end of the window the pages do not say."""
        if self.now >= life.window[1]:
            return {409}
        return {200} if self.now <= life.latest else {200, 409, 422}

    def a_crew_is_named(self, life: Life, who: str, among: int) -> None:
        team = LEADERS.get(who, "team")
        first, *others = MEMBERS[team]
        members = {first, *others[: among % 2], *others[1 : 1 + among // 2 % 2]}
        verb = Verb(
            Life.leaders,
            ("accepted", "in_service"),
            ready=lambda one, team, now: one.present <= members,
        )
        body = {"members": [str(self.district[one].id) for one in sorted(members)]}
        expected = answer(life, verb, who, team, self.now)
        got = self.call(who, "PUT", f"/orders/{life.id}/crew", body)
        if self.tell(who, f"names {sorted(members)} for", life, expected, got):
            life.crew = members
            life.did("name_crew", "team_leader")
            self.learn(life, self.told_of(life))

    def somebody_arrives(self, life: Life, who: str) -> None:
        """At an order that has gone to others because nobody came it is proof that somebody did, and no stay."""
        here = any(stay.person == who and not stay.over for stay in life.stays)
        past = life.interrupted if life.interrupted and self.now <= life.interrupted[0] else None
        begins = past[1] if past else life.start
        verb = Verb(
            lambda one: one.crew,
            ("accepted", "in_service", "delivered", "closed"),
            ready=lambda one, _, now: not here and begins is not None and now >= begins - timedelta(days=1),
        )
        stay, expected = Stay(str(uuid4()), who), answer(life, verb, who, "", self.now)
        attends = life.status in verb.states and who in life.crew
        proof = not attends and any(who in one.crew and self.now <= one.at for one in life.absences)
        body = {"client_id": stay.id, "at": self.now.isoformat(), "location": PLACE, "accuracy_m": 10}
        got = self.call(who, "POST", f"/orders/{life.id}/check-in", body)
        if not self.tell(who, "arrives at", life, {200} if proof else expected, got):
            return
        assert ("proof_only" in got.json()["marks"]) == proof, got.text
        if proof:
            return
        life.stays.append(stay)
        if not past:
            self.begins(life, who)
        self.learn(life, self.told_of(life))

    def begins(self, life: Life, who: str) -> None:
        """The first to arrive begins the service; nobody need stand by any longer."""
        if life.status == "accepted":
            life.did("start", role_of(life, who))
            life.take_back("open", "asked", "standby")
            life.enter("in_service", self.now)

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
            ready=lambda one, _, now: whose in one.crew and whose not in one.declared and proven + 30 <= 120,
        )
        expected = answer(life, verb, who, "", self.now)
        if expected == {409, 422, 429}:
            expected = WRONG
        body = {"person_id": str(self.district[whose].id), "minutes": 30, "reason": "手机没电"}
        got = self.call(who, "POST", f"/orders/{life.id}/attendance", body)
        if self.tell(who, f"declares 30 min of {whose} for", life, expected, got):
            life.declared[whose] = 30
            self.begins(life, who)
            self.learn(life, self.told_of(life))
