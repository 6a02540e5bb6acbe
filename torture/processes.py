"""The processes of a run: API servers and workers that can be killed, paused, and started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0


class NotReady(RuntimeError):
    """A process ended or stayed silent; the message ends with what it last wrote."""


@dataclass
class Child:
    """One process, born again under the same name after each kill. `port` is 0 for a worker."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str]
    log: Path
    port: int = 0
    running: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    births: int = 0

    def start(self) -> None:
        self.births += 1
        command = [sys.executable, "-m", "torture.child", *self.arguments]
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """As the kernel does when memory runs out: no farewell, no rollback."""
        if self.running is not None:
            self.running.kill()
            self.running.communicate()

    def pause(self, on: bool) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def ended(self) -> bool:
        """Whether it is gone though nobody killed it."""
        return self.running is not None and self.running.poll() is not None

    async def ready(self) -> None:
        """Until it answers (an API), or says that its clock is running (a worker). Raises NotReady."""
        begun = time.monotonic()
        while not self._answers():
            if self.ended() or time.monotonic() - begun > PATIENCE:
                raise NotReady(f"{self.name}: {self.log.read_text(errors='replace')[-2000:]}")
            await asyncio.sleep(0.05)

    def _answers(self) -> bool:
        if not self.port:
            return self.log.read_text(errors="replace").count("定时任务已启动") >= self.births
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

    def kill(self) -> None:
        for child in self:
            child.kill()


def fleet(
    environment: Mapping[str, str], folder: Path, apis: int, workers: int, bug: str | None = None
) -> Fleet:
    """Not started yet. With `bug` every process runs with that guarantee broken."""
    planted = ["--bug", bug] if bug else []
    ports = [_free_port() for _ in range(apis)]
    return Fleet(
        [
            Child(
                f"api {number}",
                [*planted, "serve", "--port", str(port)],
                environment,
                folder / f"api-{number}.log",
                port,
            )
            for number, port in enumerate(ports, 1)
        ],
        [
            Child(f"worker {number}", [*planted, "worker"], environment, folder / f"worker-{number}.log")
            for number in range(1, workers + 1)
        ],
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
