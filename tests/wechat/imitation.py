"""WeChat's server as far as this service needs it, in memory: it counts, it can be told to fail, it keeps tokens
the way stable_token is documented to (one for everybody until it is forced or expires), and it is as particular
about messages as the real one. Served over a socket by tests/serving.py."""

import asyncio
import re
from collections import Counter, deque
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.wechat.client import HttpWeChat

APPID, SECRET = "wx00demo00demo00", "app-secret-never-to-be-seen"
SESSION_KEY = "c2Vzc2lvbi1rZXk0dGVzdA=="
SESSION, TOKEN, PHONE = "/sns/jscode2session", "/cgi-bin/stable_token", "/wxa/business/getuserphonenumber"
SEND = "/cgi-bin/message/subscribe/send"
CHECK = "/wxa/msg_sec_check"
FITS = {
    "thing": re.compile(r".{1,20}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "time": re.compile(r"\d{4}年\d\d月\d\d日 \d\d:\d\d"),
    "character_string": re.compile(r"[!-~]{1,32}"),
    "name": re.compile(r".{1,10}"),
    "phone_number": re.compile(r"[0-9+-]{1,17}"),
}
"""What WeChat takes in a field, by the kind that its name begins with."""


class Imitation:
    """`planned[path]` is answered first, in order; then WeChat behaves. Who comes to a gate waits for it."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.forced = 0
        self.generation = 1
        self.expires_in = 7200
        self.used: set[str] = set()
        self.country: object = "86"
        self.number = "13900000000"
        self.accepting = True
        self.planned: dict[str, deque[Response]] = {
            path: deque() for path in (SESSION, TOKEN, PHONE, SEND, CHECK)
        }
        self.sent: list[dict[str, Any]] = []
        self.unwilling: set[str] = set()
        self.restless = False
        self.gates: dict[str, asyncio.Event] = {}
        self.somebody_waits = asyncio.Event()
        self.app = Starlette(
            routes=[
                Route(SESSION, self.session, methods=["GET"]),
                Route(TOKEN, self.token, methods=["POST"]),
                Route(PHONE, self.phone, methods=["POST"]),
                Route(SEND, self.send, methods=["POST"]),
                Route(CHECK, self.check, methods=["POST"]),
            ]
        )

    def plan(self, path: str, *answers: dict[str, Any] | Response) -> None:
        for answer in answers:
            self.planned[path].append(answer if isinstance(answer, Response) else JSONResponse(answer))

    async def _arrived(self, path: str) -> Response | None:
        self.calls[path] += 1
        if path in self.gates:
            self.somebody_waits.set()
            await self.gates[path].wait()
        return self.planned[path].popleft() if self.planned[path] else None

    async def session(self, request: Request) -> Response:
        if planned := await self._arrived(SESSION):
            return planned
        query = request.query_params
        if query.get("appid") != APPID:
            return JSONResponse({"errcode": 40013, "errmsg": "invalid appid"})
        if query.get("secret") != SECRET:
            return JSONResponse({"errcode": 40125, "errmsg": "invalid appsecret"})
        assert query["grant_type"] == "authorization_code"
        code = query["js_code"]
        if code in self.used:
            return JSONResponse({"errcode": 40163, "errmsg": "code been used"})
        if not code.startswith("good"):
            return JSONResponse({"errcode": 40029, "errmsg": "invalid code"})
        self.used.add(code)
        body = f'{{"session_key":"{SESSION_KEY}","openid":"o-{code}","unionid":"u-{code}"}}'
        return PlainTextResponse(body)  # WeChat, too, calls this JSON text/plain

    async def token(self, request: Request) -> Response:
        if planned := await self._arrived(TOKEN):
            return planned
        body = await request.json()
        assert body["grant_type"] == "client_credential"
        assert not request.query_params
        if (body["appid"], body["secret"]) != (APPID, SECRET):
            return JSONResponse({"errcode": 40125, "errmsg": "invalid appsecret"})
        self.forced += body["force_refresh"]
        self.generation += body["force_refresh"] or self.restless
        return JSONResponse({"access_token": f"token-{self.generation}", "expires_in": self.expires_in})

    async def phone(self, request: Request) -> Response:
        if planned := await self._arrived(PHONE):
            return planned
        if refused := self._token_refused(request):
            return refused
        code = (await request.json())["code"]
        if code in self.used or not code.startswith("good"):
            return JSONResponse({"errcode": 40029, "errmsg": "invalid code"})
        self.used.add(code)
        info = {
            "phoneNumber": "+" + self.number,
            "purePhoneNumber": self.number,
            "countryCode": self.country,
            "watermark": {"timestamp": 1700000000, "appid": APPID},
        }
        return JSONResponse({"errcode": 0, "errmsg": "ok", "phone_info": info})

    def _token_refused(self, request: Request) -> Response | None:
        if request.query_params["access_token"] == f"token-{self.generation}" and self.accepting:
            return None
        return JSONResponse({"errcode": 40001, "errmsg": "invalid credential, access_token is not latest"})

    async def check(self, request: Request) -> Response:
        """msgSecCheck 2.0 looks at what people wrote who were there lately, and finds what says so itself."""
        if planned := await self._arrived(CHECK):
            return planned
        if refused := self._token_refused(request):
            return refused
        asked = await request.json()
        assert (asked["version"], asked["scene"] in (1, 2, 3, 4)) == (2, True)
        if len(asked["content"]) > 2500:
            return JSONResponse({"errcode": 44991, "errmsg": "content too long"})
        if asked["openid"].startswith("gone"):
            return JSONResponse({"errcode": 61010, "errmsg": "code is expired"})
        found = ("risky", 20002) if "demo:risky" in asked["content"] else ("pass", 100)
        found = ("review", 21000) if "demo:review" in asked["content"] else found
        result = {"suggest": found[0], "label": found[1]}
        return JSONResponse({"errcode": 0, "errmsg": "ok", "result": result, "detail": [], "trace_id": "t"})

    async def send(self, request: Request) -> Response:
        """`sent` holds what people got; whoever is `unwilling` gets nothing."""
        if planned := await self._arrived(SEND):
            return planned
        if refused := self._token_refused(request):
            return refused
        message = await request.json()
        if not message["touser"].startswith("o-"):
            return JSONResponse({"errcode": 40003, "errmsg": "invalid openid"})
        if not message["template_id"].startswith("t-"):
            return JSONResponse({"errcode": 40037, "errmsg": "template_id invalid"})
        if message["touser"] in self.unwilling:
            return JSONResponse({"errcode": 43101, "errmsg": "user refuse to accept the msg"})
        for name, field in message["data"].items():
            if not FITS[name.rstrip("0123456789")].fullmatch(field["value"]):
                return JSONResponse(
                    {"errcode": 47003, "errmsg": f"argument invalid! data.{name}.value invalid"}
                )
        self.sent.append(message)
        return JSONResponse({"errcode": 0, "errmsg": "ok", "msgid": len(self.sent)})


class Stumbling(httpx.AsyncBaseTransport):
    """A network that fails in the given ways before it works."""

    def __init__(self, wechat: Imitation) -> None:
        self._inner = httpx.ASGITransport(wechat.app)
        self.failures: deque[httpx.HTTPError] = deque()
        self.timeouts: list[object] = []
        self.attempts = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.attempts += 1
        self.timeouts.append(request.extensions["timeout"])
        if self.failures:
            raise self.failures.popleft()
        return await self._inner.handle_async_request(request)


def client(wechat: Imitation, network: Stumbling | None = None, secret: str = SECRET) -> HttpWeChat:
    """A client of the imitation, built on an httpx client that would follow redirects if it were let."""
    http = httpx.AsyncClient(transport=network or Stumbling(wechat), follow_redirects=True, timeout=99)
    return HttpWeChat(APPID, secret, "http://wechat.test", http)
