"""Guarantees that can be broken on purpose, and by which rule the checker must notice each."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple


class Bug(NamedTuple):
    """`rules`: any of them is the right diagnosis; `sql` is done to the database before the run; `strides` are how
    far the clock has to go afterwards for the bug to show (the last is always to the next forenoon)."""

    what: str
    rules: frozenset[str]
    sql: str = ""
    strides: tuple[timedelta, ...] = ()


def _bug(what: str, rules: str, sql: str = "", strides: tuple[timedelta, ...] = ()) -> Bug:
    return Bug(what, frozenset(rules.split()), sql, strides)


BUGS: Final[Mapping[str, Bug]] = {
    "lost_ack": _bug("answers, and rolls back now and then", "write_lost"),
    "double_accept": _bug(
        "moves without comparing the state, and two accepted offers may stand",
        "team_twice walk_broken",
        "DROP INDEX uq_offer_accepted; DROP INDEX uq_offer_never_again",
    ),
    "double_credit": _bug("credits without asking what was credited before", "points_wrong points_early"),
    "lost_notice": _bug("forgets to tell now and then", "notice_lost"),
    "forgotten_key": _bug("does a repeated request again", "answer_repeated write_repeated"),
    "forgetful_sender": _bug(
        "writes down that it has sent, and does not send", "message_forged message_lost"
    ),
    "stammering_sender": _bug("sends what it has sent once more", "message_repeated"),
    "blind_clock": _bug(
        "overlooks every second order that is due", "left_behind", strides=(timedelta(days=2),)
    ),
}
