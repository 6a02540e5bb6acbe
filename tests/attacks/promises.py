"""What is promised in the stories: that a team comes, or would come instead, and when; that a department helps."""

from datetime import timedelta
from typing import Any, Final

from tests.attacks.doings import REASON, Doings, role_of
from tests.attacks.life import BEFORE_SERVICE, LED_BY, WAITING, Life
from tests.attacks.verbs import Verb, answer, asked, can_be_asked, whoever_calls

REPORTERS: Final = frozenset({"dispatcher", "reporter"})
"""Who dispatches at the department, or above it."""


class Promises(Doings):
    """Each says beforehand what must be answered, to whoever asks."""

    def a_question_is_answered(self, life: Life, who: str, team: str, *, yes: bool) -> None:
        """Whether the team takes the order, or stands by; who stands by may step back at any time."""
        found = self.call("dispatcher", "GET", f"/offers?order_id={life.id}").json()["items"]
        its = [one for one in found if one["team_id"] == str(self.teams[team])]
        if not its:
            return
        state = life.offers[team]
        if who != LED_BY[team]:
            expected = {403} if who in ("dispatcher", "admin", "supervisor") else {404}
        elif state == "open":
            expected = self.can_still_come(life) if yes else {200}
        else:
            expected = {200} if state == "asked" or (state == "standby" and not yes) else {409}
        verb = f"{'accept' if yes else 'decline'}"
        got = self.call(who, "POST", f"/offers/{its[0]['id']}/{verb}", {} if yes else REASON)
        deed = verb if state == "open" else f"{verb}s-standby"
        if not self.tell(who, deed, life, expected, got):
            return
        if state == "open" and yes:
            life.did("accept", "team_leader")
            self.taken(life, team, got)
        elif yes:
            life.did("stand_by", "team_leader")
            life.offers[team] = "standby"
            life.take_back("open", "asked")
        else:
            life.offers[team] = "declined"
            self.refused(life, state)
        self.learn(life, got.json())

    def taken(self, life: Life, team: str, got: Any) -> None:
        """Whoever else is asked is asked to stand by where nobody may be let wait; elsewhere no longer."""
        start = self.agreed_start(life, got)
        life.agree(team, start, self.now)
        others = life.open_to("open")
        if others and life.urgency != "normal" and not life.standby and self.now < start:
            life.did("ask_standby", "system")
            for other in others:
                life.offers[other] = "asked"
                life.until[other] = min(self.now + life.answer_limit, start)
        else:
            life.take_back("open")

    def refused(self, life: Life, state: str) -> None:
        if state == "standby":
            life.did("stand_down", "team_leader")
        elif state == "open" and not life.open_to("open"):
            life.did("decline", "team_leader")
            life.enter("approved", self.now)
            if life.standby:
                life.promote(self.now)
                life.did("promote", "system")

    def the_department_reports(self, life: Life, who: str, team: str | None, *, helps: bool) -> None:
        """It sends a team, promises help (then a person takes over), or cannot. Late is better than never."""
        sent = team if helps else None
        verb = Verb(
            lambda one: set(REPORTERS),
            ("approved",) if sent else WAITING,
            ready=lambda one, _, now: (
                False if one.answered else can_be_asked(one, sent, now) if sent else True
            ),
        )
        expected = answer(life, verb, who, "", self.now) if life.called else {404}
        body = {"can_help": helps, "note": "已联系", "team_id": str(self.teams[sent]) if sent else None}
        got = self.call(who, "POST", f"/orders/{life.id}/report", body)
        if self.tell(who, "sends" if sent else "helps" if helps else "cannot-help", life, expected, got):
            life.did("report", "dispatcher")
            life.answered = True
            if helps:
                life.by_hand()
            if sent:
                life.did("dispatch", "system")
                asked(life, sent, self.now)
            self.learn(life, got.json())

    def it_is_merged(self, life: Life, who: str, kept: Life) -> None:
        verb = Verb(
            lambda one: {"dispatcher"} if kept.sees(who) else set(),
            ("submitted", "approved"),
            ready=lambda one, _, now: kept is not one and kept.status in BEFORE_SERVICE,
        )
        expected = answer(life, verb, who, "", self.now)
        if expected == {403}:
            expected = {403, 404}
        got = self.call(who, "POST", f"/orders/{life.id}/merge", {"into_id": kept.id, **REASON})
        if self.tell(who, f"merges into {self.lives.index(kept) + 1}", life, expected, got):
            life.did("merge", role_of(life, who))
            life.end("merged", self.now)
            kept.did("join", role_of(kept, who))
            self.learn(life, got.json())
            self.learn(kept, self.told_of(kept))

    def it_is_confirmed(self, life: Life, who: str) -> None:
        """Said twice is said once: the second time nothing happens, and it is no fault."""
        verb = Verb(Life.leaders, ("accepted",))
        expected, first = answer(life, verb, who, "", self.now), not life.confirmed
        got = self.call(who, "POST", f"/orders/{life.id}/confirm")
        if self.tell(who, "confirms" if first else "reconfirms", life, expected, got):
            life.confirmed = True
            if first:
                life.did("confirm", "team_leader")
            self.learn(life, got.json())

    def it_is_postponed(self, life: Life, who: str, days: int, cause: str) -> None:
        """To nine in the morning of another day: a time to come, and not the one that is agreed already. The team,
        its crew, the standby and all stays are kept."""
        start = (self.now + timedelta(days=days)).replace(hour=1, minute=0)
        half = cause == "half_done"
        verb = Verb(
            whoever_calls,
            ("accepted", "in_service"),
            ready=lambda one, _, now: (
                start > now and start != one.start and (not half or one.status == "in_service")
            ),
        )
        expected = answer(life, verb, who, "", self.now)
        body: dict[str, Any] = {"scheduled_start": start.isoformat(), "cause": cause, **REASON}
        got = self.call(who, "POST", f"/orders/{life.id}/postpone", body)
        if self.tell(who, "postpones", life, expected, got):
            if life.status == "in_service" and life.start:
                life.interrupted = self.now, life.start
            life.did("postpone", role_of(life, who))
            assert life.team
            life.agree(life.team, start, self.now)
            self.learn(life, got.json())
