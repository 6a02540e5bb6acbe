"""The work of a few teams read from PostgreSQL, as the service reads it: one statement, by their keys."""

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Need, Work
from benchmarks.matching.database import Prepared
from benchmarks.matching.formulas import Array
from benchmarks.matching.promises import taken_in, window_begin

READ = """
SELECT array_agg(w.team), array_agg(w.open_work), array_agg(coalesce(p.first, 0)), array_agg(coalesce(p.length, 0))
FROM work w LEFT JOIN promise p ON p.team = w.team AND p.first < $2::int4 AND p.first + p.length > $3::int4
WHERE w.team = ANY ($1::int4[])"""


class WorkInSql:
    """Reads promises one by one and orders in hand."""

    def __init__(self, url: str) -> None:
        self.database = Prepared(url)

    def of(self, teams: NDArray[np.integer], need: Need) -> Work:
        """The work of these teams, each named once, in the window of this order."""
        begin = window_begin(need)
        keys = "{" + ",".join(map(str, teams.tolist())) + "}"
        ((found, *rest),) = self.database.fetch(READ, [keys, str(begin + need.slots), str(begin)])
        if found is None:
            return Work(np.zeros(0, np.int16), np.zeros((0, need.slots), np.int16))
        order = np.argsort(teams)
        place = order[np.searchsorted(teams[order], _numbers(found))]
        open_work, first, length = (_numbers(one or b"{}") for one in rest)
        in_hand = np.zeros(len(teams), np.int16)
        in_hand[place] = open_work
        return Work(in_hand, taken_in(need, len(teams), place, first, length))


def _numbers(text: bytes) -> Array:
    return np.array(text[1:-1].split(b","), np.int64)
