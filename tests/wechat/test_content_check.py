"""msgSecCheck 2.0: judged by its result and by nothing else."""

from typing import Any

import pytest

from app.wechat.fake import FakeWeChat
from app.wechat.port import Checked, Scene, Suggestion, WeChatBusy, WeChatMisconfigured
from tests.wechat.imitation import CHECK, Imitation, client

PLAIN = Checked("o-1", Scene.FORUM, "擦窗")


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (PLAIN, Suggestion(True, "100")),
        (Checked("o-1", Scene.COMMENT, "demo:risky"), Suggestion(False, "20002")),
        (Checked("o-1", Scene.COMMENT, "demo:review"), Suggestion(False, "21000")),
        (Checked("gone-1", Scene.COMMENT, "擦窗"), Suggestion(False, "unasked")),
        (Checked("o-1", Scene.COMMENT, "长" * 4000), Suggestion(True, "100")),
    ],
)
async def test_only_what_passes_passes(words: Checked, suggestion: Suggestion) -> None:
    assert await client(Imitation()).msg_sec_check(words) == suggestion


async def test_an_errcode_of_0_says_nothing() -> None:
    server = Imitation()
    ok = {"errcode": 0, "errmsg": "ok"}
    strange: tuple[dict[str, Any], ...] = (
        {},
        {"result": None},
        {"result": {"suggest": "Pass", "label": 100}},
        {"result": {"suggest": "pass"}},
    )
    server.plan(CHECK, *(ok | one for one in strange))
    for _ in strange:
        with pytest.raises(WeChatBusy):
            await client(server).msg_sec_check(PLAIN)
    server.plan(CHECK, ok | {"result": {"suggest": "pass", "label": "100"}})
    assert (await client(server).msg_sec_check(PLAIN)).passes


async def test_a_refusal_is_no_answer_to_the_question() -> None:
    server = Imitation()
    server.plan(CHECK, {"errcode": 45009, "errmsg": "reach max api daily quota limit"})
    server.plan(CHECK, {"errcode": 48001, "errmsg": "api unauthorized"})
    with pytest.raises(WeChatBusy):
        await client(server).msg_sec_check(PLAIN)
    with pytest.raises(WeChatMisconfigured):
        await client(server).msg_sec_check(PLAIN)


async def test_the_fake_lets_pass_what_does_not_say_that_it_is_risky() -> None:
    assert (await FakeWeChat().msg_sec_check(PLAIN)).passes
    assert not (await FakeWeChat().msg_sec_check(Checked("o", Scene.FORUM, "demo:risky"))).passes
