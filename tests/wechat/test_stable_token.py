"""The access token: asked for once however many need it, replaced when refused, forced only at the last."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.wechat.client import HttpWeChat
from app.wechat.port import WeChatBusy, WeChatMisconfigured
from tests.wechat.imitation import PHONE, TOKEN, Imitation, client

NOON = datetime(2025, 3, 5, 12, tzinfo=UTC)


def crowd(wechat: HttpWeChat, size: int = 20) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(wechat.phone_number(f"good{number}")) for number in range(size)]


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_twenty_who_need_a_token_ask_once() -> None:
    server = Imitation()
    server.gates[TOKEN] = asyncio.Event()
    tasks = crowd(client(server))
    await settle()
    assert server.calls == {TOKEN: 1}
    server.gates[TOKEN].set()
    assert await asyncio.gather(*tasks) == ["13900000000"] * 20
    assert server.calls == {TOKEN: 1, PHONE: 20}


async def test_twenty_who_queue_behind_a_failure_share_it() -> None:
    server = Imitation()
    server.gates[TOKEN] = asyncio.Event()
    server.plan(TOKEN, {"errcode": -1, "errmsg": "system error"})
    with clock.at(NOON):
        tasks = crowd(client(server))
        await settle()
        server.gates[TOKEN].set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {WeChatBusy}
    assert server.calls == {TOKEN: 1}


async def test_a_failure_is_forgotten_after_a_moment() -> None:
    server = Imitation()
    server.plan(TOKEN, {"errcode": 40125, "errmsg": "invalid appsecret"})
    wechat = client(server)
    with clock.at(NOON), pytest.raises(WeChatMisconfigured):
        await wechat.phone_number("good")
    with clock.at(NOON + timedelta(seconds=0.9)), pytest.raises(WeChatMisconfigured):
        await wechat.phone_number("good")
    assert server.calls == {TOKEN: 1}
    with clock.at(NOON + timedelta(seconds=1)):
        assert await wechat.phone_number("good") == "13900000000"


async def test_one_who_gives_up_does_not_spoil_it_for_the_others() -> None:
    server = Imitation()
    server.gates[TOKEN] = asyncio.Event()
    tasks = crowd(client(server))
    await settle()
    tasks[0].cancel()
    await settle()
    server.gates[TOKEN].set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert outcomes[1:] == ["13900000000"] * 19


@pytest.mark.parametrize(("seconds", "fetches"), [(7200 - 301, 1), (7200 - 300, 2), (7200, 2)])
async def test_a_token_is_kept_until_five_minutes_before_its_end(seconds: int, fetches: int) -> None:
    server = Imitation()
    wechat = client(server)
    with clock.at(NOON):
        await wechat.phone_number("good1")
    with clock.at(NOON + timedelta(seconds=seconds)):
        await wechat.phone_number("good2")
    assert server.calls[TOKEN] == fetches
    assert server.forced == 0


async def test_a_token_in_its_last_five_minutes_is_used_once() -> None:
    server = Imitation()
    server.expires_in = 200
    wechat = client(server)
    with clock.at(NOON):
        await wechat.phone_number("good1")
        await wechat.phone_number("good2")
    assert server.calls == {TOKEN: 2, PHONE: 2}


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_replaced_by_another_process_is_fetched_without_force(errcode: int) -> None:
    server = Imitation()
    wechat = client(server)
    await wechat.phone_number("good1")
    server.generation += 1
    server.plan(PHONE, {"errcode": errcode, "errmsg": "access_token"})
    assert await wechat.phone_number("good2") == "13900000000"
    assert (server.calls[TOKEN], server.calls[PHONE], server.forced) == (2, 3, 0)


async def test_a_token_that_dies_under_twenty_is_replaced_once() -> None:
    server = Imitation()
    wechat = client(server)
    await wechat.phone_number("good")
    server.gates[PHONE] = asyncio.Event()
    tasks = crowd(wechat)
    await settle()
    assert server.calls == {TOKEN: 1, PHONE: 1 + 20}
    server.generation += 1
    server.gates[PHONE].set()
    assert await asyncio.gather(*tasks) == ["13900000000"] * 20
    assert server.calls == {TOKEN: 2, PHONE: 1 + 20 + 20}
    assert server.forced == 0


async def test_a_token_that_wechat_hands_out_and_refuses_is_forced() -> None:
    server = Imitation()
    wechat = client(server)
    server.plan(PHONE, {"errcode": 42001, "errmsg": "access_token expired"})
    assert await wechat.phone_number("good") == "13900000000"
    assert (server.calls[TOKEN], server.calls[PHONE], server.forced) == (3, 2, 1)


async def test_a_replaced_token_that_is_refused_as_well_is_forced() -> None:
    server = Imitation()
    wechat = client(server)
    await wechat.phone_number("good1")
    server.generation += 1
    refused = {"errcode": 40001, "errmsg": "access_token"}
    server.plan(PHONE, refused, refused)
    assert await wechat.phone_number("good2") == "13900000000"
    assert (server.calls[TOKEN], server.calls[PHONE], server.forced) == (4, 4, 1)


async def test_refusal_without_end_is_misconfiguration_and_force_is_rationed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Imitation()
    server.accepting = False
    wechat = client(server)
    for minute in range(0, 24 * 60, 5):
        with clock.at(NOON + timedelta(minutes=minute)), pytest.raises(WeChatMisconfigured):
            await wechat.phone_number("good")
    assert 1 <= server.forced <= 20
    assert "keeps refusing" in caplog.text


async def test_replacing_stops_after_three_questions() -> None:
    server = Imitation()
    server.accepting, server.restless = False, True
    with pytest.raises(WeChatMisconfigured):
        await client(server).phone_number("good")
    assert (server.calls[TOKEN], server.calls[PHONE], server.forced) == (3, 3, 0)


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": "", "expires_in": 7200},
        {"access_token": None, "expires_in": 7200},
        {"access_token": "t"},
        {"access_token": "t", "expires_in": "soon"},
        {"access_token": "t", "expires_in": 10**20},
    ],
)
async def test_half_a_token_is_none(answer: dict[str, object]) -> None:
    server = Imitation()
    server.plan(TOKEN, answer)
    with pytest.raises(WeChatBusy):
        await client(server).phone_number("good")
    assert server.calls == {TOKEN: 1}
