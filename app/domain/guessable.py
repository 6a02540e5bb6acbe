"""Passwords that are guessed first: habits, not a dictionary.

Crackers try words that everybody takes, put a year, a birthday, a telephone number, a run of the keyboard or a
lucky number behind them, and write `@` for `a`. So whatever is such a piece is taken away, and what remains must
be enough to be a secret. The words are our own choice of what is common in China and abroad; a longer list would
forbid more and promise no more.
"""

import re
from typing import Final

ENOUGH: Final = 4
"""Letters, digits or ideographs that must remain."""
RUN: Final = 3
"""So many neighbours (abc, 321, aaa) are one piece."""

WORDS: Final = (
    *("password", "passwort", "passwd", "pass", "word", "letmein", "welcome", "changeme", "secret", "login"),
    *("administrator", "admin", "root", "superuser", "manager", "system", "server", "user", "guest", "test"),
    *(
        "iloveyou",
        "princess",
        "dragon",
        "monkey",
        "sunshine",
        "football",
        "master",
        "shadow",
        "hello",
        "love",
    ),
    *("woaiwojia", "woaizhongguo", "woaini", "aini", "zhongguo", "beijing", "china", "mima", "denglu"),
    *(
        "guanliyuan",
        "guanli",
        "xitong",
        "yonghu",
        "laoda",
        "wodemima",
        "nihao",
        "xiaoming",
        "zhangsan",
        "lisi",
    ),
    *("zhiyuan", "wenming", "wenmingban", "diandan", "paidan", "shequ", "jiedao", "zhengfu", "dangyuan"),
    *(
        "密码",
        "管理员",
        "我爱你",
        "我爱中国",
        "中国",
        "你好",
        "文明实践",
        "志愿者",
        "志愿服务",
        "社区",
        "街道",
    ),
)
KEYBOARD: Final = (
    *(
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "qazwsxedcrfvtgbyhnujmikolp",
    ),
    *("1q2w3e4r5t6y7u8i9o0p", "147258369", "789456123", "159357", "741852963"),
)
_LONGEST_FIRST: Final = sorted(WORDS, key=len, reverse=True)
_NUMBERS: Final = re.compile(
    r"1[3-9]\d{9}"
    r"|(?:wang|li|zhang|liu|chen|yang|huang|zhao|wu|zhou|xu|sun|ma|zhu|hu|guo|he|lin|gao|luo)?"
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:19|20)\d\d"
    r"|5201314|1314520|1314|520|521|168|886"
)
_LOOKALIKES: Final = str.maketrans("@431!05$7", "aaeiiosst")


def guessable(password: str) -> bool:
    """Whether little remains of `password` (as it is compared) once habits are taken away."""
    text = password.casefold()
    plain = _without_rows(_NUMBERS.sub(" ", _without_words(text)))
    disguised = _without_words(_without_rows(_NUMBERS.sub(" ", text)).translate(_LOOKALIKES))
    return min(_remaining(plain), _remaining(disguised)) < ENOUGH


def _remaining(text: str) -> int:
    return sum(len(piece) for piece in _pieces(text) if len(piece) < RUN)


def _without_words(text: str) -> str:
    for word in _LONGEST_FIRST:
        text = text.replace(word, " ")
    return text


def _without_rows(text: str) -> str:
    """`text` with every walk of four or more keys taken away."""
    kept, at = [], 0
    rows = [way for row in KEYBOARD for way in (row, row[::-1])]
    while at < len(text):
        length = 0
        while at + length < len(text) and any(text[at : at + length + 1] in row for row in rows):
            length += 1
        walked = length > RUN
        kept.append(" " if walked else text[at])
        at += length if walked else 1
    return "".join(kept)


def _pieces(text: str) -> list[str]:
    """The letters, digits and ideographs of `text`, what runs upwards, downwards or stays together."""
    pieces: list[str] = []
    pace = 0
    for before, char in zip(" " + text, text, strict=False):
        step = ord(char) - ord(before)
        if not char.isalnum():
            pace = 0
            continue
        runs = before.isalnum() and abs(step) <= 1 and (len(pieces[-1]) == 1 or step == pace)
        if runs:
            pieces[-1] += char
        else:
            pieces.append(char)
        pace = step
    return pieces
