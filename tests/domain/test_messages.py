"""What a phone is told: by which template, in fields that WeChat takes, at a decent hour."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.delivery import BACKOFF, HOOK_BACKOFF, Phone, next_call, next_try, texted
from app.domain.lifecycle import Action, OrderStatus
from app.domain.messages import Subject, filled, note_of, status_after
from app.domain.notices import NOTICES, Audience
from app.domain.policy import Urgency
from app.domain.quiet import after_quiet
from app.domain.reminders import REMINDERS, Reminder
from app.domain.templates import FIELDS, Source, Template, template_of

CHINA = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
LIMITS = {
    "thing1": r"\S|\S(?s:.){0,18}\S",
    "phrase1": r"[\u4e00-\u9fff]{1,5}",
    "character_string1": r"[!-~]{1,32}",
    "letter1": r"[!-~]{1,32}",
    "number1": r"[0-9]{1,32}",
    "name1": r"\S{1,10}",
    "phone_number1": r"[0-9+-]{1,17}",
    "time1": r"2026年11月28日 09:00",
    "date1": r"2026年11月28日 09:00",
    "unheard1": r"(?s:.){1,20}",
}
"""What WeChat takes, by the field's name."""


@given(st.text(max_size=60), st.sampled_from(sorted(LIMITS)), st.sampled_from(Source))
def test_whatever_there_is_to_say_fits(text: str, field: str, source: Source) -> None:
    subject = Subject(title=text, status=text, time=AT.astimezone(CHINA), note=text, number=text)
    value = filled({field: source}, subject)[field]
    assert re.fullmatch(LIMITS[field], value), value
    assert "\n" not in value


def test_a_field_keeps_what_it_can() -> None:
    subject = Subject(
        "独居老人家庭保洁与擦窗并清洗厨房油烟机", "待派单", AT.astimezone(CHINA), "请评价", "0a1b2c3d"
    )
    fields = {
        "thing1": Source.TITLE,
        "phrase2": Source.STATUS,
        "thing3": Source.TIME,
        "number4": Source.NUMBER,
    }
    assert filled(fields, subject) == {
        "thing1": "独居老人家庭保洁与擦窗并清洗厨房油烟机",
        "phrase2": "待派单",
        "thing3": "11月28日 09:00",
        "number4": "0123",
    }
    long = filled({"thing1": Source.NOTE}, Subject("", "", AT, "一" * 21, ""))["thing1"]
    assert long == "一" * 19 + "…"


def test_every_notice_has_a_template_or_stays_and_its_note_reads() -> None:
    for kind, told in (*NOTICES.items(), *REMINDERS.items()):
        for audience in told:
            template = template_of(kind, audience)
            assert template is None or template in FIELDS
            note = note_of(kind, audience, "约在周六")
            assert note
            assert "“”" not in note
            assert not note.startswith(("，", "："))
    assert not {kind.value for kind in Reminder} & {kind.value for kind in Action}


@pytest.mark.parametrize(
    ("kind", "audience", "template"),
    [
        (Action.APPROVE, Audience.RESIDENT, Template.PROGRESS),
        (Action.DELIVER, Audience.RESIDENT, Template.REVIEW),
        (Reminder.TOMORROW, Audience.RESIDENT, Template.VISIT),
        (Action.DISPATCH, Audience.ASKED, Template.OFFER),
        (Action.ASK_STANDBY, Audience.ASKED, Template.OFFER),
        (Action.CANCEL, Audience.CREW, Template.CHANGE),
        (Reminder.DIGEST, Audience.STAFF, Template.DESK),
        (Action.START, Audience.RESIDENT, None),
    ],
)
def test_who_is_told_by_which(kind: str, audience: Audience, template: Template | None) -> None:
    assert template_of(kind, audience) is template
    assert template_of(str(kind), audience) is template


def test_the_state_is_that_to_which_the_move_led() -> None:
    assert status_after("release", OrderStatus.OFFERED) == "待派单"
    assert status_after("tomorrow", OrderStatus.ACCEPTED) == "已接单"
    assert status_after("digest", None) == "提醒"


@pytest.mark.parametrize(
    ("begins", "ends", "local", "until"),
    [
        ("21:30", "07:30", "21:29", None),
        ("21:30", "07:30", "21:30", (1, "07:30")),
        ("21:30", "07:30", "00:10", (0, "07:30")),
        ("21:30", "07:30", "07:30", None),
        ("12:00", "14:00", "13:00", (0, "14:00")),
        ("12:00", "14:00", "14:00", None),
        ("00:00", "00:00", "00:00", None),
    ],
)
def test_quiet_hours(begins: str, ends: str, local: str, until: tuple[int, str] | None) -> None:
    day = datetime(2026, 11, 23, tzinfo=CHINA)

    def at(text: str, days: int = 0) -> datetime:
        return datetime.combine(
            day.date() + timedelta(days=days), time.fromisoformat(text), CHINA
        ).astimezone(UTC)

    awake = after_quiet(at(local), time.fromisoformat(begins), time.fromisoformat(ends), CHINA)
    assert awake == (at(until[1], until[0]) if until else at(local))


@pytest.mark.parametrize(
    ("phone", "audience", "urgency", "worth_it"),
    [
        (Phone(None, "13800000001"), Audience.RESIDENT, Urgency.NORMAL, True),
        (Phone("o", "13800000001"), Audience.RESIDENT, Urgency.NORMAL, False),
        (Phone("o", "13800000001"), Audience.RESIDENT, Urgency.URGENT, True),
        (Phone(None, "13800000001"), Audience.TEAM, Urgency.NORMAL, False),
        (Phone(None, "13800000001"), Audience.TEAM, Urgency.EMERGENCY, True),
        (Phone(None, "0731-88888888"), Audience.RESIDENT, Urgency.EMERGENCY, False),
        (Phone(None, "+85251234567"), Audience.RESIDENT, Urgency.URGENT, False),
        (Phone(None, ""), Audience.RESIDENT, Urgency.NORMAL, False),
    ],
)
def test_what_is_worth_a_text_message(
    phone: Phone, audience: Audience, urgency: Urgency, worth_it: bool
) -> None:
    assert texted(phone, audience, urgency) is worth_it


def test_it_is_tried_again_ever_later_up_to_a_limit() -> None:
    waits = [(next_try(n, AT) - AT).total_seconds() / 60 for n in range(1, 7)]
    assert waits == [1, 5, 15, 60, 60, 60] == [*BACKOFF, 60, 60]
    pauses = [(next_call(n, AT) - AT).total_seconds() for n in range(1, 11)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-3] == HOOK_BACKOFF[-1] == 6 * 3600
