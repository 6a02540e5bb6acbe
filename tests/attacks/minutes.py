"""How long the machine-made attacks go on, and from which seed: the suite's share is the same every time, a long
run (`make attack`) begins elsewhere each time and says where, so that it can be begun there again.
"""

import os
import time
from typing import Final

MINUTES: Final = float(os.environ.get("SIDAN_ATTACK_MINUTES", "0"))
FIRST_SEED: Final = int(
    os.environ.get("SIDAN_ATTACK_SEED") or (time.time_ns() // 10**9 % 10**6 if MINUTES else 0)
)
