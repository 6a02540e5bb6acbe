"""`python -m torture.nursery [BUG]`: where the processes of a run are born, with the house already loaded.

Loading it takes two seconds of a core, which a nemesis that kills every few seconds would spend on nothing else:
so it is loaded once, and each process is a fork that runs the ordinary `sidan` command. It is told one birth a line
(JSON) on its standard input, and answers with the pid. A child ends when the run does, however that ends.
"""

import json
import os
import signal
import sys
import threading
from typing import Any

from app.cli import main
from app.settings import settings
from torture import broken

LIFE = "TORTURE_LIFE"
"""The descriptor of a pipe whose other end only the run holds."""


def births() -> None:
    """Until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the run, and the run ends this
    for line in sys.stdin.buffer:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(told)
        print(pid, flush=True)  # noqa: T201


def _live(told: dict[str, Any]) -> None:
    """Never returns."""
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(told["environment"])
    settings.cache_clear()
    threading.Thread(target=_end_with_the_run, args=(int(os.environ[LIFE]),), daemon=True).start()
    sys.argv = ["sidan", *told["arguments"]]
    main()
    os._exit(0)


def _end_with_the_run(life: int) -> None:
    os.read(life, 1)
    os._exit(1)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        broken.plant(name)
    births()
