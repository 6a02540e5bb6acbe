"""A telephone with an authenticator, and staff who use it, for the tests of signing in."""

from datetime import datetime, timedelta
from typing import Any

import httpx
from pyotp import TOTP

from app import clock
from app.models.base import new_id
from app.models.person import Person
from tests.accounts import PASSWORD
from tests.conftest import calling

STEP = timedelta(seconds=30)


def somewhere() -> str:
    """An address that no other test guesses from."""
    tail = new_id().bytes[-3:]
    return f"10.{tail[0]}.{tail[1]}.{tail[2]}"


class Phone:
    """One device of a member of staff: signs in, and answers with codes once it has a secret."""

    def __init__(self, http: httpx.AsyncClient, person: Person) -> None:
        self.http, self.person = http, person
        self.secret = ""
        self.codes: list[str] = []
        self.signed_in: dict[str, Any] = {}

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.signed_in['access_token']}"}

    def code(self, at: datetime | None = None) -> str:
        return TOTP(self.secret).at(at or clock.now())

    async def enter(self, code: str | None = None, password: str = PASSWORD) -> str:
        """How signing in ends: "in", or the code of its problem."""
        body = {"username": self.person.username, "password": password, "code": code}
        answer = await self.http.post("/auth/password", json=body)
        if answer.status_code != 200:
            return str(answer.json()["code"])
        self.signed_in = answer.json()
        return "in"

    async def do(self, method: str, path: str, **body: Any) -> httpx.Response:
        return await self.http.request(method, path, json=body or None, headers=self.headers)

    async def told(self, method: str, path: str, **body: Any) -> str:
        """`200`, or `422 code_wrong`."""
        answer = await self.do(method, path, **body)
        return str(answer.status_code) + ("" if answer.is_success else f" {answer.json()['code']}")

    async def take_into_use(self) -> None:
        """A second factor, from beginning to confirmation; its codes are those of `code()`."""
        begun = await self.do("POST", "/me/second-factor", password=PASSWORD)
        assert begun.status_code == 200, begun.text
        self.secret = begun.json()["secret"]
        confirmed = await self.do("POST", "/me/second-factor/confirm", code=self.code())
        assert confirmed.status_code == 200, confirmed.text
        self.codes = confirmed.json()["recovery_codes"]


def phone_of(api: Any, person: Person, address: str | None = None) -> Phone:
    return Phone(calling(api, address or somewhere()), person)
