"""`Idempotency-Key` on every POST of a router built with `route_class=KeyedRoute` (services/idempotency.py)."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi import params as fastapi_params
from fastapi.routing import APIRoute
from sqlmodel.ext.asyncio.session import AsyncSession

from app.routers.deps import ClaimsDep, SessionDep
from app.services.idempotency import Answer, begin, digest_of, finish

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_\-:.]{8,64}$",
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
    return digest_of(request.method, request.url.path, body)


async def _claim_key(
    request: Request, session: SessionDep, claims: ClaimsDep, key: IdempotencyKey = None
) -> None:
    if key is None:
        return
    answer = await begin(session, claims.person_id, key, await call_digest(request))
    if answer is not None:
        raise Answered(answer)
    request.state.idempotency = _Claim(session, claims.person_id, key)


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
            response = await handle(request)
            claim: _Claim | None = getattr(request.state, "idempotency", None)
            if claim is not None:
                answer = Answer(response.status_code, bytes(response.body))
                await finish(claim.session, claim.person_id, claim.key, answer)
            return response

        return keep_answer
