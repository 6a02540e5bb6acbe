"""What waits at a desk, said once in the morning."""

from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LATEST = timedelta(hours=4)
"""After that the morning is over: a worker that was away does not wake the desk in the afternoon."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Orders by what they wait for (one may be counted as late, too), complaints, and visits that are due."""

    review: int = 0
    dispatch: int = 0
    at_risk: int = 0
    overdue: int = 0
    complaints: int = 0
    follow_ups: int = 0

    def __add__(self, other: "Waiting") -> "Waiting":
        return Waiting(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    def text(self) -> str:
        """Chinese, without what there is none of; empty when nothing waits."""
        named = zip(("待审核", "待派单", "临期", "超时", "待答复反映", "待回访"), astuple(self), strict=True)
        return "，".join(f"{name}{number}件" for name, number in named if number)


def digest_day(at: datetime, digest_at: time, zone: ZoneInfo) -> date | None:
    """The local day whose digest is due `at` (aware); None before its time and when the morning is over."""
    local = at.astimezone(zone)
    begins = datetime.combine(local.date(), digest_at, zone)
    return local.date() if begins <= local < begins + LATEST else None
