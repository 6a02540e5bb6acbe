"""Personal data at rest: sealed by AES-256-GCM field by field, and found again by keyed hashes.

A column of type `Sealed` holds bytes: a version, the id of the key, a nonce, and the ciphertext with its tag. The
name of the column is authenticated along, so that what was sealed in one cannot be shown in another. A column of
type `Hashed` holds HMAC-SHA256 of what was sealed elsewhere: equal values can be looked up, and no list of all
telephone numbers undoes it without the key. What neither can do (order, prefix, comparison) is refused when the
statement is built. (PIPL Art. 51; GB/T 22239-2019 8.1.4.8.)

The keys hang on the dialect of an engine and nowhere else: two houses in one process may have different ones.
"""

import hmac
import struct
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache, partial
from hashlib import sha256
from os import urandom
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator

VERSION: Final = b"\x01"
KEY_ID: Final = 4
NONCE: Final = 12
PREFIX: Final = len(VERSION) + KEY_ID
"""So many bytes at the front of a sealed value tell by which key it was sealed."""


class Unsealable(ValueError):
    """These bytes were sealed by a key that is not here, in another column, or were changed since."""


def _derived(secret: str, use: bytes, length: int = 32) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"sidan " + use).derive(secret.encode())


class Keyring:
    """The keys of one installation: one seals, all open, and another one hashes.

    `current` and `previous` are secrets of any length, `index` the secret of the hashes; it stays when the others
    are changed, because a hash cannot be made anew from itself.
    """

    def __init__(self, current: str, index: str, previous: Iterable[str] = ()) -> None:
        self._ciphers = {
            _derived(one, b"key id", KEY_ID): AESGCM(_derived(one, b"seal")) for one in (*previous, current)
        }
        self.current = VERSION + _derived(current, b"key id", KEY_ID)
        self._seal = AESGCM(_derived(current, b"seal")).encrypt
        self._index = hmac.new(_derived(index, b"index"), digestmod=sha256)

    def seal(self, data: bytes, column: bytes) -> bytes:
        """Nothing stays nothing: that somebody left a field empty is no secret, and costs no room."""
        if not data:
            return b""
        nonce = urandom(NONCE)
        return self.current + nonce + self._seal(nonce, data, column)

    def open(self, sealed: bytes, column: bytes) -> bytes:
        """Raises Unsealable."""
        if not sealed:
            return b""
        cipher = self._ciphers.get(sealed[1:PREFIX])
        if cipher is None or sealed[:1] != VERSION:
            raise Unsealable(f"{column.decode()}: sealed by an unknown key")
        try:
            return cipher.decrypt(sealed[PREFIX : PREFIX + NONCE], sealed[PREFIX + NONCE :], column)
        except (InvalidTag, ValueError):
            raise Unsealable(f"{column.decode()}: changed, or sealed in another column") from None

    def knows(self, prefix: bytes) -> bool:
        """Whether what begins with these PREFIX bytes can be opened."""
        return prefix[:1] == VERSION and prefix[1:] in self._ciphers

    def hashed(self, text: str, use: str) -> str:
        """64 hex digits by which equal texts of one `use` are known again."""
        made = self._index.copy()
        made.update(f"{use}\n{text}".encode())
        return made.hexdigest()


def keys_of(dialect: Dialect) -> Keyring:
    """Raises ValueError for an engine that was made without keys."""
    keyring = getattr(dialect, "keyring", None)
    if not isinstance(keyring, Keyring):
        raise ValueError("this engine was made without the keys of the personal data")
    return keyring


def hand_over(dialect: Dialect, keyring: Keyring) -> None:
    """From now on the engine of this dialect seals and opens by `keyring`."""
    dialect.keyring = keyring  # type: ignore[attr-defined]


class _Refused(TypeDecorator[Any]):
    """What a sealed column is compared with: nothing may be, but null."""

    impl = LargeBinary
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        def refuse(_: Any) -> None:
            raise TypeError("a sealed column cannot be compared: ask its keyed hash")

        return refuse


class Sealed(TypeDecorator[Any]):
    """A `text`, `bytes`, `date`, `number`, `list` or `object`, kept as sealed bytes. `column` is `table.column`."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str, kind: str = "text") -> None:
        super().__init__()
        self.column, self.kind = column, kind
        self._label, self._write, self._read = column.encode(), _WRITE[kind], _READ[kind]

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return _Refused()

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return partial(self.sealed, keys_of(dialect))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return partial(self.opened, keys_of(dialect))

    def sealed(self, keyring: Keyring, value: Any) -> bytes | None:
        """As it is kept."""
        return None if value is None else keyring.seal(self._write(value), self._label)

    def opened(self, keyring: Keyring, kept: Any) -> Any:
        """As it was given. Raises Unsealable."""
        return None if kept is None else self._read(keyring.open(bytes(kept), self._label))


class Hashed(TypeDecorator[str]):
    """Takes the plain text, to be kept or to be searched by, and holds its keyed hash. Empty text is not kept.

    What is read from it is the hash: never write it back. `use` is shared by columns that hold the same thing.
    """

    impl = String
    cache_ok = True

    def __init__(self, use: str) -> None:
        super().__init__(64)
        self.use = use

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        hashed, use = keys_of(dialect).hashed, self.use
        return lambda text: hashed(text, use) if text else None


def _json(data: Any) -> bytes:
    return orjson.dumps(data) if data else b""


_WRITE: Final[dict[str, Callable[[Any], bytes]]] = {
    "text": str.encode,
    "bytes": bytes,
    "date": lambda day: day.isoformat().encode(),
    "number": lambda number: struct.pack("!d", number),
    "list": _json,
    "object": _json,
}
_READ: Final[dict[str, Callable[[bytes], Any]]] = {
    "text": bytes.decode,
    "bytes": bytes,
    "date": lambda data: date.fromisoformat(data.decode()),
    "number": lambda data: struct.unpack("!d", data)[0],
    "list": lambda data: orjson.loads(data) if data else [],
    "object": lambda data: orjson.loads(data) if data else {},
}


@lru_cache(maxsize=8)
def keyring(current: str, index: str, previous: tuple[str, ...] = ()) -> Keyring:
    """The same keyring for the same secrets: deriving keys is slow on purpose."""
    return Keyring(current, index, previous)
