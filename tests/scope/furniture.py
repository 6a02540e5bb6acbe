"""A row of every kind, for one corner of the world."""

from datetime import timedelta
from typing import Any

from app.db import Database
from app.domain.beneficiary import own_key
from app.domain.lifecycle import Action, OfferStatus, OrderStatus
from app.domain.policy import Urgency
from app.domain.roles import Role
from app.models.base import Record, new_id
from app.models.event import OrderEvent
from app.models.media import Media, MediaStage
from app.models.menu import Mode, Risk
from app.models.offer import Offer
from app.models.order import BENEFICIARY, Beneficiary, Consent, Order, Relation
from app.models.person import RoleGrant, SignIn
from app.models.service import Attendance, CrewMember, Delivery
from app.models.team import Team, TeamException, TeamMember, TeamSpecialty
from app.models.volunteer import Volunteer
from tests.factories import NOW, SATURDAY_9
from tests.scope.corner import Corner
from tests.scope.waiting import HOUR, waiting

BLOCKED_DAY = SATURDAY_9.date() + timedelta(days=7)
STATES: dict[str, tuple[OrderStatus, dict[str, Any]]] = {
    "submitted": (OrderStatus.SUBMITTED, {}),
    "twin": (OrderStatus.SUBMITTED, {}),
    "approved": (OrderStatus.APPROVED, {}),
    "stuck": (OrderStatus.APPROVED, {}),
    "whistled": (OrderStatus.APPROVED, {}),
    "blocked": (OrderStatus.APPROVED, {}),
    "offered": (OrderStatus.OFFERED, {}),
    "pooled": (OrderStatus.POOLED, {}),
    "accepted": (OrderStatus.ACCEPTED, {"start": SATURDAY_9}),
    "begun": (OrderStatus.ACCEPTED, {"start": NOW - 2 * HOUR}),
    "in_service": (OrderStatus.IN_SERVICE, {"start": NOW - 2 * HOUR}),
    "delivered": (OrderStatus.DELIVERED, {"start": NOW - 26 * HOUR}),
    "complained": (OrderStatus.DELIVERED, {"start": NOW - 50 * HOUR}),
}
"""By the name under which the table of fillings asks for it."""


def furnish(made: Corner, database: Database) -> None:
    """A row of every kind."""
    orders = {state: _order(made, database, state) for state in STATES}
    served = Beneficiary(
        org_path=made.station.path,
        name=f"{made.marker}老人",
        phone=made.phone,
        relation=Relation.FAMILY,
        consent=Consent.VERBAL,
    )
    made.keep("beneficiary", served)
    orders["accepted"].beneficiary_id = served.id
    for state, order in orders.items():
        made.keep(state, order)
    made.keep("device", SignIn(person_id=made.owner.id))
    _teams(made)
    _offers(made, orders)
    _service(made, orders)
    waiting(made, orders)
    picture = Media(
        owner_id=made.owner.id,
        order_id=orders["submitted"].id,
        stage=MediaStage.ORDER,
        storage_key="",
        content_type="image/jpeg",
        size=4,
        width=1,
        height=1,
        sha256="0" * 64,
    )
    made.keep("picture", picture)
    picture.storage_key = made.picture_key


def _order(made: Corner, database: Database, state: str) -> Order:
    status, more = STATES[state]
    start = more.get("start")
    own = own_key(made.owner.id) if state != "blocked" else f"{made.name} blocked"
    staffed = (
        {"team_id": made.team.id, "scheduled_start": start, "scheduled_end": start + HOUR} if start else {}
    )
    first = start or SATURDAY_9
    return Order(
        organisation_id=made.station.id,
        handler_id=made.center.id if state == "stuck" else made.station.id,
        org_path=made.station.path,
        placed_by_id=made.owner.id,
        beneficiary_key=database.keyring.hashed(own, BENEFICIARY),
        title="家庭保洁",
        category="care",
        created_at=NOW - timedelta(days=3),
        detail=f"{made.marker}的需求",
        risk=Risk.NONE,
        urgency=Urgency.NORMAL,
        people=1,
        mode=Mode.ON_SITE,
        address=f"{made.marker}的门牌",
        lat=28.2,
        lon=112.98,
        contact_name=made.marker,
        contact_phone=made.phone,
        window_start=first,
        window_end=first + 2 * HOUR,
        duration_minutes=60,
        status=status,
        status_at=NOW - HOUR if state != "begun" else NOW - 3 * HOUR,
        pool_path=made.station.path if status is OrderStatus.POOLED else None,
        **staffed,
    )


def _teams(made: Corner) -> None:
    rows: list[Record] = [TeamSpecialty(team_id=made.team.id, specialty="housekeeping")]
    rows += [
        TeamMember(team_id=made.team.id, person_id=one.id) for one in (made.leader, made.member, made.crew)
    ]
    rows += [
        RoleGrant(person_id=made.leader.id, role=Role.TEAM_LEADER, team_id=made.team.id),
        TeamException(team_id=made.team.id, day=BLOCKED_DAY, free="0" * 12),
    ]
    made.rows += rows
    grant = RoleGrant(person_id=made.granted.id, role=Role.GRID_WORKER, organisation_id=made.station.id)
    made.keep("grant", grant)
    registered = Volunteer(
        person_id=made.crew.id,
        number=new_id().hex[-16:],
        organisation_id=made.station.id,
        org_path=made.station.path,
        insured_until=BLOCKED_DAY,
    )
    made.keep("volunteer", registered)


def _offers(made: Corner, orders: dict[str, Order]) -> None:
    def offer(order: Order, status: OfferStatus, team: Team) -> Offer:
        return Offer(
            order_id=order.id, team_id=team.id, status=status, expires_at=NOW + HOUR, reason=made.marker
        )

    made.keep("offer", offer(orders["offered"], OfferStatus.OPEN, made.team))
    made.keep("released", offer(orders["twin"], OfferStatus.RELEASED, made.team))
    for state in ("accepted", "begun", "in_service", "delivered", "complained"):
        made.keep(f"{state}_offer", offer(orders[state], OfferStatus.ACCEPTED, made.team))


def _service(made: Corner, orders: dict[str, Order]) -> None:
    for state in ("accepted", "begun", "in_service", "delivered", "complained"):
        made.keep(f"{state}_crew", CrewMember(order_id=orders[state].id, person_id=made.crew.id))
    stay = Attendance(
        order_id=orders["in_service"].id,
        person_id=made.crew.id,
        client_id=new_id(),
        check_in_at=NOW - 2 * HOUR,
        check_in_received_at=NOW - 2 * HOUR,
    )
    made.keep("stay", stay)
    made.ids["client"] = stay.client_id
    for state in ("delivered", "complained"):
        done = Delivery(order_id=orders[state].id, delivered_by_id=made.leader.id, summary=made.marker)
        made.keep(f"{state}_delivery", done)
    for order in orders.values():
        event = OrderEvent(
            order_id=order.id,
            seq=1,
            action=Action.SUBMIT,
            from_status=None,
            to_status=order.status,
            actor_role=Role.RESIDENT,
            actor_id=made.owner.id,
            reason=made.marker,
        )
        made.rows.append(event)
