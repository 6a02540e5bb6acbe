"""The fault test: its checker notices each broken promise, its plan is what it says, a short storm is survived."""

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from app.models.audit import Reveal
from tests.tale import AT, Tale, tell
from torture.bugs import BUGS
from torture.checker import judge
from torture.faults import KILLS, Fault, Kind
from torture.history import History, Outcome, read
from torture.nemesis import plan
from torture.offset import Offset

ROOT = Path(__file__).parents[1]


@pytest.fixture
def tale() -> Tale:
    return tell()


def test_a_tale_without_a_fault_is_believed(tale: Tale) -> None:
    assert judge(tale.evidence) == []


def lose_the_order(tale: Tale) -> None:
    tale.seen.orders.clear()


def lose_an_event(tale: Tale) -> None:
    del tale.events[5]


def undo_a_decline(tale: Tale) -> None:
    tale.offers[1].answered_at = None


def lose_a_stay(tale: Tale) -> None:
    tale.stays.clear()


def answer_otherwise(tale: Tale) -> None:
    tale.entries.append(replace(tale.entries[1], again=True, http=409, code="illegal_move", digest="other"))


def fail_inside(tale: Tale) -> None:
    tale.entries.append(replace(tale.entries[1], key="another", outcome=Outcome.REFUSED, http=500))


def act_unasked(tale: Tale) -> None:
    tale.forget("approve")


def refuse_and_act(tale: Tale) -> None:
    tale.refuse("approve", tries=1)


def change_the_past(tale: Tale) -> None:
    tale.events[2].to_status = OrderStatus.POOLED


def skip_a_step(tale: Tale) -> None:
    tale.events[4].from_status = OrderStatus.OFFERED


def accept_twice(tale: Tale) -> None:
    tale.offers[1].status = tale.offers[0].status


def leave_a_gap(tale: Tale) -> None:
    tale.events[3].position = 99


def forget_to_tell(tale: Tale) -> None:
    del tale.notices[tale.about("accept", "resident")]


def forget_the_recalled(tale: Tale) -> None:
    del tale.notices[tale.about("accept", "asked")]


def tell_of_nothing(tale: Tale) -> None:
    tale.notices[tale.about("deliver", "resident")].dedupe_key = f"{tale.order.id.hex}:9:resident:"


def forget_to_send(tale: Tale) -> None:
    notice = tale.notices[tale.about("accept", "resident")]
    del tale.sendings[notice.id]


def pretend_to_send(tale: Tale) -> None:
    tale.messages.pop()


def send_again(tale: Tale) -> None:
    tale.messages.append(tale.messages[-1])


def send_what_nobody_owes(tale: Tale) -> None:
    tale.messages.append(replace(tale.messages[-1], openid="o-stranger"))


def credit_again(tale: Tale) -> None:
    tale.credits.append(tale.credits[0])


def credit_nothing(tale: Tale) -> None:
    tale.credits.clear()


def overlook_a_limit(tale: Tale) -> None:
    tale.wait_since(OrderStatus.APPROVED, tale.due_by - timedelta(hours=1))


def overlook_a_message(tale: Tale) -> None:
    tale.notices[0].send_at = tale.due_by - timedelta(hours=1)


def leave_unplaced(tale: Tale) -> None:
    tale.events[-1].position = None


def forget_who_looked(tale: Tale) -> None:
    tale.looks.clear()


def date_the_look_otherwise(tale: Tale) -> None:
    tale.looks[0].created_at -= timedelta(minutes=70)


def write_each_press(tale: Tale) -> None:
    tale.looks.append(Reveal(**tale.looks[0].model_dump() | {"created_at": AT + timedelta(minutes=59)}))


def look_unasked(tale: Tale) -> None:
    tale.forget("reveal")


def look_and_refuse(tale: Tale) -> None:
    tale.refuse("reveal", tries=1)


def look_after_the_end(tale: Tale) -> None:
    tale.send("reveal", len(tale.entries))


def look_before_a_team_came(tale: Tale) -> None:
    tale.send("reveal", -1)


BROKEN: dict[str, tuple[Callable[[Tale], None], ...]] = {
    "write_lost": (lose_the_order, lose_an_event, undo_a_decline, lose_a_stay),
    "write_repeated": (act_unasked, refuse_and_act),
    "write_changed": (change_the_past,),
    "answer_repeated": (answer_otherwise,),
    "answer_broken": (fail_inside,),
    "walk_broken": (skip_a_step,),
    "walk_gap": (lose_an_event,),
    "look_lost": (forget_who_looked, date_the_look_otherwise),
    "look_twice": (write_each_press,),
    "look_unasked": (look_unasked, look_and_refuse),
    "look_untimely": (look_after_the_end, look_before_a_team_came),
    "team_twice": (accept_twice,),
    "feed_gap": (leave_a_gap,),
    "notice_lost": (forget_to_tell, forget_the_recalled),
    "notice_unowed": (tell_of_nothing,),
    "message_lost": (forget_to_send,),
    "message_forged": (pretend_to_send,),
    "message_repeated": (send_again,),
    "message_unowed": (send_what_nobody_owes,),
    "points_wrong": (credit_again, credit_nothing),
    "left_behind": (overlook_a_limit, overlook_a_message, leave_unplaced),
}


@pytest.mark.parametrize(("rule", "damage"), [(rule, one) for rule in BROKEN for one in BROKEN[rule]])
def test_each_broken_promise_is_noticed(tale: Tale, rule: str, damage: Callable[[Tale], None]) -> None:
    damage(tale)
    assert rule in {one.rule for one in judge(tale.evidence)}


def test_every_planted_bug_has_a_rule_that_is_tested() -> None:
    assert all(bug.rules <= BROKEN.keys() | {"points_early"} for bug in BUGS.values())


@pytest.mark.parametrize("verb", ["approve", "reveal"])
def test_a_refusal_is_sure_only_of_the_one_try_there_was(tale: Tale, verb: str) -> None:
    tale.refuse(verb, tries=2)
    assert judge(tale.evidence) == []


def test_a_second_look_in_the_hour_needs_no_trace_of_its_own(tale: Tale) -> None:
    (look,) = (one for one in tale.entries if one.verb == "reveal")
    later = AT + timedelta(minutes=50)
    tale.entries.append(replace(look, key="again", since=later, until=later))
    assert judge(tale.evidence) == []


@pytest.mark.parametrize("answered", [True, False])
def test_a_message_may_come_again_only_with_an_excuse(tale: Tale, answered: bool) -> None:
    first = tale.messages[-1]
    tale.messages[-1] = replace(first, answered=answered)
    tale.messages.append(replace(first, at=first.at + 60))
    assert [one.rule for one in judge(tale.evidence)] == (["message_repeated"] if answered else [])
    killed = Fault(Kind.KILL_WORKER, "worker 1", first.at + 1, first.at + 2)
    assert judge(replace(tale.evidence, faults=[killed])) == []


def test_the_plan_kills_often_and_is_drawn_by_its_seed() -> None:
    strokes = plan(180, random.Random(4))
    assert strokes == plan(180, random.Random(4)) != plan(180, random.Random(5))
    assert sum(stroke.kind in KILLS for stroke in strokes) >= 30
    assert [stroke.at for stroke in strokes] == sorted(stroke.at for stroke in strokes)
    assert {stroke.kind for stroke in strokes} == set(Kind)
    assert {stroke.kind for stroke in plan(5, random.Random(4))} >= KILLS


def test_the_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    for entry in tell().entries:
        history.add(entry)
    history.close()
    assert read(tmp_path / "history.jsonl") == history.entries
    assert history.acknowledged("accept") == 1


def test_processes_that_follow_a_file_share_its_jumps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_source", clock.now)  # put back what is changed here
    offset = Offset(tmp_path / "clock")
    clock.follow(offset.file)
    for jump in (timedelta(days=8), -timedelta(seconds=30)):
        before = clock.now()
        offset.jump(jump)
        assert abs(clock.now() - before - jump) < timedelta(seconds=5)
    assert abs(offset.now() - clock.now()) < timedelta(seconds=5)
    offset.close()


def test_a_short_storm_is_survived_and_a_planted_bug_is_not() -> None:
    """Real processes and a real PostgreSQL, killed; after it the same with a bug, which must be noticed."""
    command = [sys.executable, "-m", "torture", "--small", "--seconds", "6", "--then", "lost_ack"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost_ack: write_lost" in done.stdout
