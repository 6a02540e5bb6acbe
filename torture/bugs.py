"""Guarantees that can be broken on purpose, and by which rule the checker must notice each."""

from collections.abc import Mapping, Set
from datetime import timedelta
from typing import Final, NamedTuple

from torture.history import History


class Bug(NamedTuple):
    """`rules`: any of them is the right diagnosis; `sql` is done to the database before the run; `strides` are how
    far the clock has to go afterwards for the bug to show (the last is always to the next forenoon). What shows
    `at_once` needs no such time.
    """

    what: str
    rules: Set[str]
    sql: str = ""
    strides: tuple[timedelta, ...] = ()
    enough: tuple[str, int] = ("accept", 12)
    """So many acknowledged writes of this kind, and it must have shown."""
    at_once: bool = False

    def shown(self, history: History) -> bool:
        verb, count = self.enough
        return history.acknowledged(verb) >= count


BUGS: Final[Mapping[str, Bug]] = {
    "lost_ack": Bug(
        "answers, and rolls back now and then", {"write_lost"}, enough=("approve", 10), at_once=True
    ),
    "double_accept": Bug(
        "moves without comparing the state, and two accepted offers may stand",
        {"team_twice", "walk_broken"},
        sql="DROP INDEX uq_offer_accepted; DROP INDEX uq_offer_never_again",
        at_once=True,
    ),
    "double_credit": Bug(
        "credits without asking what was credited before",
        {"points_wrong", "points_early"},
        enough=("review", 14),
    ),
    "lost_notice": Bug("forgets to tell now and then", {"notice_lost"}, at_once=True),
    "forgotten_key": Bug(
        "does a repeated request again", {"answer_repeated", "write_repeated"}, at_once=True
    ),
    "forgetful_sender": Bug(
        "writes down that it has sent, and does not send", {"message_forged", "message_lost"}
    ),
    "stammering_sender": Bug("sends now and then what it has sent once more", {"message_repeated"}),
    "forgotten_look": Bug(
        "shows the contacts and forgets now and then to write who looked",
        {"look_lost"},
        enough=("reveal", 30),
        at_once=True,
    ),
    "stammering_look": Bug(
        "writes each press of the hour", {"look_twice"}, enough=("reveal", 40), at_once=True
    ),
    "open_door": Bug(
        "shows a team the contacts of whatever it once had",
        {"look_untimely"},
        enough=("reveal", 80),
        at_once=True,
    ),
    "blind_clock": Bug(
        "overlooks every second order that is due", {"left_behind"}, strides=(timedelta(days=2),)
    ),
}
