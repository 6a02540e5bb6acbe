"""One person's phone on a bad line: it sends a write under one key until there is a definite answer."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from app.domain.attendance import Mark
from app.services.tokens import Tokens
from torture.history import Entry, History, Outcome
from torture.offset import Offset

TRY_SECONDS: Final = 6.0
PATIENCE_SECONDS: Final = 40.0
KEY_IS_KEPT: Final = timedelta(hours=40)
"""A kept answer is forgotten after 48 hours (app/jobs/forget.py): nobody asks for it much later than a day."""
CUT_OFF: Final = 0.04
"""How often the first try is given up at once, as in a lift whose doors close."""
ASKED_AGAIN: Final = 0.1
"""How often somebody presses once more though the answer has come."""
UNKEYED: Final = frozenset({"reveal"})
"""What may be answered otherwise when it is asked again (app/routers/reveals.py)."""
WHY: Final = {"reason": "出发前联系"}
PASSING: Final = frozenset({401, 503})
"""401: the clock has jumped over the life of the token, which is made anew."""


@dataclass
class Network:
    """What all phones share."""

    lines: Sequence[httpx.AsyncClient]
    tokens: Tokens
    offset: Offset
    history: History
    chance: random.Random
    pause: float = 1.0
    """By how much everybody's pauses are longer."""
    begun: float = field(default_factory=time.monotonic)
    ending: bool = False
    """Nobody begins anything new any more."""

    @property
    def at(self) -> float:
        """Seconds since the load began."""
        return time.monotonic() - self.begun


@dataclass
class Stay:
    """Checked in; what is `late` is uploaded only when the order is closed."""

    client_id: UUID
    leaves_at: datetime
    late: bool
    over: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One write as it was first sent: `sent` in seconds of the run, `since` by the clock that everybody follows."""

    verb: str
    key: str
    sent: float
    since: datetime
    order_id: UUID | None
    subject: UUID | None


@dataclass
class Phone:
    network: Network
    person_id: UUID
    sign_in_id: UUID
    stays: dict[str, Stay] = field(default_factory=dict)

    @property
    def chance(self) -> random.Random:
        return self.network.chance

    async def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON, or None: who only looks does not insist."""
        answer = await self._once("GET", path, None, "", TRY_SECONDS, query)
        return answer.json() if answer is not None and answer.is_success else None

    async def put(self, path: str, body: Any) -> bool:
        answer = await self._once("PUT", path, body, "", TRY_SECONDS)
        return answer is not None and answer.is_success

    async def post(
        self,
        verb: str,
        path: str,
        body: Any = None,
        *,
        order_id: UUID | None = None,
        subject: UUID | None = None,
    ) -> Any:
        """The JSON of a 2xx, else None. Either way, and when nothing is ever heard, the history knows it."""
        if self.network.ending:
            return None
        key, lived = uuid4().hex, self.network.offset.now()
        asked = Asked(verb, key, self.network.at, lived, order_id, subject)
        tries, answer, keyed = 0, None, verb not in UNKEYED
        while answer is None and not self._given_up(asked):
            cut = tries == 0 and self.chance.random() < CUT_OFF
            seconds = self.chance.uniform(0.001, 0.03) if cut else TRY_SECONDS
            tries += 1
            answer = await self._once("POST", path, body, key if keyed else "", seconds)
            if not _definite(answer):
                answer = None
                await asyncio.sleep(self.chance.uniform(0.05, 0.4))
        self._record(asked, tries, answer)
        if answer is None or not answer.is_success:
            return None
        if keyed and self.chance.random() < ASKED_AGAIN:
            repeated = await self._once("POST", path, body, key, TRY_SECONDS)
            if abs(self.network.offset.now() - lived) < KEY_IS_KEPT and _definite(repeated):
                self._record(asked, 1, repeated, again=True)
        return answer.json() if answer.content else {}

    async def look(self, order_id: str) -> None:
        """Have the contacts of an order shown."""
        await self.post("reveal", f"/orders/{order_id}/reveal", WHY, order_id=UUID(order_id))

    def _given_up(self, asked: Asked) -> bool:
        return (
            self.network.at - asked.sent > PATIENCE_SECONDS
            or abs(self.network.offset.now() - asked.since) > KEY_IS_KEPT
        )

    async def _once(
        self, method: str, path: str, body: Any, key: str, seconds: float, query: Any = None
    ) -> httpx.Response | None:
        tokens, at = self.network.tokens, self.network.offset.now()
        headers = {"Authorization": f"Bearer {tokens.issue(self.person_id, self.sign_in_id, at)}"}
        if key:
            headers["Idempotency-Key"] = key
        line = self.chance.choice(self.network.lines)
        try:
            async with asyncio.timeout(seconds):
                return await line.request(method, path, json=body, headers=headers, params=query)
        except (httpx.HTTPError, TimeoutError):
            return None

    def _record(
        self, asked: Asked, tries: int, answer: httpx.Response | None, *, again: bool = False
    ) -> None:
        outcome = Outcome.UNKNOWN
        told: dict[str, Any] = {}
        if answer is not None:
            outcome = Outcome.OK if answer.is_success else Outcome.REFUSED
            told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        placed = UUID(told["id"]) if asked.verb == "place" and outcome is Outcome.OK else None
        self.network.history.add(
            Entry(
                at=round(self.network.at, 3),
                verb=asked.verb,
                person_id=self.person_id,
                key=asked.key,
                outcome=outcome,
                tries=tries,
                order_id=asked.order_id or placed,
                subject=asked.subject,
                http=answer.status_code if answer is not None else 0,
                code=str(told.get("code", "")),
                status=_status(told) if outcome is Outcome.OK else "",
                version=int(told.get("version", 0)) if outcome is Outcome.OK else 0,
                digest=sha256(answer.content).hexdigest()[:16] if answer is not None else "",
                again=again,
                sent=asked.sent,
                since=asked.since,
                until=self.network.offset.now(),
            )
        )


def _definite(answer: httpx.Response | None) -> bool:
    return answer is not None and answer.status_code not in PASSING


def _status(told: dict[str, Any]) -> str:
    """Of the order; or that a check-in was taken as a mere proof (app/services/late_proof.py)."""
    return Mark.PROOF_ONLY.value if Mark.PROOF_ONLY in told.get("marks", ()) else str(told.get("status", ""))
