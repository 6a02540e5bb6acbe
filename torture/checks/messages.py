"""What WeChat was asked to deliver: nothing forgotten, and nothing again without an excuse."""

from collections.abc import Iterator, Sequence

from torture.checks.violation import Broken
from torture.faults import Fault
from torture.snapshot import Snapshot
from torture.wechat import Message


def check(seen: Snapshot, messages: Sequence[Message], faults: Sequence[Fault]) -> Iterator[Broken]:
    yield from ()
