"""Signing in when it is tried wrongly, twice, at once, and by a phone that loses the answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlmodel import col, select

from app import clock
from app.errors import AppError, Unauthenticated
from app.house import House, build
from app.models.base import new_id
from app.models.person import Person, RefreshToken, SignIn, SignInAttempt
from app.services import auth
from app.services.admission import SignedIn
from app.services.attempts import LOCKED_FOR, MOST_FAILURES, SignInLocked
from app.services.auth import AccountClosed
from app.services.proving import BadCredentials
from app.services.refreshing import REPEATABLE, RefreshInvalid, RefreshReused
from tests.accounts import PASSWORD, reread, save, staff
from tests.conftest import settings_for
from tests.factories import NOW

SECOND = timedelta(seconds=1)
WRONG = "Wrong-Password-1"


@pytest.fixture
async def neighbour(house: House, tmp_path: Path) -> AsyncIterator[House]:
    """A second process on the same database."""
    url = house.database.engine.url.render_as_string(hide_password=False)
    other = build(settings_for(url, tmp_path))
    yield other
    await other.close()


async def outcome(house: House, person: Person, password: str) -> str:
    """How an attempt ends: "in", or the code of its problem."""
    try:
        await auth.by_password(house, person.username or "", password)
    except AppError as refused:
        return refused.code
    return "in"


async def fresh(house: House) -> SignedIn:
    return await auth.by_wechat(house, f"demo:{new_id().hex}")


async def chain_of(house: House, sign: SignedIn) -> tuple[list[SignIn], list[RefreshToken]]:
    """What the database holds of this person's sign-ins."""
    async with house.database.transaction() as session:
        signs = await session.exec(select(SignIn).where(SignIn.person_id == sign.person.id))
        tokens = await session.exec(
            select(RefreshToken)
            .join(SignIn, col(SignIn.id) == RefreshToken.sign_in_id)
            .where(SignIn.person_id == sign.person.id)
            .order_by(col(RefreshToken.id))
        )
        return list(signs), list(tokens)


async def test_two_phones_signing_in_for_the_first_time_are_one_person(
    house: House, neighbour: House
) -> None:
    code = f"demo:{new_id().hex}"
    signs = await asyncio.gather(*(auth.by_wechat(h, code) for h in (house, neighbour) * 4))
    assert len({sign.person.id for sign in signs}) == 1
    assert len({sign.refresh_token for sign in signs}) == 8


async def test_a_closed_account_cannot_sign_in_by_wechat_or_password(house: House) -> None:
    openid = new_id().hex
    await save(house, Person(wechat_openid=f"demo-{openid}", active=False))
    with pytest.raises(AccountClosed):
        await auth.by_wechat(house, f"demo:{openid}")
    assert await outcome(house, await staff(house, active=False), PASSWORD) == BadCredentials.code


async def test_unknown_people_and_people_without_a_password_are_refused_alike(house: House) -> None:
    unknown = Person(username=f"nobody_{new_id().hex}"[:40])
    without = Person(username=f"wechat_{new_id().hex}"[:40])
    await save(house, without)
    assert await outcome(house, unknown, PASSWORD) == await outcome(house, without, PASSWORD)


async def test_five_wrong_passwords_lock_the_account_on_every_process(house: House, neighbour: House) -> None:
    person = await staff(house)
    tried = [await outcome(h, person, WRONG) for h in (house, neighbour, house, neighbour, house)]
    assert tried == [BadCredentials.code] * MOST_FAILURES
    with pytest.raises(SignInLocked) as refused:
        await auth.by_password(neighbour, person.username or "", PASSWORD)
    assert refused.value.headers["Retry-After"] == str(LOCKED_FOR // SECOND)


async def counted(house: House, person: Person) -> int:
    """How many wrong guesses at this user name are remembered."""
    key = house.database.keyring.hashed(f"name {person.username}", "attempt")
    async with house.database.transaction() as session:
        attempt = await session.get(SignInAttempt, key)
        return attempt.failures if attempt else 0


async def test_the_lock_opens_to_the_second_and_the_count_begins_anew(house: House) -> None:
    person = await staff(house)
    for _ in range(MOST_FAILURES):
        await outcome(house, person, WRONG)
    with clock.at(NOW + LOCKED_FOR - SECOND):
        assert await outcome(house, person, PASSWORD) == SignInLocked.code
    with clock.at(NOW + LOCKED_FOR):
        assert await outcome(house, person, WRONG) == BadCredentials.code
        assert (await counted(house, person)) == 1
        assert await outcome(house, person, PASSWORD) == "in"


async def test_success_clears_the_count(house: House) -> None:
    person = await staff(house)
    for _ in range(2):
        for _ in range(MOST_FAILURES - 1):
            assert await outcome(house, person, WRONG) == BadCredentials.code
        assert await outcome(house, person, PASSWORD) == "in"
    assert await counted(house, person) == 0


async def test_twenty_guesses_at_once_are_five_guesses(house: House, neighbour: House) -> None:
    person = await staff(house)
    ends = await asyncio.gather(*(outcome(h, person, WRONG) for h in (house, neighbour) * 10))
    assert ends.count(BadCredentials.code) == MOST_FAILURES
    assert ends.count(SignInLocked.code) == 15


async def test_a_hash_of_older_parameters_is_replaced_at_the_next_sign_in(house: House) -> None:
    person = await staff(house)
    older = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with house.database.transaction() as session:
        session.add(person)
        person.password_hash = older
    assert await outcome(house, person, PASSWORD) == "in"
    assert (await reread(house, person)).password_hash != older
    assert await outcome(house, person, PASSWORD) == "in"


async def test_each_refresh_token_buys_the_next(house: House) -> None:
    sign = first = await fresh(house)
    for _ in range(3):
        sign = await auth.by_refresh_token(house, sign.refresh_token)
    assert sign.person == first.person
    signs, tokens = await chain_of(house, sign)
    assert len(signs) == 1
    assert [token.spent_at is None for token in tokens] == [False, False, False, True]


async def test_no_token_is_kept_that_could_be_presented(house: House) -> None:
    sign = await auth.by_refresh_token(house, (await fresh(house)).refresh_token)
    _, tokens = await chain_of(house, sign)
    for kept in (sign.refresh_token, *(token.digest for token in tokens)):
        assert len(kept) == 64
    assert sign.refresh_token not in {token.digest for token in tokens}
    with pytest.raises(RefreshInvalid):
        await auth.by_refresh_token(house, tokens[-1].digest)


async def test_a_phone_that_lost_the_answer_gets_it_again_for_a_minute(house: House) -> None:
    old = (await fresh(house)).refresh_token
    first = await auth.by_refresh_token(house, old)
    with clock.at(NOW + REPEATABLE):
        again = await auth.by_refresh_token(house, old)
    assert again.refresh_token == first.refresh_token
    assert await auth.by_refresh_token(house, again.refresh_token)


async def test_after_a_minute_the_old_token_ends_the_whole_sign_in(house: House) -> None:
    sign = await fresh(house)
    other_device = await auth.by_wechat(house, f"demo:{(await openid_of(house, sign)).removeprefix('demo-')}")
    successor = await auth.by_refresh_token(house, sign.refresh_token)
    with clock.at(NOW + REPEATABLE + SECOND):
        with pytest.raises(RefreshReused):
            await auth.by_refresh_token(house, sign.refresh_token)
        for token in (successor.refresh_token, sign.refresh_token):
            with pytest.raises(RefreshInvalid):
                await auth.by_refresh_token(house, token)
        assert await auth.by_refresh_token(house, other_device.refresh_token)


async def openid_of(house: House, sign: SignedIn) -> str:
    async with house.database.transaction() as session:
        person = await session.get(Person, sign.person.id)
        assert person is not None
        return person.wechat_openid or ""


async def test_within_the_minute_too_once_the_successor_was_used(house: House) -> None:
    sign = await fresh(house)
    successor = await auth.by_refresh_token(house, sign.refresh_token)
    latest = await auth.by_refresh_token(house, successor.refresh_token)
    with pytest.raises(RefreshReused):
        await auth.by_refresh_token(house, sign.refresh_token)
    with pytest.raises(RefreshInvalid):
        await auth.by_refresh_token(house, latest.refresh_token)


async def test_refreshing_twice_at_once_gives_the_same_successor(house: House, neighbour: House) -> None:
    sign = await fresh(house)
    signs = await asyncio.gather(
        *(auth.by_refresh_token(h, sign.refresh_token) for h in (house, neighbour) * 4)
    )
    assert len({found.refresh_token for found in signs}) == 1
    _, tokens = await chain_of(house, sign)
    assert len(tokens) == 2


async def test_the_answer_can_be_given_again_after_the_secret_was_rotated(house: House) -> None:
    old = (await fresh(house)).refresh_token
    first = await auth.by_refresh_token(house, old)
    rotated = house.settings.model_copy(
        update={
            "secret": SecretStr("the next secret, also long enough"),
            "previous_secret": house.settings.secret,
        }
    )
    again = await auth.by_refresh_token(replace(house, settings=rotated), old)
    assert again.refresh_token == first.refresh_token


async def test_a_refresh_token_runs_out_to_the_second(house: House) -> None:
    lifetime = timedelta(days=house.settings.refresh_days)
    one, other = (await fresh(house)).refresh_token, (await fresh(house)).refresh_token
    with clock.at(NOW + lifetime - SECOND):
        assert await auth.by_refresh_token(house, one)
    with clock.at(NOW + lifetime), pytest.raises(RefreshInvalid):
        await auth.by_refresh_token(house, other)


@pytest.mark.parametrize("token", ["", "0" * 64, "令牌", "\x00"])
async def test_an_unknown_refresh_token_is_refused(house: House, token: str) -> None:
    with pytest.raises(RefreshInvalid):
        await auth.by_refresh_token(house, token)


async def test_a_closed_person_cannot_refresh(house: House) -> None:
    sign = await fresh(house)
    async with house.database.transaction() as session:
        person = await session.get(Person, sign.person.id)
        assert person is not None
        person.active = False
    with pytest.raises(RefreshInvalid):
        await auth.by_refresh_token(house, sign.refresh_token)
    assert issubclass(RefreshInvalid, Unauthenticated)
