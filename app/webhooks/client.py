"""Calls to other systems, at addresses that callers name: so the address is looked at before it is called.

The name is resolved once for a line, every address that it has must lie outside, and the line goes to the one
that was looked at, with the name in `Host` and in TLS: a name that answers otherwise the second time gains nothing.
Redirects are refused, nothing of an answer is kept, and no proxy of the environment comes between.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

import httpx

from app.webhooks.addresses import outside

TIMEOUTS: Final = httpx.Timeout(connect=3, read=5, write=5, pool=3)
DEADLINE: Final = 10.0
"""Seconds for one call; the timeouts above start again with every byte that arrives."""
LONGEST: Final = 16 * 1024
"""Bytes of an answer that are let in, so that its connection can be used again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`taken`: the other side says that it has it (2xx). `said` is for the operator."""

    taken: bool
    said: str


class NoLine(Exception):
    """The address cannot be called: unknown, or not outside. Its text is for the operator."""


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class Line:
    """To one address of one webhook, for the calls of one round."""

    def __init__(self, http: httpx.AsyncClient, url: httpx.URL, address: str) -> None:
        self._http, self._named = http, url
        self._url = url.copy_with(host=address)

    async def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Raises nothing: whatever happens is an answer."""
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._post(body, headers)
        except (httpx.HTTPError, TimeoutError) as failure:
            return Answer(False, type(failure).__name__)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        calling = self._http.stream(
            "POST",
            self._url,
            content=body,
            headers={"Host": self._named.netloc.decode("ascii"), **headers},
            extensions={"sni_hostname": self._named.host},
        )
        async with calling as answer:
            length = 0
            async for part in answer.aiter_raw():
                length += len(part)
                if length > LONGEST:
                    break
        refused = " (redirects are refused)" if answer.is_redirect else ""
        return Answer(answer.is_success, f"HTTP {answer.status_code}{refused}")


class Hooks:
    """`inside` lets calls stay in the network, for development."""

    def __init__(self, *, inside: bool = False) -> None:
        self._inside = inside

    @asynccontextmanager
    async def line(self, url: str) -> AsyncIterator[Line]:
        """Raises NoLine."""
        named = httpx.URL(url)
        address = await self._address(named)
        transport = httpx.AsyncHTTPTransport(verify=_trust(), trust_env=False)
        async with httpx.AsyncClient(
            transport=transport, trust_env=False, timeout=TIMEOUTS, follow_redirects=False
        ) as http:
            yield Line(http, named, address)

    async def _address(self, url: httpx.URL) -> str:
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            async with asyncio.timeout(DEADLINE):
                found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as failure:
            raise NoLine("the name is not known") from failure
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not (self._inside or all(outside(one) for one in addresses)):
            raise NoLine("the address is not a public one")
        return addresses[0]
