"""A server that is told to stop waits for its connections before it says so: long streams must hear it at once."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def told_to_leave(tell: Callable[[], None]) -> Iterator[None]:
    """While the block runs, call `tell` in the running loop on SIGTERM or Ctrl-C, before who handled them so far.

    Only where somebody does handle them, and in the main thread, where alone signals can be heard.
    """
    loop = asyncio.get_running_loop()
    handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(tell)
        handlers[number](number, frame)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            if callable(handler := signal.getsignal(number)):
                handlers[number] = handler
                signal.signal(number, hear)
    try:
        yield
    finally:
        for held, handler in handlers.items():
            signal.signal(held, handler)
