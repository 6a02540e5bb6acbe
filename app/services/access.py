"""Who may do what to which rows: decided here, once.

Two questions, two answers. *Which rows exist for this actor?* `visible(Model, actor)`: a SELECT that is
already scoped, so what may not be seen is simply not found (404, never 403). *May the actor do this to a
row it sees?* `require_on()` and `require_at()`: a permission held through the row's organisation (its path
starts with the granted one), through the team concerned, by having placed the order, or by serving on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.lifecycle import OfferStatus
from app.domain.roles import GRANTS, Permission, Role
from app.errors import Forbidden
from app.models.failing import Absence, Complaint, FollowUp
from app.models.media import Media
from app.models.notification import Notification, Sending
from app.models.offer import Offer
from app.models.order import Beneficiary, Order
from app.models.plan import DispatchPlan
from app.models.points import PointsAccount
from app.models.recurring import RecurringOrder
from app.models.service import CrewMember
from app.models.team import Team, TeamMember
from app.models.volunteer import Volunteer
from app.models.webhook import Webhook
from app.models.whistle import Gap, Whistle

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Held:
    """One grant: a role at an organisation's path, or at a team (then `org_path` is that team's)."""

    role: Role
    org_path: str
    team_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, with grants read from the database within this very request."""

    person_id: UUID | None
    held: tuple[Held, ...] = ()

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


def _orders(actor: Actor) -> ColumnElement[bool]:
    teams = actor.teams(Permission.ORDERS_READ)
    offered = select(Offer.order_id).where(
        col(Offer.team_id).in_(teams),
        col(Offer.status).in_((OfferStatus.OPEN, OfferStatus.ACCEPTED, OfferStatus.STANDBY)),
    )
    serving = select(CrewMember.order_id).where(CrewMember.person_id == actor.person_id)
    rules = [below(Order.org_path, actor.paths(Permission.ORDERS_READ))]
    if actor.person_id is not None:
        rules += [col(Order.placed_by_id) == actor.person_id, col(Order.id).in_(serving)]
    if teams:
        rules += [
            col(Order.team_id).in_(teams),
            col(Order.id).in_(offered),
            col(Order.pool_path).in_(circles(actor)),
        ]
    if reporting := actor.paths(Permission.ORDERS_REPORT):
        rules.append(
            col(Order.id).in_(select(Whistle.order_id).where(below(Whistle.department_path, reporting)))
        )
    return or_(*rules)


def _offers(actor: Actor) -> ColumnElement[bool]:
    staffed = select(Order.id).where(below(Order.org_path, actor.paths(Permission.ORDERS_READ)))
    return or_(
        col(Offer.team_id).in_(actor.teams(Permission.OFFERS_ANSWER)), col(Offer.order_id).in_(staffed)
    )


def _teams(actor: Actor) -> ColumnElement[bool]:
    own = select(TeamMember.team_id).where(TeamMember.person_id == actor.person_id)
    led = actor.teams(Permission.TEAMS_READ)
    return or_(
        below(Team.org_path, actor.paths(Permission.TEAMS_READ)), col(Team.id).in_(led), col(Team.id).in_(own)
    )


def _media(actor: Actor) -> ColumnElement[bool]:
    shown = select(Order.id).where(_orders(actor))
    return or_(col(Media.owner_id) == actor.person_id, col(Media.order_id).in_(shown))


def _beneficiaries(actor: Actor) -> ColumnElement[bool]:
    return col(Beneficiary.id).in_(select(Order.beneficiary_id).where(_orders(actor)))


def _volunteers(actor: Actor) -> ColumnElement[bool]:
    members = select(TeamMember.person_id).where(
        col(TeamMember.team_id).in_(actor.teams(Permission.PEOPLE_READ))
    )
    return or_(
        col(Volunteer.person_id) == actor.person_id,
        below(Volunteer.org_path, actor.paths(Permission.PEOPLE_READ)),
        col(Volunteer.person_id).in_(members),
    )


def _notifications(actor: Actor) -> ColumnElement[bool]:
    return or_(
        col(Notification.person_id) == actor.person_id,
        below(Notification.org_path, actor.paths(Permission.ORDERS_DISPATCH)),
    )


def _plans(actor: Actor) -> ColumnElement[bool]:
    return below(DispatchPlan.org_path, actor.paths(Permission.ORDERS_DISPATCH))


def _staffed_ids(actor: Actor) -> Any:
    return select(Order.id).where(below(Order.org_path, actor.paths(Permission.ORDERS_READ)))


def _whistles(actor: Actor) -> ColumnElement[bool]:
    return or_(
        below(Whistle.department_path, actor.paths(Permission.ORDERS_REPORT)),
        col(Whistle.order_id).in_(_staffed_ids(actor)),
    )


def _gaps(actor: Actor) -> ColumnElement[bool]:
    return below(Gap.org_path, actor.paths(Permission.ORDERS_READ))


def _absences(actor: Actor) -> ColumnElement[bool]:
    return or_(
        below(Absence.org_path, actor.paths(Permission.ORDERS_READ)),
        col(Absence.team_id).in_(actor.teams(Permission.OFFERS_ANSWER)),
    )


def _complaints(actor: Actor) -> ColumnElement[bool]:
    return or_(
        below(Complaint.org_path, actor.paths(Permission.ORDERS_READ)),
        col(Complaint.made_by_id) == actor.person_id,
    )


def _follow_ups(actor: Actor) -> ColumnElement[bool]:
    return below(FollowUp.org_path, actor.paths(Permission.ORDERS_READ))


def _recurring_orders(actor: Actor) -> ColumnElement[bool]:
    return or_(
        below(RecurringOrder.org_path, actor.paths(Permission.ORDERS_READ)),
        col(RecurringOrder.placed_by_id) == actor.person_id,
    )


def _webhooks(actor: Actor) -> ColumnElement[bool]:
    return below(Webhook.org_path, actor.paths(Permission.CHANNELS_MANAGE))


def _sendings(actor: Actor) -> ColumnElement[bool]:
    managed = select(Order.id).where(below(Order.org_path, actor.paths(Permission.CHANNELS_MANAGE)))
    notices = select(Notification.id).where(col(Notification.order_id).in_(managed))
    return col(Sending.notification_id).in_(notices)


def _accounts(actor: Actor) -> ColumnElement[bool]:
    return col(PointsAccount.person_id) == actor.person_id


_RULES: dict[type[SQLModel], Callable[[Actor], ColumnElement[bool]]] = {
    Absence: _absences,
    Beneficiary: _beneficiaries,
    Complaint: _complaints,
    DispatchPlan: _plans,
    FollowUp: _follow_ups,
    Gap: _gaps,
    Media: _media,
    Notification: _notifications,
    Offer: _offers,
    Order: _orders,
    PointsAccount: _accounts,
    RecurringOrder: _recurring_orders,
    Sending: _sendings,
    Team: _teams,
    Volunteer: _volunteers,
    Webhook: _webhooks,
    Whistle: _whistles,
}

OWNED: tuple[type[SQLModel], ...] = tuple(_RULES)
"""Models whose rows belong to somebody: only this module may write a SELECT of them that is not scoped."""


def visible(model: type[Row], actor: Actor) -> SelectOfScalar[Row]:
    """SELECT of the rows of `model` that exist for `actor`; add your own WHERE, ORDER BY and LIMIT."""
    if actor is SYSTEM:
        return select(model)
    return select(model).where(_RULES[model](actor))
