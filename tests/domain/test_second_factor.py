"""RFC 6238: its own test vectors, the neighbours of now, and nothing twice."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.second_factor import STEP_SECONDS, steps_around
from app.sealing import Keyring
from app.services.second_factor import Given, address_of, given, new_secret

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""`12345678901234567890`, of appendix B."""
KEYS = Keyring("current", "index")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    """The last six of its eight digits."""
    at = datetime.fromtimestamp(seconds, UTC)
    here = seconds // STEP_SECONDS
    step = timedelta(seconds=STEP_SECONDS)
    for when, fits in (
        (at, True),
        (at - step, True),
        (at + step, True),
        (at - 2 * step, False),
        (at + 2 * step, False),
    ):
        assert given(KEYS, SECRET, None, code, when) == (Given(step=here) if fits else None)
    assert given(KEYS, SECRET, here - 1, code, at) == Given(step=here)
    assert given(KEYS, SECRET, here, code, at) is None, "accepted before"
    assert given(KEYS, SECRET, None, f" {code[:3]} {code[3:]} ", at) == Given(step=here)
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert given(KEYS, SECRET, None, full_width, at) == Given(step=here)
    for wrong in ("000000", "abcdef", "令牌令牌令牌", code[:-1] + "٣"):
        assert given(KEYS, SECRET, None, wrong, at) is None


def test_now_comes_first_and_nothing_before_the_last() -> None:
    at = datetime.fromtimestamp(300, UTC)
    assert steps_around(at, None) == [10, 9, 11]
    assert steps_around(at, 9) == [10, 11]
    assert steps_around(at, 11) == []


def test_a_recovery_code_is_compared_as_a_keyed_hash() -> None:
    at = datetime.fromtimestamp(59, UTC)
    told = given(KEYS, SECRET, None, "k7qxm-2zb4t", at)
    assert told == given(KEYS, SECRET, None, "K7QXM 2ZB4T", at)
    assert told is not None
    assert told.step is None
    assert told.recovery is not None
    assert len(told.recovery) == 64
    assert told != given(Keyring("current", "another"), SECRET, None, "k7qxm-2zb4t", at)


def test_what_an_authenticator_reads() -> None:
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(new_secret()) == 32
    uri = address_of(SECRET, "admin_qinghe")
    assert uri.startswith("otpauth://totp/%E5%9B%9B%E5%8D%95:admin_qinghe?")
    assert f"secret={SECRET}" in uri
