"""WeChat as the rest of the house sees it: who is this, what is their number, and tell them something.

Implemented over the network (`client.py`) and in memory (`fake.py`). Whatever WeChat answers to a person signing
in arrives above as one of four problems, because a phone can do one of four things: ask the user again, wait, give
up, or tell the user that the center has to act. What it answers to a message is a Delivery, a value and no problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from app.domain.delivery import Delivery
from app.errors import AppError, Forbidden, Unauthenticated, Unavailable


@dataclass(frozen=True, slots=True)
class WeChatIdentity:
    """`openid` is one person in this mini-program; `unionid` the same person across the operator's apps, and
    present only when the mini-program is bound to an open-platform account."""

    openid: str
    unionid: str | None = None


@dataclass(frozen=True, slots=True)
class SubscribeMessage:
    """One 订阅消息: every value already fits its field (app/domain/messages.py); `page` may be empty."""

    openid: str
    template_id: str
    values: Mapping[str, str]
    page: str = ""


class Scene(IntEnum):
    """Where a text will stand, as WeChat's check counts it."""

    COMMENT = 2
    FORUM = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """A text that somebody who was in the mini-program within two hours has written."""

    openid: str
    scene: Scene
    content: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What WeChat's check makes of a text; `label` is its number for what it found (100: nothing)."""

    passes: bool
    label: str


class WeChat(Protocol):
    """What a mini-program's server asks. Never call it inside a transaction: it waits for others' networks."""

    async def code_to_session(self, code: str) -> WeChatIdentity:
        """Turn the one-use code of `wx.login` into a person; the session key that comes along is dropped.

        Raises WeChatCodeInvalid, WeChatUserBlocked, WeChatBusy, WeChatMisconfigured.
        """

    async def phone_number(self, code: str) -> str:
        """Turn the one-use code of the phone-number button into a number: a mainland one as its plain digits,
        any other as `+<country><number>`, so that no foreign number can pass for somebody's mainland one.

        Raises WeChatPhoneCodeInvalid, WeChatBusy, WeChatMisconfigured.
        """

    async def subscribe_send(self, message: SubscribeMessage) -> Delivery:
        """Use up one of the person's consents; raises nothing, because a message is nobody's request."""

    async def msg_sec_check(self, words: Checked) -> Suggestion:
        """What WeChat makes of a text (msgSecCheck 2.0). Only `pass` passes: `review` and `risky` are for people.

        Raises WeChatBusy, WeChatMisconfigured.
        """

    async def aclose(self) -> None:
        """Let go of the network."""


class WeChatCodeInvalid(Unauthenticated):
    """The code of `wx.login` is wrong, older than five minutes, or was used before: ask for a new one."""

    code = "wechat_code_invalid"
    title, title_en = "微信登录凭证无效或已使用，请重新登录", "The WeChat code is invalid or used"


class WeChatPhoneCodeInvalid(AppError):
    """The same for the phone button; not a 401, because whoever presses it is signed in and stays so."""

    status, code = 422, "wechat_phone_code_invalid"
    title, title_en = "手机号授权已失效，请重新点击获取", "The phone number code is invalid or used"


class WeChatUserBlocked(Forbidden):
    """WeChat itself holds this user to be a risk (40226)."""

    code = "wechat_user_blocked"
    title, title_en = "微信提示该账号存在风险，暂时无法登录", "WeChat blocks this user"


class WeChatBusy(Unavailable):
    """No answer, no sensible answer, or too many questions; nothing is known to be wrong.

    `unsure`: WeChat was asked, and may have done what it was asked.
    """

    code = "wechat_busy"
    title, title_en = "微信服务繁忙，请稍后再试", "WeChat is busy"

    def __init__(self, *, retry_after: int = 5, unsure: bool = False) -> None:
        super().__init__(retry_after=retry_after)
        self.unsure = unsure


class WeChatMisconfigured(AppError):
    """WeChat refuses this service, not this user; what it said stands in the log for the operator only."""

    status, code = 502, "wechat_misconfigured"
    title, title_en = "微信登录配置有误，请联系实践中心工作人员", "WeChat refuses this service"
