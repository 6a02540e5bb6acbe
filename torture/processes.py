"""The processes of a run: API servers and workers that can be killed, paused, and started again."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from torture.nursery import births

PATIENCE = 60.0
NOBODY = 2**30
"""A pid that no process has: 0 would mean everybody."""
SUPERVISED_EVERY = 0.25


class NotReady(RuntimeError):
    """A process ended or stayed silent; the message ends with what it last wrote."""


class Nursery:
    """Gives birth to processes. To be made before anything runs here that a fork would take along."""

    def __init__(self) -> None:
        (wanted, asking), (answered, answering), (living, self._life) = (os.pipe() for _ in range(3))
        self._pid = os.fork()
        if self._pid == 0:
            try:
                for ours in (asking, answered, self._life):
                    os.close(ours)
                births(os.fdopen(wanted, "rb"), os.fdopen(answering, "wb"), living)
            finally:
                os._exit(0)  # what the run cleans up when it ends is not for its forks to clean up
        for theirs in (wanted, answering, living):
            os.close(theirs)
        self._asking, self._answered = os.fdopen(asking, "wb"), os.fdopen(answered, "rb")

    def birth(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> int:
        """The pid of a new `sidan`. Raises NotReady when the nursery itself is gone."""
        told = {"arguments": arguments, "environment": dict(environment), "log": str(log)}
        try:
            self._asking.write(json.dumps(told).encode() + b"\n")
            self._asking.flush()
        except BrokenPipeError:
            raise NotReady("the nursery has ended") from None
        answer = self._answered.readline()
        if not answer:
            raise NotReady("the nursery has ended")
        return int(answer)

    def close(self) -> None:
        """Every child ends with it."""
        self._asking.close()
        os.waitpid(self._pid, 0)
        self._answered.close()
        os.close(self._life)


@dataclass
class Child:
    """One process, born again under the same name after each kill. `port` is 0 for a worker."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str]
    log: Path
    nursery: Nursery
    port: int = 0
    pid: int = field(default=NOBODY, init=False)
    said: int = field(default=0, init=False)
    """How long its log was when it was last started."""
    down: bool = field(default=True, init=False)
    """Killed, and not to be started again yet."""

    def start(self) -> None:
        self.down = False
        self.log.touch()
        self.said = self.log.stat().st_size
        self.pid = self.nursery.birth(self.arguments, self.environment, self.log)

    def kill(self) -> None:
        """As the kernel does when memory runs out: no farewell, no rollback."""
        self.down = True
        while self.alive():
            self._signal(signal.SIGKILL)
            time.sleep(0.002)

    def pause(self, on: bool) -> None:
        self._signal(signal.SIGSTOP if on else signal.SIGCONT)

    def alive(self) -> bool:
        return self._signal(0)

    def _signal(self, number: int) -> bool:
        """Whether there was a process to send it to."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    async def ready(self) -> None:
        """Until it answers (an API), or says that its clock is running (a worker). Raises NotReady."""
        begun = time.monotonic()
        while not self._answers():
            if time.monotonic() - begun > PATIENCE:
                raise NotReady(f"{self.name}: {self.log.read_text(errors='replace')[-2000:]}")
            await asyncio.sleep(0.05)

    def _answers(self) -> bool:
        if not self.port:
            return self.alive() and "定时任务已启动" in self.log.read_bytes()[self.said :].decode(
                errors="replace"
            )
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return True
        except OSError:
            return False


@dataclass
class Fleet:
    """All children of a run."""

    apis: list[Child]
    workers: list[Child]

    def __iter__(self) -> Iterator[Child]:
        return iter([*self.apis, *self.workers])

    @property
    def bases(self) -> list[str]:
        """Where the API answers."""
        return [f"http://127.0.0.1:{api.port}/api/v1" for api in self.apis]

    async def start(self) -> None:
        for child in self:
            child.start()
        await asyncio.gather(*(child.ready() for child in self))

    async def supervise(self) -> None:
        """What every installation has: a process that has ended is started again. `sidan` ends when it starts
        and finds no database; this goes on until it is cancelled."""
        while True:
            await asyncio.sleep(SUPERVISED_EVERY)
            for child in self:
                if not child.down and not child.alive():
                    child.start()

    def kill(self) -> None:
        for child in self:
            child.kill()


def fleet(nursery: Nursery, environment: Mapping[str, str], folder: Path, apis: int, workers: int) -> Fleet:
    """Not started yet."""
    made = Fleet([], [])
    for number in range(1, apis + 1):
        port, log = _free_port(), folder / f"api-{number}.log"
        serve = ["serve", "--port", str(port)]
        made.apis.append(Child(f"api {number}", serve, environment, log, nursery, port))
    for number in range(1, workers + 1):
        log = folder / f"worker-{number}.log"
        made.workers.append(Child(f"worker {number}", ["worker"], environment, log, nursery))
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
