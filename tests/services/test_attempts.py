"""Guesses are counted by who guesses, too: at many names from one address, in any number of processes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from sqlmodel import select

from app import clock
from app.errors import AppError
from app.house import House, build
from app.jobs import forget
from app.models.base import new_id
from app.models.person import Person, SignInAttempt
from app.origin import Origin, origin
from app.services import attempts, auth
from app.services.attempts import LOCKED_FOR, MOST_FROM_ADDRESS, Charge
from tests.accounts import PASSWORD, staff
from tests.authenticator import somewhere
from tests.conftest import settings_for
from tests.factories import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
async def neighbour(house: House, tmp_path: Path) -> AsyncIterator[House]:
    """A second process on the same database."""
    other = build(settings_for(house.database.engine.url.render_as_string(hide_password=False), tmp_path))
    yield other
    await other.close()


@contextmanager
def calling_from(address: str) -> Iterator[None]:
    before = origin.set(Origin(address=address))
    try:
        yield
    finally:
        origin.reset(before)


def nobody() -> str:
    return f"nobody_{new_id().hex}"[:40]


async def guess(house: House, name: str) -> bool | timedelta:
    """Charge one guess and never look at a password: True, or how long one must wait."""
    async with house.database.transaction() as session:
        charged = await attempts.charge(session, name, NOW)
    return True if isinstance(charged, Charge) else charged


async def outcome(house: House, person: Person, password: str) -> str:
    try:
        await auth.by_password(house, person.username or "", password)
    except AppError as refused:
        return refused.code
    return "in"


async def test_thirty_guesses_from_one_address_lock_it_in_every_process(
    house: House, neighbour: House
) -> None:
    person = await staff(house)
    here, elsewhere = somewhere(), somewhere()
    with calling_from(here):
        guesses = (guess(one, nobody()) for one in (house, neighbour) * MOST_FROM_ADDRESS)
        ends = await asyncio.gather(*guesses)
        assert ends.count(True) == MOST_FROM_ADDRESS
        assert {one for one in ends if one is not True} == {LOCKED_FOR}
        assert await outcome(neighbour, person, PASSWORD) == "signin_locked"
    with calling_from(elsewhere):
        assert await outcome(neighbour, person, PASSWORD) == "in", "the name itself was not guessed at"
    with calling_from(here), clock.at(NOW + LOCKED_FOR - SECOND):
        assert await outcome(house, person, PASSWORD) == "signin_locked"
    with calling_from(here), clock.at(NOW + LOCKED_FOR):
        assert await outcome(house, person, PASSWORD) == "in"


async def test_a_household_of_ipv6_is_one_address(house: House) -> None:
    network = f"2408:8000:{new_id().hex[-4:]}:7"
    for host in range(MOST_FROM_ADDRESS):
        with calling_from(f"{network}::{host:x}"):
            assert await guess(house, nobody()) is True
    with calling_from(f"{network}:ffff::1"):
        assert await guess(house, nobody()) == LOCKED_FOR


async def test_a_town_hall_that_signs_in_is_not_locked_out(house: House) -> None:
    """Whoever gets in gives back the own charge and no other's: a thief with one account gains nothing by it."""
    person = await staff(house)
    with calling_from(somewhere()):
        for _ in range(MOST_FROM_ADDRESS - 1):
            assert await guess(house, nobody()) is True
        for _ in range(3):
            assert await outcome(house, person, PASSWORD) == "in"
        assert await guess(house, nobody()) is True
        assert await outcome(house, person, PASSWORD) == "signin_locked"


async def test_a_locked_name_still_charges_the_address(house: House) -> None:
    person = await staff(house)
    with calling_from(somewhere()):
        ends = [await guess(house, person.username or "") for _ in range(MOST_FROM_ADDRESS)]
        assert ends.count(True) == attempts.MOST_FAILURES
        assert await guess(house, nobody()) == LOCKED_FOR


async def test_no_name_and_no_address_lies_in_the_table(house: House) -> None:
    name, address = nobody(), somewhere()
    with calling_from(address):
        await guess(house, name)
    async with house.database.transaction() as session:
        kept = (await session.exec(select(SignInAttempt.key))).all()
    assert {len(key) for key in kept} == {64}
    assert not [key for key in kept if name in key or address in key]


async def test_what_no_longer_counts_is_forgotten(fresh_house: House) -> None:
    for _ in range(attempts.MOST_FAILURES):
        await guess(fresh_house, "somebody")
    day = attempts.FORGOTTEN_AFTER
    assert await forget.run(fresh_house, NOW + day) == 0
    assert await forget.run(fresh_house, NOW + day + SECOND) == 1


async def test_an_unknown_name_takes_as_long_as_a_known_one(house: House) -> None:
    """From the charge to the entry in the trail."""
    known = [await staff(house) for _ in range(2)]

    async def cost(name: str) -> float:
        begun = perf_counter()
        with pytest.raises(AppError):
            await auth.by_password(house, name, "Wrong-Password-1")
        return perf_counter() - begun

    with calling_from(somewhere()):
        pairs = [(await cost(one.username or ""), await cost(nobody())) for one in known * 2]
    somebody, stranger = (median(side) for side in zip(*pairs, strict=True))
    assert 0.4 < stranger / somebody < 2.5
