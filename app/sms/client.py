"""Text messages through the operator's gateway: one signed JSON POST each."""

import asyncio
import json
import logging
from typing import Final

import httpx

from app.clock import now
from app.domain.delivery import SENT, Delivery, Outcome
from app.domain.signature import HEADER, signature
from app.sms.port import TextMessage

TIMEOUTS: Final = httpx.Timeout(connect=2, read=5, write=3, pool=2)
DEADLINE: Final = 10.0
"""Seconds for the whole call; the timeouts above start again with every byte that arrives."""
LATER: Final = frozenset({408, 425, 429})

logger = logging.getLogger(__name__)


class HttpSms:
    """The SMS port for a gateway at `url`. It owns `http`, and closes it."""

    def __init__(self, url: str, secret: str, http: httpx.AsyncClient | None = None) -> None:
        self._url, self._secret = url, secret
        self._http = http or httpx.AsyncClient()

    async def send(self, message: TextMessage) -> Delivery:
        told = {"id": message.key, "phone": message.phone, "template": message.template, "text": message.text}
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", HEADER: signature(self._secret, now(), body)}
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._post(body, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            return Delivery(Outcome.RETRY, type(failure).__name__)
        except (httpx.HTTPError, TimeoutError) as failure:
            return Delivery(Outcome.RETRY, type(failure).__name__, unsent=False)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Delivery:
        """Only the status counts, so nothing of the answer's body is read."""
        sending = self._http.stream(
            "POST", self._url, content=body, headers=headers, timeout=TIMEOUTS, follow_redirects=False
        )
        async with sending as answer:
            status = answer.status_code
        if answer.is_success:
            return SENT
        if status in LATER or answer.is_server_error:
            return Delivery(Outcome.RETRY, f"HTTP {status}", unsent=status in LATER)
        logger.error("the SMS gateway takes no message: HTTP %d", status)
        return Delivery(Outcome.FAILED, f"HTTP {status}")

    async def aclose(self) -> None:
        await self._http.aclose()
