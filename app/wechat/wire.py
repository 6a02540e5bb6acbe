"""One question to WeChat and its answer, with nothing secret left lying about.

WeChat wants the app secret and the access token in the *address*, and answers a sign-in with a session key
beside the openid. Addresses are logged by HTTP libraries, bodies are kept by parse errors, both are printed
by tracebacks: so the address hides its query, and of a body only the fields asked for leave this file.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from app.wechat.port import WeChatBusy

TIMEOUTS: Final = httpx.Timeout(connect=2, read=3, write=3, pool=2)
DEADLINE: Final = 8.0
"""Seconds for the whole question; the timeouts above start again with every byte that arrives."""

UNCONNECTED: Final = (httpx.ConnectError, httpx.ConnectTimeout)
UNASKED: Final = (*UNCONNECTED, httpx.PoolTimeout)
"""Nothing was sent."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """`errcode` is 0 when WeChat consents; `fields` holds what was asked for and came."""

    errcode: int
    errmsg: str
    fields: Mapping[str, object] = field(repr=False)


class Wire:
    """The questions go to `base_url` through `http`; its own timeouts and redirects do not count."""

    def __init__(self, base_url: str, http: httpx.AsyncClient) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = http

    def question(
        self, method: str, path: str, query: dict[str, str], body: dict[str, object] | None = None
    ) -> httpx.Request:
        url = httpx.URL(self._base_url + path, params=query)
        request = httpx.Request(method, url, json=body, extensions={"timeout": TIMEOUTS.as_dict()})
        request.url = _DiscreetURL(url)
        return request

    async def ask(self, question: httpx.Request, *fields: str) -> Reply:
        """WeChat's answer. Raises WeChatBusy when there is none (silence, 5xx, a redirect, anything not JSON); it
        is not `unsure` when WeChat could not even be asked."""
        reply, reason, unsure = None, "not an answer of WeChat's", True
        try:
            async with asyncio.timeout(DEADLINE):
                reply = _read(await self._send(question), fields)
        except UNASKED as failure:
            reason, unsure = type(failure).__name__, False
        except (httpx.HTTPError, TimeoutError) as failure:
            reason = type(failure).__name__
        if reply is None:
            logger.warning("WeChat %s: %s", question.url.path, reason)
            raise WeChatBusy(unsure=unsure)
        return reply

    async def _send(self, question: httpx.Request) -> httpx.Response:
        try:
            return await self._http.send(question, follow_redirects=False)
        except UNCONNECTED:
            # Nothing was sent, so a code that can be used once is still unused. No other failure says that.
            return await self._http.send(question, follow_redirects=False)

    async def aclose(self) -> None:
        await self._http.aclose()


class _DiscreetURL(httpx.URL):
    """Goes out whole and prints without its query."""

    def __str__(self) -> str:
        return str(self.copy_with(query=None))

    def __repr__(self) -> str:
        return f"URL('{self}')"


def _read(response: httpx.Response, fields: tuple[str, ...]) -> Reply | None:
    """None for what is not WeChat's JSON. It never raises: an exception from here would hold the body."""
    if response.status_code != httpx.codes.OK:
        return None
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    errcode, errmsg = body.get("errcode", 0), body.get("errmsg", "")
    if type(errcode) is not int:
        return None
    return Reply(errcode, str(errmsg)[:200], {name: body[name] for name in fields if name in body})
