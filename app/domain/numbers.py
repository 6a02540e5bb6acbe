"""Telephone and identity-card numbers in a text that many will read: where they stand, others pick them up."""

import re
import unicodedata
from typing import Final

_BETWEEN: Final = re.compile(r"(?<=\d)[ \-‐-―.·_]{1,3}(?=[\dXx])")
_NUMBER: Final = re.compile(
    r"(?<!\d)(?:(?:86)?1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7}|[1-9]\d{16}[\dXx]|[1-9]\d{14})(?!\d)", re.ASCII
)
"""A mobile, a landline with its area code, an identity card's number of 18 or 15 places (GB 11643-1999)."""


def holds_number(text: str) -> bool:
    """Whether somebody could be rung up or looked up by it, however widely the digits are written."""
    return _NUMBER.search(_BETWEEN.sub("", unicodedata.normalize("NFKC", text))) is not None
