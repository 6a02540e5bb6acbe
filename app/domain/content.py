"""Words in what people write that a person should look at before others read it. A net, and no judge: whatever is
caught is read by somebody, and nothing is refused by a list.

Writing a word in full width, in capitals, with invisible characters or with accents laid upon it does not hide it.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cc", "Zs", "Zl", "Zp"})
"""Format characters (zero width, direction), marks laid upon letters, controls, and the blanks between letters."""


def folded(text: str) -> str:
    """What of a text counts here: compatibility-decomposed, case-folded, without blanks and what is not seen."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(char for char in plain if unicodedata.category(char) not in _UNSEEN)
    return unicodedata.normalize("NFC", kept)


@lru_cache(maxsize=256)
def _list(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((word, bare) for word in words if (bare := folded(word)))


def hits(texts: Iterable[str], words: Sequence[str]) -> list[str]:
    """Those of `words` that stand in one of the texts, as the list writes them."""
    if not words:
        return []
    read = [folded(text) for text in texts if text]
    return [word for word, bare in _list(tuple(words)) if any(bare in text for text in read)]
