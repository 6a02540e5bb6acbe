"""What the stories of tests/attacks/test_lives.py are made of: a call, what its answer tells, and the clock."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from app import clock
from app.worker import JOBS
from tests.attacks.life import LAST_CALL, OVER, SERVICE, Life, quarter
from tests.attacks.ticking import DEEDS, Asked, Told, owed
from tests.attacks.town import Customs, Town
from tests.factories import District

CLOCKWORK: Final = (
    "lapse_offers",
    "lapse_pool",
    "keep_appointments",
    "dispatch_waves",
    "mark_overdue",
    "chase_reports",
    "close_orders",
)
ROUNDS: Final = 40
"""By then every clock has come to rest, also where each order takes its whole road at once."""


class Clockwork(RuleBasedStateMachine):
    """A few orders of one center at once. `self.now` is everybody's clock."""

    town: Town
    customs: Customs
    district: District
    teams: dict[str, UUID]
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

    def learn(self, life: Life, shown: dict[str, Any]) -> None:
        """Whatever the service tells of the order is what the model says; where the pages leave a time open it is
        taken from there, within what they leave."""
        window = _span(shown["window"])
        agreed, due = shown["scheduled"], shown["due_at"]
        if life.again:
            self.begun_again(life, window)
        if life.status == "in_service" and life.due is None:
            life.due = datetime.fromisoformat(due)
        team = str(self.teams[life.team]) if life.team else None
        is_now = (shown["status"], shown["version"], shown["team_id"], window)
        assert is_now == (life.status, len(life.line), team, life.window), (is_now, life)
        assert (_span(agreed)[0] if agreed else None) == life.start, (agreed, life)
        if life.status not in OVER:
            assert (datetime.fromisoformat(due), shown["auto"]) == (life.due, life.auto), (due, life)

    def begun_again(self, life: Life, window: tuple[datetime, datetime]) -> None:
        """The team has gone: what is left of the window, or, if that is too short to serve in, as long a one."""
        (first, last), (begins, ends) = life.window, window
        assert begins == max(first, quarter(self.now)) or begins == first, (window, life)
        assert ends == last or ends - begins >= last - first, (window, life)
        assert self.now + SERVICE <= ends, f"nobody can serve in {window}"
        life.window, life.again = window, False

    def agreed_start(self, life: Life, got: httpx.Response) -> datetime:
        """When a team that takes the order will come: within the window, and as long as there is time not in the
        past."""
        start = _span(got.json()["scheduled"])[0]
        assert life.window[0] <= start <= max(life.latest, life.window[0]), (start, life)
        assert start >= min(self.now, life.latest), (start, life)
        return start

    def tell(self, who: str, deed: str, life: Life, expected: set[int], got: httpx.Response) -> bool:
        """The step in words, and whether it was done. Raises AssertionError when it was answered otherwise."""
        number = self.lives.index(life) + 1
        note(f"{self.now:%a %d %H:%M} {who}: {deed} order {number} ({life.status}) → {got.status_code}")
        self.town.steps[f"{deed.split()[0]} {'done' if got.is_success else 'refused'}"] += 1
        said = 200 if got.is_success else got.status_code
        assert said in expected, f"{who} {deed}: {got.status_code}, not {expected}: {got.text}"
        return got.is_success

    def time_passes(self, length: timedelta) -> None:
        self.now += length
        note(f"{self.now:%a %d %H:%M} {length} have passed")
        self.clockwork()

    def the_hour_has_come(self, life: Life, minutes: int) -> None:
        """The clock goes on to about when a team said that it comes."""
        if life.start is not None and life.status == "accepted":
            self.now = max(self.now, life.start + timedelta(minutes=minutes))
            note(f"{self.now:%a %d %H:%M} it is about time")
            self.clockwork()

    async def jobs(self, dice: random.Random) -> None:
        """Each at its own pace, in any order, until none finds anything to do."""
        for _ in range(ROUNDS):
            names = dice.sample(CLOCKWORK, len(CLOCKWORK))
            if not sum([await JOBS[name](self.town.house, self.now, 100) for name in names]):
                return
        raise AssertionError(f"after {ROUNDS} rounds the clock still finds something to do")

    def clockwork(self) -> None:
        """The jobs run; all they did was theirs to do, and nothing that was due by now is left undone."""
        dice = random.Random(len(self.lives) + sum(len(life.line) for life in self.lives))
        with clock.at(self.now):
            self.town.loop.run(self.jobs(dice))
        listed = self.call("dispatcher", "GET", "/orders?limit=100").json()["items"]
        shown = {one["id"]: one for one in listed}
        for life in self.lives:
            if shown[life.id]["version"] != len(life.line):
                self.hear(life, shown[life.id])
            life.lapse(self.now, "open", "asked")
            self.learn(life, shown[life.id])
        told = self.told()
        for life in self.lives:
            left = owed(life, told)
            assert not left, f"{self.now}: {left} of {life}"
            if life.status == "accepted" and life.start and not life.confirmed:
                life.rung |= self.now >= life.start - LAST_CALL

    def told(self) -> Told:
        """What decides about whom the clock may ask."""
        begin = self.now - timedelta(days=1)
        asks = [team for life in self.lives for team, at in life.asks if begin < at < self.now]
        rows = [team for life in self.lives for team, at in (*life.asks, *life.takes) if begin < at]
        return Told(self.now, Counter(asks), Counter(rows), self.customs.largest)

    def hear(self, life: Life, shown: dict[str, Any]) -> None:
        """What the clock has done to an order since it was last heard of, line by line."""
        line = self.call("dispatcher", "GET", f"/orders/{life.id}/events").json()
        told = self.told()
        for event in line[len(life.line) :]:
            number = self.lives.index(life) + 1
            note(f"{self.now:%a %d %H:%M} the clock: {event['action']} order {number} ({life.status})")
            assert event["actor_role"] == "system", event
            if event["action"] in ("dispatch", "widen"):
                told.asked = self.asked(life)
            assert event["action"] in DEEDS, event
            DEEDS[event["action"]](life, told)
            life.did(event["action"], "system")
            if life.again:
                self.begun_again(life, _span(shown["window"]))
            assert event["to_status"] == life.status, (event, life)

    def asked(self, life: Life) -> dict[str, Asked]:
        """The questions that are open now."""
        names = {str(team_id): team for team, team_id in self.teams.items()}
        found = self.call("dispatcher", "GET", f"/offers?order_id={life.id}&status=open").json()["items"]
        return {
            names[one["team_id"]]: Asked(datetime.fromisoformat(one["expires_at"]), one["standby"])
            for one in found
        }


def _span(shown: dict[str, str]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(shown["start"]), datetime.fromisoformat(shown["end"])
