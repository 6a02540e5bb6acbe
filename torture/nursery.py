"""Where the processes of a run are born, with the house already loaded: a fork of the run itself.

Loading it takes two seconds of a core, which a nemesis that kills every few seconds would spend on nothing else:
so each process is a fork that runs the ordinary `sidan` command. The nursery is told one birth a line (JSON), and
answers with the pid. A child ends when the run does, however that ends.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterable
from typing import IO, Any, Final

from app.cli import main
from app.settings import settings
from torture import broken

BUG: Final = "TORTURE_BUG"
"""In the environment of a child: what is planted in it before it begins."""


def births(asked: Iterable[bytes], answers: IO[bytes], life: int) -> None:
    """Until `asked` ends; `life` is the descriptor of a pipe whose other end only the run holds."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the run, and the run ends this
    for line in asked:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(told, life)
        answers.write(b"%d\n" % pid)
        answers.flush()


def _live(told: dict[str, Any], life: int) -> None:
    """Never returns."""
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(told["environment"])
    settings.cache_clear()
    threading.Thread(target=_end_with_the_run, args=(life,), daemon=True).start()
    if bug := told["environment"].get(BUG):
        broken.plant(bug)
    sys.argv = ["sidan", *told["arguments"]]
    try:
        main()
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _end_with_the_run(life: int) -> None:
    os.read(life, 1)
    os._exit(1)
