"""May the actor do this? Decided here, once; which rows exist for the actor is decided in scope.py.

`require_on()` and `require_at()` ask for a permission held through the row's organisation (its path starts with
the granted one), through the team concerned, by having placed the order, or by serving on it.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import col

from app.domain.duties import Owed
from app.domain.roles import GRANTS, Permission, Role
from app.errors import Forbidden
from app.models.order import Order
from app.models.team import Team


@dataclass(frozen=True, slots=True)
class Held:
    """One grant: a role at an organisation's path, or at a team (then `org_path` is that team's)."""

    role: Role
    org_path: str
    team_id: UUID | None = None


class Gate:
    """The first place at which an actor was asked for a permission: there, says the trail, they acted."""

    __slots__ = ("org_path",)

    def __init__(self) -> None:
        self.org_path = ""

    def asked(self, org_path: str) -> None:
        self.org_path = self.org_path or org_path


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, with grants read from the database within this very request: without those that rest because
    of what is `owed` (app/domain/duties.py).
    """

    person_id: UUID | None
    held: tuple[Held, ...] = ()
    sign_in_id: UUID | None = None
    owed: tuple[Owed, ...] = ()
    gate: Gate = field(default_factory=Gate, compare=False, repr=False)

    def paths(self, permission: Permission) -> tuple[str, ...]:
        """The organisation paths below which `permission` is held."""
        return tuple(h.org_path for h in self.held if h.team_id is None and permission in GRANTS[h.role])

    def teams(self, permission: Permission) -> tuple[UUID, ...]:
        """The teams for which `permission` is held."""
        return tuple(h.team_id for h in self.held if h.team_id and permission in GRANTS[h.role])


SYSTEM = Actor(person_id=None, held=(Held(Role.SYSTEM, "/"),))
"""The clock: acts for no person; it sees every row, and may do the few things that Role.SYSTEM may."""


def role_at(actor: Actor, permission: Permission, org_path: str) -> Role | None:
    """The granted role through which `actor` holds `permission` at `org_path`, if any."""
    actor.gate.asked(org_path)
    for held in actor.held:
        if held.team_id is None and permission in GRANTS[held.role] and org_path.startswith(held.org_path):
            return held.role
    return None


def require_at(actor: Actor, permission: Permission, org_path: str) -> Role:
    role = role_at(actor, permission, org_path)
    if role is None:
        raise Forbidden
    return role


def require_for(actor: Actor, permission: Permission, team: Team) -> None:
    """The permission at the team's organisation, or as its leader."""
    actor.gate.asked(team.org_path)
    if team.id not in actor.teams(permission):
        require_at(actor, permission, team.org_path)


def ancestors(path: str) -> list[str]:
    """`/qinghe/yunxiu/` → `["/qinghe/", "/qinghe/yunxiu/"]`: the organisation and all above it."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)]


def circles(actor: Actor) -> set[str]:
    """The organisations to which a pool may be opened so that the actor's teams are in it."""
    return {path for held in actor.held if held.team_id for path in ancestors(held.org_path)}


def role_on(
    actor: Actor,
    permission: Permission,
    order: Order,
    *,
    team_id: UUID | None = None,
    crew: bool = False,
    at: str | None = None,
) -> Role | None:
    """The role in which `actor` may use `permission` on `order`, nearest relation first.

    `team_id`: the team concerned when it is not (yet) the order's own; `crew`: the actor serves on it; `at`: the
    department concerned, which does not stand above the order's organisation.
    """
    own = actor.person_id is not None and actor.person_id == order.placed_by_id
    if own and permission in GRANTS[Role.RESIDENT]:
        return Role.RESIDENT
    if (team_id or order.team_id) in actor.teams(permission):
        return Role.TEAM_LEADER
    if crew and permission in GRANTS[Role.VOLUNTEER]:
        return Role.VOLUNTEER
    return role_at(actor, permission, at or order.org_path)


def require_on(
    actor: Actor,
    permission: Permission,
    order: Order,
    *,
    team_id: UUID | None = None,
    crew: bool = False,
    at: str | None = None,
) -> Role:
    actor.gate.asked(at or order.org_path)
    role = role_on(actor, permission, order, team_id=team_id, crew=crew, at=at)
    if role is None:
        raise Forbidden
    return role


def below(column: Any, paths: tuple[str, ...]) -> ColumnElement[bool]:
    """Rows whose organisation lies at or below one of `paths`."""
    return or_(false(), *(col(column).startswith(path) for path in paths))


def center_of(org_path: str) -> str:
    """`/qinghe/yunxiu/songling/` → `/qinghe/`."""
    return "/" + org_path.split("/")[1] + "/" if org_path != "/" else "/"
