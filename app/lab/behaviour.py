"""How teams answer, come, and are liked: the hidden half of the county, equal for every policy.

What is hidden (eagerness, tiredness, numbness) is known to the replay alone. A policy learns of it what a center
learns: who answered how, and how the service was rated.
"""

from enum import IntEnum
from math import exp
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Rows
from app.lab.almanac import DAY
from app.lab.demand import EMERGENCY
from app.lab.draws import Draws, Purpose, Uniforms
from app.lab.habits import AWAKE, HASTE, RATING, Habits

Moods = NDArray[np.float64]
_NORMAL: Final = NormalDist()


class Says(IntEnum):
    NOTHING = 0
    NO = 1
    YES = 2


class Volunteers:
    """N teams with their moods. Minutes count from the first midnight of the year."""

    def __init__(
        self, teams: int, habits: Habits, rng: np.random.Generator, eager: Moods | None = None
    ) -> None:
        self._habits = habits
        drawn = rng.normal(size=teams) * habits.eagerness
        self._eager = drawn if eager is None else eager
        self._draws = Draws(rng)
        self._felt, self._remembered = np.zeros(teams), np.zeros(teams)
        self._felt_at, self._remembered_at = np.zeros(teams), np.zeros(teams)

    def answers(
        self,
        teams: Rows,
        order: int,
        attempts: NDArray[np.integer],
        now: int,
        urgency: int,
        far: Uniforms,
        fit: Uniforms,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What each asked team says, and in which minute. `far` 0 next door … 1 at the edge of
        the own radius; `fit` 0 beginners … 1 masters.

        Being asked is itself remembered. A second attempt may be read, but is not answered otherwise.
        """
        habits = self._habits
        remembered = _faded(self._remembered[teams], now - self._remembered_at[teams], habits.numb_days)
        self._remembered[teams], self._remembered_at[teams] = remembered + 1, now
        heard = (1 - habits.unread) / (1 + habits.numb * remembered)
        asleep = not AWAKE[0] <= now % DAY < AWAKE[1]
        if asleep and urgency == EMERGENCY:
            heard = heard * habits.night
        felt = _faded(self._felt[teams], now - self._felt_at[teams], habits.tired_days)
        mood = self._eager[teams] - habits.distance * far + habits.fit * (fit - 0.5) - habits.tired * felt
        odds = habits.willing * np.exp(mood)
        first = np.zeros(len(teams), np.int64)
        (said,) = self._draws.uniforms(teams, order, first, Purpose.SAY)
        reads, takes = self._draws.uniforms(teams, order, attempts, Purpose.READ, Purpose.DELAY)
        says = np.where(reads < heard, np.where(said < odds / (1 + odds), Says.YES, Says.NO), Says.NOTHING)
        waits = [self._delay(one, urgency) for one in takes.tolist()]
        at = [now + wait if urgency == EMERGENCY else awake_after(now, wait) for wait in waits]
        return says.astype(np.int64), np.array(at, np.int64)

    def gives_back(self, team: int, order: int) -> float | None:
        """At which part of the time until the service the team gives the order back; None: it does not."""
        if self._draws.one(team, order, Purpose.RELEASE) >= self._part(team, self._habits.release):
            return None
        return self._draws.one(team, order, Purpose.RELEASE_WHEN)

    def comes(self, team: int, order: int) -> bool:
        return self._draws.one(team, order, Purpose.COME) >= self._part(team, self._habits.no_show)

    def serve(self, team: int, now: int) -> None:
        """A service is felt from the moment at which it was promised."""
        felt = _faded(self._felt[team], now - self._felt_at[team], self._habits.tired_days)
        self._felt[team], self._felt_at[team] = felt + 1, now

    def stars(self, team: int, order: int, fit: float) -> int:
        """1 to 5: better with skill, and with whoever likes to come."""
        drawn = min(max(self._draws.one(team, order, Purpose.RATE), 1e-9), 1 - 1e-9)
        mean = RATING[0] + 0.4 * (fit - 0.5) + 0.15 * float(self._eager[team])
        return int(min(5, max(1, round(mean + RATING[1] * _NORMAL.inv_cdf(drawn)))))

    def _delay(self, drawn: float, urgency: int) -> int:
        z = _NORMAL.inv_cdf(min(max(drawn, 1e-9), 1 - 1e-9))
        return max(1, round(self._habits.delay * HASTE[urgency] * exp(self._habits.delay_spread * z)))

    def _part(self, team: int, typical: float) -> float:
        """A small probability, moved by how eager the team is."""
        odds = typical / (1 - typical) * exp(-self._habits.unreliable * float(self._eager[team]))
        return odds / (1 + odds)


def awake_after(now: int, waiting: int) -> int:
    """The minute at which `waiting` minutes of waking time have passed."""
    first, last = AWAKE
    day, minute = divmod(now, DAY)
    spent = min(max(minute, first), last) - first + waiting
    more, rest = divmod(spent, last - first)
    return (day + more) * DAY + first + rest


def _faded(value: Uniforms, minutes: Uniforms, half_life_days: float) -> Uniforms:
    return np.asarray(value * 0.5 ** (minutes / (half_life_days * DAY)))
