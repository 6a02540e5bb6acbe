"""What is owed, by whom, and which roles rest for it."""

from datetime import timedelta

import pytest

from app.domain.duties import Duties, Owed, Standing, rests
from app.domain.roles import APART, Role
from tests.factories import NOW

ALL = Duties(second_factor=True, password_days=90)
WEAK = Standing(strong=False, has_password=True, password_changed_at=NOW)
FACTOR, PASSWORD = (Owed.SECOND_FACTOR,), (Owed.PASSWORD,)


@pytest.mark.parametrize("role", sorted(Role))
def test_a_second_factor_is_asked_of_the_three_administrators_alone(role: Role) -> None:
    assert ALL.owed({role}, WEAK, NOW) == (FACTOR if role in APART else ())
    assert Duties(password_days=90).owed({role}, WEAK, NOW) == ()
    assert ALL.owed({role}, Standing(True, True, NOW), NOW) == ()


@pytest.mark.parametrize(
    ("changed", "owed"),
    [
        (NOW, ()),
        (NOW - timedelta(days=90) + timedelta(microseconds=1), ()),
        (NOW - timedelta(days=90), PASSWORD),
        (None, PASSWORD),
    ],
)
def test_a_password_grows_old_to_the_instant(changed: object, owed: tuple[Owed, ...]) -> None:
    standing = Standing(True, True, changed)  # type: ignore[arg-type]
    assert ALL.owed({Role.DISPATCHER}, standing, NOW) == owed
    assert Duties(second_factor=True).owed({Role.DISPATCHER}, standing, NOW) == ()
    assert ALL.owed({Role.DISPATCHER}, Standing(True, False, None), NOW) == (), "there is none to grow old"
    assert ALL.owed(set(), standing, NOW) == (), "who was granted nothing owes nothing"


def test_an_old_password_rests_everything_a_missing_factor_the_three() -> None:
    assert ALL.owed({Role.AUDITOR}, Standing(False, True, None), NOW) == (*FACTOR, *PASSWORD)
    for role in Role:
        assert rests(role, PASSWORD)
        assert rests(role, FACTOR) == (role in APART)
        assert not rests(role, ())
