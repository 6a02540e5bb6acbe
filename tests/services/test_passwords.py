"""Passwords: what is asked of one, how it is compared, and that a guess costs the same whoever is guessed."""

from statistics import median
from time import perf_counter

import pytest
from argon2 import PasswordHasher, extract_parameters

from app.services.passwords import PasswordWeak, hash_strong, matches, renewed, require_strong


@pytest.mark.parametrize(
    "password",
    [
        "Daohua2026",
        "daohua-2026",
        "DAOHUA 2026",
        "稻花香里说丰年Ab1",
        "correct horse battery",
        "稻花香里说丰年听取蛙声一片七八个",
        "𠮷祥如意Abcde1",
        "x" * 4 + "Yz1-" * 31,
    ],
)
def test_a_strong_password_passes(password: str) -> None:
    require_strong(password, "dispatcher")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "10至128"),
        ("Abc-12345", "10至128"),
        ("Ab1-" * 33, "10至128"),
        ("daohua2026", "3种"),
        ("DAOHUAXIANG", "3种"),
        ("稻花香里说丰年听取蛙声", "3种"),
        ("1" * 20, "重复"),
        ("Daohua-2026\ud800", "无法识别"),
        ("Dispatcher-2026", "用户名"),
        ("x1-ＤＩＳＰＡＴＣＨＥＲ", "用户名"),
        ("１２３４５６７８９０", "3种"),
    ],
)
def test_a_weak_password_is_told_why(password: str, why: str) -> None:
    with pytest.raises(PasswordWeak) as refused:
        require_strong(password, "dispatcher")
    assert why in str(refused.value)


async def test_a_hash_is_argon2id_salted_and_matches_only_its_password() -> None:
    first, second = await hash_strong("Daohua-2026", ""), await hash_strong("Daohua-2026", "")
    assert first.startswith("$argon2id$")
    assert first != second
    assert await matches(first, "Daohua-2026")
    for wrong in ("daohua-2026", "Daohua-2026 ", " Daohua-2026", "Daohua-202", ""):
        assert not await matches(first, wrong)


async def test_full_width_letters_are_the_same_password() -> None:
    kept = await hash_strong("Ｄaohua－２０２６", "")
    assert await matches(kept, "Daohua-2026")


async def test_a_new_password_is_checked_before_it_is_hashed() -> None:
    with pytest.raises(PasswordWeak):
        await hash_strong("dispatcher", "dispatcher")


@pytest.mark.parametrize("kept", ["", "!", "plain", "$argon2id$v=19$m=8,t=1,p=1$broken"])
async def test_what_is_no_hash_matches_nothing(kept: str) -> None:
    assert not await matches(kept, kept)


async def test_a_hash_of_other_parameters_is_renewed_and_one_of_today_is_kept() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("Daohua-2026")
    new = await renewed(old, "Daohua-2026")
    assert extract_parameters(new).memory_cost == 19 * 1024
    assert await matches(new, "Daohua-2026")
    assert await renewed(new, "Daohua-2026") == new


async def test_guessing_at_nobody_takes_as_long_as_guessing_at_somebody() -> None:
    kept = await hash_strong("Daohua-2026", "")

    async def cost(of: str | None) -> float:
        begun = perf_counter()
        assert not await matches(of, "a wrong guess")
        return perf_counter() - begun

    pairs = [(await cost(kept), await cost(None)) for _ in range(7)]
    somebody, nobody = (median(side) for side in zip(*pairs, strict=True))
    assert 0.4 < nobody / somebody < 2.5
