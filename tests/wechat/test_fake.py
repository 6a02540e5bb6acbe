"""The development double knows the codes it documents and refuses every other."""

import pytest

from app.wechat.fake import FakeWeChat
from app.wechat.port import WeChat, WeChatCodeInvalid, WeChatIdentity, WeChatPhoneCodeInvalid


async def test_a_demo_name_signs_in_again_and_again() -> None:
    wechat: WeChat = FakeWeChat()
    for _ in range(2):
        assert await wechat.code_to_session("demo:wang_2") == WeChatIdentity("demo-wang_2", None)
    assert (await FakeWeChat().code_to_session("demo:" + "a" * 40)).openid == "demo-" + "a" * 40
    await wechat.aclose()


@pytest.mark.parametrize(
    "code",
    [
        "",
        "demo:",
        "demo:Wang",
        "demo:王",
        "demo:a b",
        "demo:a\n",
        "demo:" + "a" * 41,
        "wang",
        "phone:13900000000",
    ],
)
async def test_other_codes_sign_nobody_in(code: str) -> None:
    with pytest.raises(WeChatCodeInvalid):
        await FakeWeChat().code_to_session(code)


async def test_a_phone_code_is_its_number() -> None:
    assert await FakeWeChat().phone_number("phone:13900000001") == "13900000001"


@pytest.mark.parametrize(
    "code",
    ["", "phone:", "phone:1390000000", "phone:139000000012", "phone:１３９００００００００", "demo:wang"],
)
async def test_other_codes_have_no_number(code: str) -> None:
    with pytest.raises(WeChatPhoneCodeInvalid):
        await FakeWeChat().phone_number(code)
