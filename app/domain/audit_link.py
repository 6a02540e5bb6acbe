"""One link of the trail: what an entry says, in plain words and one spelling, hashed with the link before it.

Plain, and not as it lies in the database: sealing an entry anew by another key changes its bytes and not its link.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def link(before: str, seq: int, entry: Mapping[str, Any]) -> str:
    """64 hex digits: SHA-256 of the link `before` (empty for the first) and of number and content.

    The content is JSON: keys sorted, no space, UTF-8, nothing escaped that need not be. An auditor can repeat it
    with any tool.
    """
    said = json.dumps({**entry, "seq": seq}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(f"{before}\n{said}".encode()).hexdigest()
