"""Each request tells the trail by itself: what was done with a granted role, and what was refused to whom.

What is done is written in the transaction of the request, what is refused in a short one after the rollback. What
residents do is told by the events of their orders and costs nothing here. Of reads only those are told that a route
marks as RECORDED. A row that is not there for somebody with a role (404) is told as well: whether it is missing or
another's, nobody can see, and that is how a walk through other people's ids looks.
"""

from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.errors import AppError, NotFound, Unauthenticated
from app.services import account_trail, auditing
from app.services.access import Actor
from app.services.tokens import Claims

REFUSALS: Final = frozenset({401, 403, 404, 429})
MADE: Final = frozenset({201, 202})
RECORDED: Final[dict[str, Any]] = {"x-recorded": True}
"""For `openapi_extra` of a GET: who read this is told to the auditors."""


def records(request: Request) -> bool:
    """Whether this request is told of when it succeeds."""
    extra = getattr(request.scope.get("route"), "openapi_extra", None) or {}
    return request.method != "GET" or bool(extra.get("x-recorded"))


def by(request: Request, claims: Claims) -> None:
    """From now on it is known whose token this is."""
    request.state.claims = claims


def known(request: Request, actor: Actor) -> Actor:
    """From now on it is known who asks."""
    request.state.actor = actor
    return actor


def made(request: Request, response: Response) -> None:
    """Remember what the answer says was made."""
    actor = _actor(request)
    if response.status_code in MADE and actor is not None and actor.held:
        request.state.made = orjson.loads(response.body).get("id")


def done(session: AsyncSession, request: Request) -> None:
    """The entry of a request that succeeded, to be committed with it; none where a service wrote one itself."""
    actor, deed = _actor(request), auditing.deed_of(session)
    if actor is None or not actor.held or deed.told:
        return
    kind, object_id, others = _object(request)
    if deed.object_id is not None:
        kind, object_id = deed.object_kind, deed.object_id
    auditing.record(
        session,
        actor,
        _act(request),
        org_path=auditing.place_of(actor),
        object_kind=kind,
        object_id=object_id,
        data=others | _asked(request) | deed.data,
    )


async def refused(database: Database, request: Request, error: AppError) -> None:
    """The entry of a request that was rolled back, in a transaction of its own. Raises Unavailable."""
    actor, claims = _actor(request), getattr(request.state, "claims", None)
    if error.status not in REFUSALS or claims is None:
        return
    if actor is None:
        if isinstance(error, Unauthenticated):
            await _turned_away(database, request, claims, error)
        return
    if isinstance(error, NotFound) and not actor.held:
        return
    kind, object_id, others = _object(request)
    async with database.transaction() as session:
        auditing.record(
            session,
            actor,
            _act(request),
            org_path=auditing.place_of(actor),
            object_kind=kind,
            object_id=object_id,
            result=error.code,
            data=others | _asked(request),
        )


async def _turned_away(database: Database, request: Request, claims: Claims, error: AppError) -> None:
    """A good token of a sign-in that has ended: told where its person holds roles, and of nobody else."""
    kind, object_id, others = _object(request)
    async with database.transaction() as session:
        place = await account_trail.place_of(session, claims.person_id)
        if place != auditing.EVERYWHERE:
            auditing.record(
                session,
                await account_trail.holder(session, claims.person_id, claims.sign_in_id),
                _act(request),
                org_path=place,
                object_kind=kind,
                object_id=object_id,
                result=error.code,
                data=others,
            )


def _actor(request: Request) -> Actor | None:
    return getattr(request.state, "actor", None)


def _act(request: Request) -> str:
    return str(request.scope["route"].operation_id)


def _object(request: Request) -> tuple[str, UUID | None, dict[str, Any]]:
    """What the path names first, or else what was made; and what else the path names."""
    ids = {name: one for name, text in request.path_params.items() if (one := _uuid(text)) is not None}
    if not ids:
        noun = _act(request).rpartition("_")[0]
        one = _uuid(getattr(request.state, "made", None))
        return (noun, one, {}) if one else ("", None, {})
    (name, first), *rest = ids.items()
    return name.removesuffix("_id"), first, {other: str(one) for other, one in rest}


def _asked(request: Request) -> dict[str, Any]:
    """By which filters was read; not for what, which may be somebody's name."""
    return {"by": sorted(set(request.query_params))} if request.query_params else {}


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
