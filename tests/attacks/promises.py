"""What is promised and told of in the stories: that a team comes, when it comes instead, and which order stays."""

from datetime import timedelta
from typing import Any

from tests.attacks.doings import REASON, Doings
from tests.attacks.life import BEFORE_SERVICE, Life, Verb, answer


class Promises(Doings):
    """Each says beforehand what must be answered, to whoever asks."""

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

    def it_is_confirmed(self, life: Life, who: str) -> None:
        """Said twice is said once: the second time nothing happens, and it is no fault."""
        verb = Verb(Life.leaders, ("accepted",), lambda one, _: None)
        expected, steps = answer(life, verb, who, "", self.now), int(not life.confirmed)
        got = self.call(who, "POST", f"/orders/{life.id}/confirm")
        if self.tell(who, "confirms" if steps else "reconfirms", life, expected, got):
            life.confirmed = True
            self.moved(life, life.status, steps)

    def it_is_postponed(self, life: Life, who: str, days: int, cause: str) -> None:
        """To nine in the morning of another day: a time to come, and not the one that is agreed already."""
        start = (self.now + timedelta(days=days)).replace(hour=1, minute=0)
        verb = Verb(
            lambda one: one.leaders() | {"dispatcher"},
            ("accepted", "in_service"),
            lambda one, _: None,
            lambda one, _, now: (
                start > now and start != one.start and (cause != "half_done" or one.status == "in_service")
            ),
        )
        expected, before = answer(life, verb, who, "", self.now), life.status
        body: dict[str, Any] = {"scheduled_start": start.isoformat(), "cause": cause, **REASON}
        got = self.call(who, "POST", f"/orders/{life.id}/postpone", body)
        if self.tell(who, "postpones", life, expected, got):
            life.status = "accepted"
            self.moved(life, before, 1)
            assert life.start == start
