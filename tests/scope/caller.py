"""The app called in process, one ASGI message at a time: a stream is hung up on after its first words."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import FastAPI


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return self.status in (401, 403, 404)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def told(self) -> str:
        """What the caller learns: without what differs from call to call."""
        if not self.headers.get("content-type", "").startswith("application/problem+json"):
            return f"{self.status} {self.body.decode(errors='replace')}"
        problem = self.json()
        kept = {name: said for name, said in problem.items() if name not in ("request_id", "instance")}
        return f"{self.status} {json.dumps(kept, ensure_ascii=False)}"

    @property
    def short(self) -> str:
        """For a person who reads what went wrong."""
        if self.status < 400:
            return str(self.status)
        problem = self.json()
        return (
            f"{self.status} {problem['code']} {problem.get('detail', '')} {problem.get('errors', '')}".strip()
        )


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    body: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


async def call(app: FastAPI, token: str, wanted: Call) -> Answer:
    """`wanted.path` from the host on. `token` may be empty."""
    sent = _Sent()
    await app(_scope(token, wanted), _Receiving(_content(wanted), sent), sent)
    return Answer(sent.status, b"".join(sent.parts), sent.headers)


def _content(wanted: Call) -> bytes:
    if wanted.content is not None:
        return wanted.content
    return b"" if wanted.body is None else json.dumps(wanted.body).encode()


def _scope(token: str, wanted: Call) -> dict[str, Any]:
    split = urlsplit(wanted.path)
    headers = {"host": "test", "content-length": str(len(_content(wanted))), **wanted.headers}
    if wanted.body is not None:
        headers["content-type"] = "application/json"
    if token:
        headers["authorization"] = f"Bearer {token}"
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": wanted.method,
        "scheme": "http",
        "path": unquote(split.path),
        "raw_path": split.path.encode(),
        "query_string": split.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("192.0.2.1", 4000),
        "server": ("test", 80),
    }


class _Sent:
    """Gathers what the app sends."""

    def __init__(self) -> None:
        self.status, self.parts, self.headers = 0, list[bytes](), dict[str, str]()

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))


class _Receiving:
    """The body, and then that the caller has hung up."""

    def __init__(self, content: bytes, sent: _Sent) -> None:
        self.content: bytes | None = content
        self.sent = sent

    async def __call__(self) -> dict[str, Any]:
        if self.content is None:
            return {"type": "http.disconnect"}
        content, self.content = self.content, None
        return {"type": "http.request", "body": content, "more_body": False}
