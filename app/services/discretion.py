"""Who sees how much of who and where an order is for (PIPL Art. 6; 未成年人网络保护条例 Art. 36).

The team has a reason to know from the moment it has agreed to come until the order is closed; the desk as long as
something about the order waits for it. Even then the contacts are masked until somebody asks for them.
"""

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.age import is_adult
from app.domain.beneficiary import Circumstance
from app.domain.discretion import Sight
from app.domain.lifecycle import ENDED, STAFFED
from app.domain.roles import Permission, Role
from app.models.failing import Complaint, FollowUp
from app.models.order import Beneficiary, Order, Relation
from app.models.person import Person
from app.models.recurring import RecurringOrder
from app.services.access import SYSTEM, Actor, role_at
from app.services.policies import today_at
from app.services.scope import visible

Placed = Order | RecurringOrder
"""What somebody ordered once, or asked for again and again: the same people place and dispatch it."""
SERVING = STAFFED - ENDED
"""From acceptance to close."""


async def beneficiary_of(session: AsyncSession, order: Order) -> Beneficiary | None:
    """The one of an order that may be seen: it is shown through the order, and by the same rules."""
    if order.beneficiary_id is None:
        return None
    found = visible(Beneficiary, SYSTEM).where(col(Beneficiary.id) == order.beneficiary_id)
    return (await session.exec(found)).one()


def sight(actor: Actor, order: Order, beneficiary: Beneficiary | None, *, crew: bool) -> Sight:
    """How much this actor sees unasked; `crew`: they serve on it."""
    if is_own(actor, order, beneficiary.relation if beneficiary else None):
        return Sight.WHOLE
    team = team_role(actor, order, crew=crew) is not None and order.status in SERVING
    staff = staff_role(actor, order) is not None
    return Sight.MASKED if team or staff else Sight.HIDDEN


def sight_of_series(actor: Actor, series: RecurringOrder) -> Sight:
    """The same of a series, which has no team."""
    if is_own(actor, series, relation_in(series)):
        return Sight.WHOLE
    return Sight.MASKED if staff_role(actor, series) is not None else Sight.HIDDEN


def relation_in(series: RecurringOrder) -> Relation | None:
    """Of who asked for the series to whom it serves; None when it serves themselves, or was emptied."""
    told = series.wanted.get("beneficiary")
    return Relation(told["relation"]) if told else None


def is_own(actor: Actor, placed: Placed, relation: Relation | None) -> bool:
    """One's own data, or what one told of somebody near; not what was taken down on duty."""
    mine = actor.person_id is not None and actor.person_id == placed.placed_by_id
    return mine and relation is not Relation.STAFF


def team_role(actor: Actor, order: Order, *, crew: bool) -> Role | None:
    """In which role the actor belongs to the team behind the order, whatever its state."""
    if order.team_id is not None and order.team_id in actor.teams(Permission.CONTACTS_READ):
        return Role.TEAM_LEADER
    return Role.VOLUNTEER if crew else None


def staff_role(actor: Actor, placed: Placed) -> Role | None:
    """In which role the actor dispatches there, or placed it on duty, and still is."""
    if actor.person_id is not None and actor.person_id == placed.placed_by_id:
        placing = role_at(actor, Permission.ORDERS_PLACE_FOR_STAFF, placed.org_path)
        if placing is not None:
            return placing
    return role_at(actor, Permission.CONTACTS_READ, placed.org_path)


async def waits_for_staff(session: AsyncSession, order: Order) -> bool:
    """The order lives, or after its end a complaint or a follow-up call about it is still open."""
    if order.status not in ENDED:
        return True
    complaint = visible(Complaint, SYSTEM).where(
        col(Complaint.order_id) == order.id, col(Complaint.answered_at).is_(None)
    )
    call = visible(FollowUp, SYSTEM).where(
        col(FollowUp.order_id) == order.id, col(FollowUp.done_at).is_(None)
    )
    return bool((await session.exec(select(or_(complaint.exists(), call.exists())))).one())


async def concerns_minor(session: AsyncSession, placed: Placed) -> bool:
    """Whether who is served is a child: it was told so, or whoever ordered for themselves is known to be one."""
    if isinstance(placed, Order):
        told, another = placed.circumstances, placed.beneficiary_id is not None
    else:
        told, another = placed.wanted.get("circumstances", []), relation_in(placed) is not None
    if Circumstance.MINOR in told:
        return True
    if another:
        return False
    placer = await session.get_one(Person, placed.placed_by_id)
    born = placer.birth_date
    return born is not None and not is_adult(born, await today_at(session, placed.org_path))
