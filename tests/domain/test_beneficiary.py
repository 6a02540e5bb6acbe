"""The same person has the same key however they were written down, and nobody has another's."""

import re
from uuid import UUID, uuid4

import pytest

from app.domain.beneficiary import (
    CIRCUMSTANCE_ZH,
    NEEDS_TWO,
    VULNERABLE,
    Circumstance,
    own_key,
    proxy_key,
)

HOME = ("/qinghe/", "秦奶奶", "", "松岭社区3栋201")


@pytest.mark.parametrize(
    "same",
    [
        HOME,
        ("/qinghe/", "秦 奶奶", "", "松岭社区 3栋 201"),
        ("/qinghe/", "秦奶奶", "", "松岭社区３栋２０１"),
        ("/qinghe/", "秦奶奶", "", "松岭社区\u30003栋\n201"),
    ],
)
def test_without_a_phone_it_is_the_name_and_the_home(same: tuple[str, str, str, str]) -> None:
    assert proxy_key(*same) == proxy_key(*HOME)


def test_a_phone_says_who_it_is_wherever_they_are_served() -> None:
    key = proxy_key("/qinghe/", "秦奶奶", "13800000002", "家中")
    assert key == proxy_key("/qinghe/", "秦奶奶（独居）", "13800000002", "卫生院")


def test_others_have_other_keys() -> None:
    person = UUID(int=7)
    keys = [
        own_key(person),
        own_key(uuid4()),
        proxy_key(*HOME),
        proxy_key("/other/", *HOME[1:]),
        proxy_key("/qinghe/", "秦爷爷", "", HOME[3]),
        proxy_key("/qinghe/", "秦奶奶", "", "松岭社区3栋202"),
        proxy_key("/qinghe/", "秦奶奶", "13800000002", HOME[3]),
        proxy_key("/other/", "秦奶奶", "13800000002", HOME[3]),
        proxy_key("/qinghe/", "秦奶奶", "13800000003", HOME[3]),
        proxy_key("/qinghe/", "秦奶奶松岭", "", "社区3栋201"),
    ]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[0-9a-f]{64}", key) for key in keys)
    assert own_key(person) == own_key(UUID(person.hex))


def test_every_circumstance_has_words_and_its_place() -> None:
    assert list(CIRCUMSTANCE_ZH) == list(Circumstance)
    assert len(set(CIRCUMSTANCE_ZH.values())) == len(Circumstance)
    assert Circumstance.MINOR not in VULNERABLE
    assert {Circumstance.LONE_ELDERLY, Circumstance.MINOR, Circumstance.LEFT_BEHIND} == NEEDS_TWO
