"""One person's phone: signed in, and patient with a bad line.

Every POST carries an `Idempotency-Key`, and what got no answer is sent again under the same key: the server
promises that it then happened once.
"""

import asyncio
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

TRIES: Final = 4
PAUSE: Final = 0.25
BUSY: Final = {429, 503}


class Unexpected(Exception):
    """The server answered otherwise than the story says; `code` is the problem's, if it is one."""

    def __init__(self, told: str, code: str = "") -> None:
        super().__init__(told)
        self.code = code


class Phone:
    def __init__(self, http: httpx.AsyncClient, name: str) -> None:
        self._http = http
        self._headers: dict[str, str] = {}
        self.name = name
        self.person_id = UUID(int=0)
        self.teams: tuple[UUID, ...] = ()
        """Those that this person leads."""

    async def sign_in(self, way: str, body: dict[str, str]) -> "Phone":
        """By `wechat` or by `password`."""
        told = await self.send("POST", f"auth/{way}", body)
        self._headers = {"Authorization": f"Bearer {told['access_token']}"}
        self.person_id = UUID(told["person"]["id"])
        self.teams = tuple(UUID(role["team"]["id"]) for role in told["roles"] if role["team"])
        return self

    async def get(self, path: str, **query: Any) -> Any:
        return await self.send("GET", path, query=query)

    async def all(self, path: str, **query: Any) -> list[Any]:
        """Every page of a list."""
        found: list[Any] = []
        while True:
            page = await self.get(path, limit=100, **query)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    async def post(self, path: str, body: Any = None, refused: str = "") -> Any:
        """The answer; with `refused`, the problem of that code, which the story expects."""
        return await self.send("POST", path, body, refused=refused)

    async def send(
        self, method: str, path: str, body: Any = None, *, query: Any = None, refused: str = ""
    ) -> Any:
        """The JSON of the answer. Raises Unexpected, and httpx.TransportError when the line stays dead."""
        headers = self._headers | {"Idempotency-Key": uuid4().hex}
        answer = await self._patiently(method, path, json=body, params=query, headers=headers)
        told: Any = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        if answer.is_success == bool(refused) or (refused and told.get("code") != refused):
            text = f"{self.name} {method} {path} → {answer.status_code} {answer.text[:300]}"
            raise Unexpected(text, told.get("code", ""))
        return told

    async def _patiently(self, method: str, path: str, **call: Any) -> httpx.Response:
        for again in range(1, TRIES):
            try:
                answer = await self._http.request(method, path, **call)
                if answer.status_code not in BUSY:
                    return answer
            except httpx.TransportError:
                pass
            await asyncio.sleep(PAUSE * again)
        return await self._http.request(method, path, **call)
