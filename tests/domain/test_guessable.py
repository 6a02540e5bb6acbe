"""Habits are recognised under their disguises, and a secret beside a habit is still a secret."""

import pytest

from app.domain.guessable import guessable


@pytest.mark.parametrize(
    "password",
    [
        *("Password@2026", "P@ssw0rd123", "passw0rd!!!!", "Admin@123456", "Aa123456789!", "Welcome1!"),
        *("Qwer1234!@#$", "1qaz@WSX3edc", "zxcvbnmAsdf123", "Poiuytrewq9876", "Abcdefgh-1234"),
        *(
            "Woaini5201314",
            "WoAiWoJia1314!",
            "Zhang19900101!",
            "LI20001231!!",
            "Zs13800001234",
            "Mima888888!",
        ),
        *("Dangyuan-1921", "ZhiYuan@2026", "管理员Admin2026", "文明实践2026Aa", "我爱中国19491001"),
        "aA1!" + "a" * 20,
    ],
)
def test_a_habit(password: str) -> None:
    assert guessable(password)


@pytest.mark.parametrize(
    "password",
    [
        *(
            "Daohua2026",
            "daohua-2026",
            "DAOHUA 2026",
            "Long-enough-2026",
            "Chushi-Mima-2026",
            "Li-2026-Li-Bai",
        ),
        *("correct horse battery", "稻花香里说丰年Ab1", "𠮷祥如意Abcde1", "x7Kp-9wQz2", "Admin-hu4Tz9"),
    ],
)
def test_enough_besides(password: str) -> None:
    assert not guessable(password)


def test_repetition_is_no_length() -> None:
    for noise in ("a" * 128, "1qaz" * 32, "密" * 128, "pass" * 32, "20260101" * 16, "13800000001" * 11):
        assert guessable(noise), noise
