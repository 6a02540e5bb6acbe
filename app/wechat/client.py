"""WeChat over the network: the server-side calls of a mini-program (code2Session, getuserphonenumber,
subscribeMessage.send)."""

import re
from typing import Final

import httpx

from app.channels import WECHAT_HOST
from app.domain.delivery import Delivery, Outcome
from app.wechat.deliveries import delivery
from app.wechat.port import (
    Checked,
    SubscribeMessage,
    Suggestion,
    WeChatBusy,
    WeChatCodeInvalid,
    WeChatIdentity,
    WeChatMisconfigured,
    WeChatPhoneCodeInvalid,
)
from app.wechat.refusals import OPENID_REFUSED, TOKEN_REFUSED, garbled, refusal
from app.wechat.stable_token import StableToken
from app.wechat.wire import Reply, Wire

HOST: Final = WECHAT_HOST
MAINLAND: Final = "86"
LONGEST_CHECKED: Final = 2500

_CODE: Final = re.compile(r"[!-~]{1,512}")
_OPENID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LABEL: Final = re.compile(r"[0-9]{1,8}")
_COUNTRY: Final = re.compile(r"[1-9][0-9]{0,3}")
_NUMBER: Final = re.compile(r"[0-9]{4,15}")


class HttpWeChat:
    """The WeChat port for one mini-program. It owns `http`, and closes it."""

    def __init__(
        self,
        appid: str,
        secret: str,
        base_url: str = HOST,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._appid, self._secret = appid, secret
        self._wire = Wire(base_url, http or httpx.AsyncClient())
        self._tokens = StableToken(self._wire, appid, secret)

    async def code_to_session(self, code: str) -> WeChatIdentity:
        if not _CODE.fullmatch(code):
            raise WeChatCodeInvalid
        question = self._wire.question(
            "GET",
            "/sns/jscode2session",
            {
                "appid": self._appid,
                "secret": self._secret,
                "js_code": code,
                "grant_type": "authorization_code",
            },
        )
        reply = await self._wire.ask(question, "openid", "unionid")
        if reply.errcode:
            raise refusal(reply, WeChatCodeInvalid)
        openid, unionid = reply.fields.get("openid"), reply.fields.get("unionid")
        if not isinstance(openid, str) or not _OPENID.fullmatch(openid):
            raise garbled("openid")
        return WeChatIdentity(openid, unionid if isinstance(unionid, str) and unionid else None)

    async def phone_number(self, code: str) -> str:
        if not _CODE.fullmatch(code):
            raise WeChatPhoneCodeInvalid
        reply = await self._ask("/wxa/business/getuserphonenumber", {"code": code}, "phone_info")
        if reply.errcode:
            raise refusal(reply, WeChatPhoneCodeInvalid)
        return _number(reply.fields.get("phone_info"))

    async def subscribe_send(self, message: SubscribeMessage) -> Delivery:
        body: dict[str, object] = {
            "touser": message.openid,
            "template_id": message.template_id,
            "data": {name: {"value": value} for name, value in message.values.items()},
        }
        if message.page:
            body["page"] = message.page
        try:
            return delivery(await self._ask("/cgi-bin/message/subscribe/send", body))
        except WeChatBusy as busy:
            return Delivery(
                Outcome.RETRY, "no answer" if busy.unsure else "not to be asked", unsent=not busy.unsure
            )
        except WeChatMisconfigured:
            return Delivery(Outcome.RETRY, "no access token")

    async def msg_sec_check(self, words: Checked) -> Suggestion:
        body: dict[str, object] = {
            "version": 2,
            "openid": words.openid,
            "scene": int(words.scene),
            "content": words.content[:LONGEST_CHECKED],
        }
        reply = await self._ask("/wxa/msg_sec_check", body, "result")
        if reply.errcode in OPENID_REFUSED:
            return Suggestion(False, "unasked")
        if reply.errcode:
            raise refusal(reply, WeChatMisconfigured)
        return _suggestion(reply.fields.get("result"))

    async def _ask(self, path: str, body: dict[str, object], *fields: str) -> Reply:
        """A question that needs an access token. Raises WeChatBusy, WeChatMisconfigured."""
        token = await self._tokens.current()
        for last in (False, False, True):
            question = self._wire.question("POST", path, {"access_token": token.value}, body)
            reply = await self._wire.ask(question, *fields)
            if reply.errcode not in TOKEN_REFUSED or last:
                break
            # the token may have been replaced by another process, or be dead for everybody
            token = await self._tokens.replace(token)
        return reply

    async def aclose(self) -> None:
        await self._wire.aclose()


def _suggestion(result: object) -> Suggestion:
    """errcode 0 says only that WeChat has looked; `label` is a number, and has been seen as text."""
    told = result if isinstance(result, dict) else {}
    suggest, label = told.get("suggest"), str(told.get("label"))
    if suggest not in ("pass", "review", "risky") or not _LABEL.fullmatch(label):
        raise garbled("suggestion")
    return Suggestion(suggest == "pass", label)


def _number(phone_info: object) -> str:
    """WeChat documents `countryCode` as text and shows it as a number: both are read."""
    info = phone_info if isinstance(phone_info, dict) else {}
    country, number = str(info.get("countryCode")), str(info.get("purePhoneNumber"))
    if not _COUNTRY.fullmatch(country) or not _NUMBER.fullmatch(number):
        raise garbled("phone number")
    return number if country == MAINLAND else f"+{country}{number}"
