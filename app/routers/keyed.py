"""`Idempotency-Key` on every POST of a router built with `route_class=KeyedRoute` (services/idempotency.py)."""

import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi import params as fastapi_params
from fastapi.routing import APIRoute
from pydantic import AfterValidator
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import ClientDisconnect

from app.refusals import MalformedRequest
from app.routers import trail
from app.routers.deps import ActorDep, SessionDep
from app.schemas.base import broken
from app.services.actors import person_of
from app.services.idempotency import Answer, begin, digest_of, finish

SHAPE = r"^[A-Za-z0-9_\-:.]{8,64}$"


def _well_formed(key: str | None) -> str | None:
    if key is not None and re.fullmatch(SHAPE, key) is None:
        raise broken("idempotency_key_malformed", "请求标识须为8至64个字母、数字或 - _ : .")
    return key


IdempotencyKey = Annotated[
    str | None,
    AfterValidator(_well_formed),
    Header(
        alias="Idempotency-Key",
        json_schema_extra={"pattern": SHAPE},
        description="A unique string made by the caller. The same key and body give the first answer again.",
    ),
]


class Answered(Exception):
    """This call was answered before; not a failure, but nothing more is to be done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.response = replay(answer)


@dataclass(frozen=True, slots=True)
class _Claim:
    session: AsyncSession
    person_id: UUID
    key: str


def replay(answer: Answer) -> Response:
    return Response(
        answer.body,
        answer.status_code,
        headers={"Idempotency-Replayed": "true"},
        media_type="application/json" if answer.body else None,
    )


async def call_digest(request: Request) -> str:
    """The digest of this call; a multipart boundary, new on every try, does not count."""
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    if "boundary=" in content_type:
        boundary = content_type.partition("boundary=")[2].partition(";")[0].strip('"')
        body = body.replace(boundary.encode(), b"")
    return digest_of(request.method, request.scope["path"], body)


async def _read(request: Request) -> None:
    """Read the body whole, so that the request keeps it: a form is parsed from it, and then the digest made."""
    try:
        await request.body()
    except ClientDisconnect:
        raise MalformedRequest from None


async def _claim_key(
    request: Request, session: SessionDep, actor: ActorDep, key: IdempotencyKey = None
) -> None:
    """The actor and not only the token: an answer is not given again to a sign-in that was revoked."""
    if key is None:
        return
    person_id = person_of(actor)
    answer = await begin(session, person_id, key, await call_digest(request))
    if answer is not None:
        raise Answered(answer)
    request.state.idempotency = _Claim(session, person_id, key)


class KeyedRoute(APIRoute):
    """A route whose POST takes an `Idempotency-Key` and keeps its answer in the transaction that made it."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[fastapi_params.Depends] | None = None,
        methods: set[str] | list[str] | None = None,
        **options: Any,
    ) -> None:
        if methods and "POST" in methods:
            dependencies = [*(dependencies or ()), Depends(_claim_key, scope="function")]
        super().__init__(path, endpoint, dependencies=dependencies, methods=methods, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def keep_answer(request: Request) -> Response:
            if "idempotency-key" in request.headers:
                await _read(request)
            response = await handle(request)
            trail.made(request, response)
            claim: _Claim | None = getattr(request.state, "idempotency", None)
            if claim is not None:
                answer = Answer(response.status_code, bytes(response.body))
                await finish(claim.session, claim.person_id, claim.key, answer)
            return response

        return keep_answer
