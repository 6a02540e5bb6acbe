"""What a route may ask for: the house, a transaction, who is asking, a page."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from fastapi.security.utils import get_authorization_scheme_param
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.errors import AppError, Unauthenticated
from app.house import House
from app.routers import trail
from app.schemas.base import Keyset
from app.services.access import Actor
from app.services.actors import actor_of
from app.services.tokens import Claims


async def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


HouseDep = Annotated[House, Depends(house)]


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    database = (await house(request)).database
    told = trail.records(request)
    try:
        async with database.transaction() if told else database.reading(or_replica=True) as session:
            yield session
            if told:
                trail.done(session, request)
    except AppError as error:
        await trail.refused(database, request, error)
        raise


SessionDep = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The request's transaction (a GET has none, but a RECORDED one). Scope `function`: commits before the answer."""


class _Bearer(SecurityBase):
    """From the header to the claims in one step: a dependency's dependency costs more than reading a token."""

    model = HTTPBearerModel(bearerFormat="JWT", description="Access token from `auth/*`.")
    scheme_name = "HTTPBearer"

    async def __call__(self, request: Request) -> Claims:
        given = request.headers.getlist("Authorization")
        scheme, token = get_authorization_scheme_param(given[0] if len(given) == 1 else None)
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        return (await house(request)).tokens.read(token, now())


ClaimsDep = Annotated[Claims, Depends(_Bearer())]


async def _actor(request: Request, session: SessionDep, claims: ClaimsDep) -> Actor:
    trail.by(request, claims)
    return trail.known(request, await actor_of(session, claims))


ActorDep = Annotated[Actor, Depends(_actor, scope="function")]


PageDep = Annotated[Keyset, Query()]
