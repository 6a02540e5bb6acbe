"""How volunteers are, in numbers: every assumption of the behaviour model, with its reason.

No published series says how teams answer requests, so these are assumptions; docs/policy-lab.md shows what
becomes of the result when each is halved and doubled. One of them, `willing`, is not assumed but calibrated
(calibration.py) on the one fact that the seeds give: of 17,200 orders placed in 慈利, 12,300 were taken (S4.8).
"""

from dataclasses import dataclass, fields, replace
from typing import Final

WILLING: Final = 13.3
"""Calibrated: see docs/policy-lab.md and tests/lab/test_calibration.py."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Odds multiply; what is added to a logarithm of odds says so. Half-lives are in days."""

    willing: float = WILLING
    """Odds of a yes from a typical team that read the request, is rested and lives next door."""

    eagerness: float = 0.8
    """Standard deviation, in log-odds, of what nobody sees: one team in six says yes 2.2 times as readily as
    the typical one, one in six as rarely."""

    distance: float = 0.8
    """Log-odds lost between the own doorstep and the edge of the radius that the team has named: it said that it
    would go so far, and goes less gladly."""

    fit: float = 0.6
    """Log-odds between beginners and masters of what is asked: people like doing what they are good at."""

    tired: float = 0.25
    """Log-odds lost for each service that is still felt: after four in a month many say “not
    again”."""

    tired_days: float = 14.0
    """Half-life of a service felt."""

    unread: float = 0.12
    """Requests that nobody reads in time, whatever else: a leader without signal, on a journey, ill."""

    numb: float = 0.05
    """Each request still remembered makes the next one less read, as 1 / (1 + numb · remembered): groups are
    muted."""

    numb_days: float = 3.5
    """Half-life of a request remembered."""

    night: float = 0.5
    """Emergencies that are heard at night. Other requests wait for the morning."""

    delay: float = 60.0
    """Median minutes, of waking time, from an ordinary request to its answer: the leader asks around."""

    delay_spread: float = 1.0
    """Standard deviation of the logarithm of that delay: one answer in six takes 2.7 times as long."""

    release: float = 0.05
    """Accepted orders that a typical team gives back before they begin."""

    no_show: float = 0.02
    """Accepted orders to which nobody comes and nobody says so."""

    unreliable: float = 0.5
    """How much less eager teams give back and stay away more: log-odds for each unit of eagerness missing."""

    def changed(self, name: str, factor: float) -> "Habits":
        """The same people with one habit multiplied. Raises ValueError for a habit that is none."""
        if name not in {one.name for one in fields(self)}:
            raise ValueError(name)
        return replace(self, **{name: getattr(self, name) * factor})


HASTE: Final = (1.0, 0.3, 0.1)
"""The delay of normal, urgent and emergency requests against each other: 60, 18 and 6 minutes in the median."""

AWAKE: Final = (450, 1290)
"""07:30 to 21:30: when phones are read."""

RATING: Final = (4.5, 0.7)
"""Mean and standard deviation of the stars of a typical service, before rounding into 1 to 5."""
