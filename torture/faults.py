"""What was done to the processes, and when: the table counts it, and a repeated message needs it as its excuse."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    KILL_API = "kill -9 an API process"
    KILL_WORKER = "kill -9 a worker"
    RESTART_POSTGRES = "immediate restart of PostgreSQL"
    PAUSE = "SIGSTOP for seconds"
    WECHAT_DROPS = "WeChat drops the line"
    WECHAT_DELAYS = "WeChat answers late"
    WECHAT_GARBLES = "WeChat answers garbage"
    CLOCK_FORWARD = "the clock jumps forward"
    CLOCK_BACK = "the clock jumps back"


KILLS = frozenset({Kind.KILL_API, Kind.KILL_WORKER, Kind.RESTART_POSTGRES})
WECHAT = frozenset({Kind.WECHAT_DROPS, Kind.WECHAT_DELAYS, Kind.WECHAT_GARBLES})


@dataclass(frozen=True, slots=True)
class Fault:
    """From `begun` to `ended`, in seconds since the load began."""

    kind: Kind
    target: str
    begun: float
    ended: float


@dataclass
class Faults:
    done: list[Fault] = field(default_factory=list)

    def add(self, kind: Kind, target: str, begun: float, ended: float) -> None:
        self.done.append(Fault(kind, target, begun, ended))

    def count(self, *kinds: Kind) -> int:
        return sum(fault.kind in kinds for fault in self.done)

    @property
    def kills(self) -> int:
        return self.count(*KILLS)
