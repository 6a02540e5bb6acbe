"""Staff passwords: what is asked of one, and how it is kept.

A password is compared in Unicode form NFKC, so that one typed with a Chinese keyboard's full-width letters is
the same password; nothing else is changed: not case, not spaces, not even at the ends. It is kept as argon2id
with OWASP's parameters (19 MiB, 2 passes), worked out on two threads of its own: more at once would cost
memory that the process has better uses for, and the event loop must never wait for one.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.guessable import guessable
from app.errors import AppError

Answer = TypeVar("Answer")

SHORTEST: Final = 10
LONG_ENOUGH: Final = 16
LONGEST: Final = 128
KINDS_ASKED: Final = 3

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="argon2")


class PasswordWeak(AppError):
    """Guessable by rule; `detail` says which rule."""

    status, code = 422, "password_weak"
    title, title_en = "密码过于简单", "The password is too weak"


def normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def require_strong(password: str, username: str) -> None:
    """Raises PasswordWeak unless `password` is long, mixed or longer still, does not hold the user name, and is not
    made of what is guessed first (app/domain/guessable.py).

    Three of four kinds (capital, small, digit, anything else) follow the usual reading of 等保; a passphrase
    of 16 characters needs none of them.
    """
    text = normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordWeak(f"密码须为{SHORTEST}至{LONGEST}个字符")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise PasswordWeak("密码中含有无法识别的字符")
    if len(set(text)) < SHORTEST // 2:
        raise PasswordWeak("密码中重复的字符太多")
    kinds = {_kind(char) for char in text}
    if len(text) < LONG_ENOUGH and len(kinds) < KINDS_ASKED:
        raise PasswordWeak(
            f"密码须包含大写字母、小写字母、数字、其他字符中的{KINDS_ASKED}种，或不少于{LONG_ENOUGH}个字符"
        )
    if username and normal(username).casefold() in text.casefold():
        raise PasswordWeak("密码不能包含用户名")
    if guessable(text):
        raise PasswordWeak("密码由常见词、日期、手机号或键盘顺序组成，容易被猜到")


async def hash_strong(password: str, username: str) -> str:
    """What to keep of a new password. Raises PasswordWeak."""
    require_strong(password, username)
    return await _in_thread(lambda: _HASHER.hash(normal(password)))


async def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one kept. Without one the same work is done, so that time tells nothing."""
    text = normal(password)
    if kept is None:
        await _in_thread(lambda: _HASHER.hash(text))
        return False
    return await _in_thread(lambda: _verify(kept, text))


async def renewed(kept: str, password: str) -> str:
    """`kept`, or, where it was made with other parameters than today's, the hash that should replace it."""
    if not _HASHER.check_needs_rehash(kept):
        return kept
    return await _in_thread(lambda: _HASHER.hash(normal(password)))


def _verify(kept: str, text: str) -> bool:
    try:
        return _HASHER.verify(kept, text)
    except (VerificationError, InvalidHashError):
        return False


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


def _kind(char: str) -> str:
    if char.isascii() and char.isalnum():
        return "digit" if char.isdigit() else "capital" if char.isupper() else "small"
    return "other"
