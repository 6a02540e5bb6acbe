"""Whoever calls whatever with whatever: no 5xx, and no answer that the served contract does not describe.

Schemathesis draws calls from the contract as it is served, allowed and forbidden ones; the ids of real things are
put into most of them, everybody there is sends them, and each answer is judged by the contract. In the suite a few
calls of each operation, the same ones every time; `make attack` goes on for minutes with new ones.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.house import House
from tests.attacks.cast import ANONYMOUS, FORGER, ROLES, Cast, gather
from tests.attacks.minutes import FIRST_SEED, MINUTES
from tests.conftest import ENGINES, app_of, built, calling, new_url

Call = schemathesis.Case[Any]
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
"""Not `positive_data_acceptance`: whether a window lies in the past is no matter of a schema."""

ENDLESS: Final = "events_stream"
"""It answers until its reader leaves, so only those who may not read it call it; tests/test_live.py reads it."""
PARTS: Final = 2
CALLS: Final = 2 if not MINUTES else 40


class Attack:
    """One center under attack, on a loop of its own, because Hypothesis calls from outside of any."""

    def __init__(self, url: str, folder: Path) -> None:
        self.loop = asyncio.Runner()
        self.cast: Cast = self.loop.run(self._begin(url, folder))
        self.answers: Counter[int] = Counter()
        self.turn = 0

    async def _begin(self, url: str, folder: Path) -> Cast:
        house: House = await built(url, folder)
        return await gather(house, calling(app_of(house)))

    def close(self) -> None:
        async def end() -> None:
            await self.cast.client.aclose()
            await self.cast.house.close()

        with self.loop:
            self.loop.run(end())

    def schema(self) -> Any:
        served = self.loop.run(self.cast.client.get("/openapi.json"))
        config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
        return schemathesis.openapi.from_dict(served.json(), config=config)

    def send(self, case: Call, role: str) -> httpx.Response:
        """The call exactly as Schemathesis would send it, through the application instead of a socket."""
        wanted = case.as_transport_kwargs(base_url="http://test")
        ready = requests.Request(
            **{
                name: wanted.get(name)
                for name in ("method", "url", "headers", "params", "data", "json", "files")
            }
        ).prepare()
        own = {name: value for name, value in ready.headers.items() if name.lower() != "authorization"}
        headers: dict[str, Any] = {**own, **self.cast.headers(role)}
        body: Any = ready.body
        answer = self.loop.run(
            self.cast.client.request(str(ready.method), str(ready.url), headers=headers, content=body)
        )
        self.answers[answer.status_code] += 1
        return answer

    def real(self, value: Any, data: st.DataObject, name: str = "") -> Any:
        """`value` with most of its ids replaced by some that exist."""
        if isinstance(value, dict):
            return {key: self.real(one, data, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.real(one, data, name) for one in value]
        if isinstance(value, str) and is_id(value) and (known := self.cast.id_for(name)) is not None:
            return data.draw(st.one_of(known, known, known, st.just(value)))
        return value

    def attack(self, operation: Any, calls: int, number: int) -> None:
        """Let a few people call one operation. Raises what the judges say."""
        modes = [strategy for mode in GenerationMode if (strategy := drawn(operation, mode)) is not None]
        name = operation.definition.raw["operationId"]
        roles = (ANONYMOUS, FORGER) if name == ENDLESS else ROLES
        closed = operation.definition.raw.get("security") != []

        @seed(number)
        @settings(
            max_examples=calls,
            derandomize=not MINUTES,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(case=st.one_of(modes), data=st.data())
        def call(case: Call, data: st.DataObject) -> None:
            role = roles[(self.turn + data.draw(st.integers(0, 1))) % len(roles)]
            self.turn += 1
            for one in case.path_parameters or {}:
                case.path_parameters[one] = self.real(case.path_parameters[one], data, one)
            case.body = self.real(case.body, data)
            answer = self.send(case, role)
            try:
                case.validate_response(answer, checks=CHECKS)
                if closed and role in (ANONYMOUS, FORGER):
                    assert not answer.is_success, "nobody is answered without a sign-in"
            except (FailureGroup, AssertionError) as failure:
                failure.add_note(f"as {role}: {answer.status_code} {answer.text[:600]}")
                raise

        call()


def is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def drawn(operation: Any, mode: GenerationMode) -> st.SearchStrategy[Call] | None:
    """Calls of this kind, or nothing where there are none: what takes no input cannot be given a wrong one."""
    if mode is GenerationMode.NEGATIVE and not (list(operation.iter_parameters()) or operation.body):
        return None
    return operation.as_strategy(generation_mode=mode)  # type: ignore[no-any-return]


@pytest.fixture(params=ENGINES)
def center(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Attack]:
    attack = Attack(new_url(request.param, request, tmp_path), tmp_path)
    yield attack
    attack.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_called_is_answered_as_the_contract_says(center: Attack, part: int) -> None:
    """Every operation is called, and everybody calls; in the long run until the minutes are over."""
    operations = [found.ok() for found in center.schema().get_all_operations()]
    assert len(operations) > 120
    began, number = time.monotonic(), part
    failures: dict[str, str] = {}
    while True:
        for operation in operations[part::PARTS]:
            if center.turn % 20 == 0:
                center.loop.run(center.cast.look())
            center.loop.run(center.cast.wake())
            try:
                center.attack(operation, CALLS, FIRST_SEED + number)
            except Unsatisfiable:
                failures[operation.label] = "no call of it could be drawn"
            except (FailureGroup, AssertionError) as failure:
                failures.setdefault(operation.label, told(failure))
        number += PARTS
        if time.monotonic() - began >= MINUTES * 60 / (PARTS * len(ENGINES)):
            break
    spent = time.monotonic() - began
    calls = f"{sum(center.answers.values())} calls from seed {FIRST_SEED}"
    print(f"\n{calls} in {spent:.0f} s: {dict(sorted(center.answers.items()))}")  # noqa: T201
    assert not failures, "\n\n".join(f"{label}\n{text}" for label, text in failures.items())
    assert center.answers.keys() >= {200, 401, 403, 404, 422}


def told(failure: BaseException) -> str:
    notes = "\n".join(getattr(failure, "__notes__", []))
    parts = getattr(failure, "exceptions", ())
    return "\n".join([*(f"{type(one).__name__}: {one}"[:900] for one in parts or [failure]), notes])
