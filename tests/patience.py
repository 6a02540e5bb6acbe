"""How long a test may look: the suite's share of minutes, or all of it.

`make test-long` (SIDAN_THOROUGH=1) gives every test that draws cases or repeats races its full number; without it
each draws the first part of the same cases, so that what fails in the suite fails in the long run too.
"""

import os
from typing import Final, TypeVar

Share = TypeVar("Share")
THOROUGH: Final = bool(os.environ.get("SIDAN_THOROUGH"))


def cases(usual: Share, thorough: Share) -> Share:
    """How many cases to look at in this run, or how large ones."""
    return thorough if THOROUGH else usual
