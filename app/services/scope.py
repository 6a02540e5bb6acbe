"""Which rows exist for whom: decided here, once.

`visible(Model, actor)` is a SELECT that is already scoped, so what may not be seen is simply not found (404, never
403). Nothing else in the house selects rows that belong to somebody.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.lifecycle import OfferStatus
from app.domain.roles import Permission
from app.models.approval import Approval, ApprovalKind
from app.models.audit import AuditEntry, Reveal
from app.models.consent import DataConsent
from app.models.content import ContentCheck
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
from app.services.access import SYSTEM, Actor, below, circles

Row = TypeVar("Row", bound=SQLModel)


def _orders(actor: Actor) -> ColumnElement[bool]:
    """Only what this actor has adds a condition: each one costs every list more than reading its rows."""
    rules: list[ColumnElement[bool]] = []
    if paths := actor.paths(Permission.ORDERS_READ):
        rules.append(below(Order.org_path, paths))
    if actor.person_id is not None:
        serving = select(CrewMember.order_id).where(CrewMember.person_id == actor.person_id)
        rules += [col(Order.placed_by_id) == actor.person_id, col(Order.id).in_(serving)]
    if teams := actor.teams(Permission.ORDERS_READ):
        offered = select(Offer.order_id).where(
            col(Offer.team_id).in_(teams),
            col(Offer.status).in_((OfferStatus.OPEN, OfferStatus.ACCEPTED, OfferStatus.STANDBY)),
        )
        rules += [
            col(Order.team_id).in_(teams),
            col(Order.id).in_(offered),
            col(Order.pool_path).in_(circles(actor)),
        ]
    if reporting := actor.paths(Permission.ORDERS_REPORT):
        rules.append(
            col(Order.id).in_(select(Whistle.order_id).where(below(Whistle.department_path, reporting)))
        )
    return or_(false(), *rules)


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


DECIDES = {
    ApprovalKind.GRANT: Permission.GRANTS_APPROVE,
    ApprovalKind.EXPORT: Permission.EXPORTS_APPROVE,
    ApprovalKind.MINOR: Permission.MINORS_APPROVE,
}
"""What it takes to decide."""


def _approvals(actor: Actor) -> ColumnElement[bool]:
    return or_(
        col(Approval.asked_by_id) == actor.person_id,
        *(
            and_(col(Approval.kind) == kind, below(Approval.org_path, actor.paths(permission)))
            for kind, permission in DECIDES.items()
        ),
    )


def _audit_entries(actor: Actor) -> ColumnElement[bool]:
    return below(AuditEntry.org_path, actor.paths(Permission.AUDIT_READ))


def _reveals(actor: Actor) -> ColumnElement[bool]:
    rules: list[ColumnElement[bool]] = []
    paths = actor.paths(Permission.AUDIT_READ)
    for model, held in ((Order, Reveal.order_id), (RecurringOrder, Reveal.recurring_id)):
        told = [
            col(model.placed_by_id) == actor.person_id,
            *([below(model.org_path, paths)] if paths else []),
        ]
        rules += [col(held).in_(select(model.id).where(one)) for one in told]
    return or_(*rules)


def _consents(actor: Actor) -> ColumnElement[bool]:
    return col(DataConsent.person_id) == actor.person_id


def _content_checks(actor: Actor) -> ColumnElement[bool]:
    return below(ContentCheck.org_path, actor.paths(Permission.CONTENT_REVIEW))


_RULES: dict[type[SQLModel], Callable[[Actor], ColumnElement[bool]]] = {
    Absence: _absences,
    Approval: _approvals,
    AuditEntry: _audit_entries,
    Beneficiary: _beneficiaries,
    Complaint: _complaints,
    ContentCheck: _content_checks,
    DataConsent: _consents,
    DispatchPlan: _plans,
    FollowUp: _follow_ups,
    Gap: _gaps,
    Media: _media,
    Notification: _notifications,
    Offer: _offers,
    Order: _orders,
    PointsAccount: _accounts,
    RecurringOrder: _recurring_orders,
    Reveal: _reveals,
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
