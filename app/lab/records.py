"""What a center knows of its teams by its own experience: answers, services, stars. All a policy may learn from."""

from collections import defaultdict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.reliability import STARS, History, reliability

RECENT_DAYS: Final = 30
Counts = NDArray[np.int64]


class Records:
    """Counts by team, and for each household which team served it how often and with how many stars."""

    def __init__(self, teams: int) -> None:
        self.asked, self.accepted, self.due, self.on_time = np.zeros((4, teams), np.int64)
        self.served, self.stars = np.zeros((2, teams), np.int64)
        self._by_day = np.zeros((RECENT_DAYS, teams), np.int64)
        self._homes: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)

    def answered(self, team: int) -> None:
        """Or let the offer lapse; one that was taken back in time is not held against anybody."""
        self.asked[team] += 1

    def promised(self, team: int, day: int) -> None:
        self.accepted[team] += 1
        self._by_day[day % RECENT_DAYS, team] += 1

    def began(self, team: int) -> None:
        self.due[team] += 1
        self.on_time[team] += 1

    def failed(self, team: int) -> None:
        """Gave the order back, or stayed away."""
        self.due[team] += 1

    def rated(self, team: int, home: int, stars: int) -> None:
        self.served[team] += 1
        self.stars[team] += stars
        times, before = self._homes[home].get(team, (0, 0))
        self._homes[home][team] = (times + 1, before + stars)

    def at_home(self, home: int) -> dict[int, tuple[int, int]]:
        return self._homes.get(home, {})

    def new_day(self, day: int) -> None:
        """Forget the day that has become too old to be recent."""
        self._by_day[day % RECENT_DAYS] = 0

    @property
    def recent(self) -> Counts:
        return np.asarray(self._by_day.sum(axis=0))

    @property
    def reliability(self) -> Counts:
        return reliability(
            History(
                asked=self.asked,
                accepted=self.accepted,
                due=self.due,
                on_time=self.on_time,
                served=self.served,
                ratings=self.served,
                rating_sum=self.stars * (STARS // 5),
            )
        )
