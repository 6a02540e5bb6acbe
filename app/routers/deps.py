"""What a route may ask for: the house, a transaction, who is asking, a page."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.errors import Unauthenticated
from app.house import House
from app.schemas.base import Keyset
from app.services.access import Actor
from app.services.actors import actor_of
from app.services.tokens import Claims

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="Access token from `auth/*`.")


async def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


HouseDep = Annotated[House, Depends(house)]


async def _session(house: HouseDep) -> AsyncIterator[AsyncSession]:
    async with house.database.transaction() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The request's transaction. Scope `function`: it commits *before* the answer is sent."""


async def _claims(
    house: HouseDep, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Claims:
    if bearer is None:
        raise Unauthenticated
    return house.tokens.read(bearer.credentials, now())


ClaimsDep = Annotated[Claims, Depends(_claims)]


async def _actor(session: SessionDep, claims: ClaimsDep) -> Actor:
    return await actor_of(session, claims)


ActorDep = Annotated[Actor, Depends(_actor, scope="function")]


PageDep = Annotated[Keyset, Query()]
