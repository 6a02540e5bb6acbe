"""订阅消息模板: what a resident, a leader or a volunteer is asked consent for, and which notice needs which.

Few templates on purpose: one consent is one message, and a mini-program may ask for a handful at a time.
"""

from enum import StrEnum
from typing import NamedTuple

from app.domain.lifecycle import Action
from app.domain.notices import Audience
from app.domain.reminders import Reminder


class Template(StrEnum):
    PROGRESS = "progress"
    """To who placed the order: what became of it."""
    REVIEW = "review"
    VISIT = "visit"
    """To those who will meet: the appointment comes near."""
    OFFER = "offer"
    CHANGE = "change"
    """To teams and crews: what they had agreed to is different now."""
    DESK = "desk"


class Source(StrEnum):
    """What a field of a template can show."""

    TITLE = "title"
    STATUS = "status"
    TIME = "time"
    NOTE = "note"
    NUMBER = "number"


class Form(NamedTuple):
    """A template as the mini-program's account holds it: its id, and what each of its fields shows."""

    template_id: str
    fields: dict[str, Source]


_S = Source

FIELDS: dict[Template, dict[str, Source]] = {
    Template.PROGRESS: {"thing1": _S.TITLE, "phrase2": _S.STATUS, "time3": _S.TIME, "thing4": _S.NOTE},
    Template.REVIEW: {"thing1": _S.TITLE, "time2": _S.TIME, "thing3": _S.NOTE},
    Template.VISIT: {"thing1": _S.TITLE, "time2": _S.TIME, "thing3": _S.NOTE},
    Template.OFFER: {"thing1": _S.TITLE, "time2": _S.TIME, "thing3": _S.NOTE},
    Template.CHANGE: {"thing1": _S.TITLE, "time2": _S.TIME, "thing3": _S.NOTE},
    Template.DESK: {"thing1": _S.TITLE, "time2": _S.TIME, "thing3": _S.NOTE},
}
"""The fields that are assumed where an account's template does not name its own."""

_USUAL: dict[Audience, Template] = {
    Audience.RESIDENT: Template.PROGRESS,
    Audience.TEAM: Template.CHANGE,
    Audience.ASKED: Template.CHANGE,
    Audience.INSTEAD: Template.OFFER,
    Audience.CREW: Template.CHANGE,
    Audience.STAFF: Template.DESK,
}
_SPECIAL: dict[tuple[str, Audience], Template] = {
    (Action.DELIVER, Audience.RESIDENT): Template.REVIEW,
    (Action.NAME_CREW, Audience.CREW): Template.VISIT,
    **{
        (kind, audience): Template.OFFER
        for kind in (Action.DISPATCH, Action.WIDEN, Action.PROMOTE, Action.ASK_STANDBY)
        for audience in (Audience.TEAM, Audience.ASKED)
    },
    **{
        (kind, audience): Template.VISIT
        for kind in (Reminder.ASK_CONFIRM, Reminder.TOMORROW, Reminder.LAST_CALL, Reminder.UNCONFIRMED)
        for audience in (Audience.RESIDENT, Audience.TEAM, Audience.CREW)
    },
}
_INBOX_ONLY: frozenset[tuple[str, Audience]] = frozenset(
    {
        (Action.START, Audience.RESIDENT),
        (Action.START, Audience.ASKED),
        (Action.REVIEW, Audience.TEAM),
        (Action.ACCEPT, Audience.ASKED),
        (Action.STAND_BY, Audience.ASKED),
    }
)
"""Not worth a consent: who hears of it is there, or has nothing to do about it."""


def template_of(kind: str, audience: Audience) -> Template | None:
    """The template by which a notice goes to a phone; None for what stays in the inbox."""
    if (kind, audience) in _INBOX_ONLY:
        return None
    return _SPECIAL.get((kind, audience), _USUAL[audience])
