"""`python -m torture.child [--bug NAME] serve|worker …`: the ordinary `sidan` command, tied to its parent.

It ends when its standard input does, so nothing outlives a run however that ends; and its WeChat lives where
TORTURE_WECHAT says, because the real one would mind.
"""

import os
import sys
import threading
from functools import partial

from app import house
from app.cli import main
from app.wechat.client import HttpWeChat
from torture import broken

WECHAT = "TORTURE_WECHAT"


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if url := os.environ.get(WECHAT):
        vars(house)["HttpWeChat"] = partial(HttpWeChat, base_url=url)
    if sys.argv[1:2] == ["--bug"]:
        broken.plant(sys.argv[2])
        del sys.argv[1:3]
    main()
