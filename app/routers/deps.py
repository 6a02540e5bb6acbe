"""What a route may ask for: the house, a transaction, who is asking, a page."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from fastapi.security.utils import get_authorization_scheme_param
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.errors import Unauthenticated
from app.house import House
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
    reads = request.method == "GET"
    async with database.reading(or_replica=True) if reads else database.transaction() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The request's transaction (a GET has none). Scope `function`: it commits *before* the answer is sent."""


class _Bearer(SecurityBase):
    """From the header to the claims in one step: a dependency's dependency costs more than reading a token."""

    model = HTTPBearerModel(bearerFormat="JWT", description="Access token from `auth/*`.")
    scheme_name = "HTTPBearer"

    async def __call__(self, request: Request) -> Claims:
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        return (await house(request)).tokens.read(token, now())


ClaimsDep = Annotated[Claims, Depends(_Bearer())]


async def _actor(session: SessionDep, claims: ClaimsDep) -> Actor:
    return await actor_of(session, claims)


ActorDep = Annotated[Actor, Depends(_actor, scope="function")]


PageDep = Annotated[Keyset, Query()]
