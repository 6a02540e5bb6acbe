"""WeChat without WeChat, for development and tests: anybody may say who they are, and is believed.

Whoever builds it must refuse to do so in production (app/settings.py does).
"""

import logging
import re
from typing import Final

from app.domain.delivery import SENT, Delivery
from app.wechat.port import (
    Checked,
    SubscribeMessage,
    Suggestion,
    WeChatCodeInvalid,
    WeChatIdentity,
    WeChatPhoneCodeInvalid,
)

_LOGIN: Final = re.compile(r"demo:([a-z0-9_]{1,40})")
_PHONE: Final = re.compile(r"phone:([0-9]{11})")

logger = logging.getLogger(__name__)


class FakeWeChat:
    """`demo:<name>` signs in as openid `demo-<name>`; `phone:<11 digits>` has that number; no more is known.

    The codes can be used again and again, so that an example typed from the README works twice.
    """

    async def code_to_session(self, code: str) -> WeChatIdentity:
        match = _LOGIN.fullmatch(code)
        if match is None:
            raise WeChatCodeInvalid
        return WeChatIdentity(f"demo-{match[1]}")

    async def phone_number(self, code: str) -> str:
        match = _PHONE.fullmatch(code)
        if match is None:
            raise WeChatPhoneCodeInvalid
        return match[1]

    async def subscribe_send(self, message: SubscribeMessage) -> Delivery:
        logger.info("a WeChat message of template %s", message.template_id)
        return SENT

    async def msg_sec_check(self, words: Checked) -> Suggestion:
        """Everything passes but what says itself that it is risky."""
        return Suggestion(False, "20002") if "demo:risky" in words.content else Suggestion(True, "100")

    async def aclose(self) -> None:
        """There is nothing to let go of."""
