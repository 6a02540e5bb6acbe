"""Who of a team could go to each of its accepted orders without a crew: the plan of the queue, one floor down.

Nobody in two places at once, every required specialty in the crew with papers in date, two where somebody lives
alone, insured adults for risky work; who went less often of late goes rather. A suggestion: the leader names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import Database
from app.domain.age import is_adult
from app.domain.beneficiary import needs_two
from app.domain.hours import DAY_SLOTS, HALF_HOUR
from app.domain.lifecycle import OrderStatus
from app.domain.planning.crew_problem import CrewProblem
from app.domain.planning.problem import MOST_DAYS, NORMAL, TOP_SCORE
from app.domain.policy import Policy
from app.domain.roles import Permission
from app.domain.travel import METRES_PER_HOUR, NUMBER
from app.models.menu import Mode, Risk
from app.models.order import Order
from app.models.person import Person
from app.models.service import CrewMember
from app.models.team import Team, TeamMember
from app.models.volunteer import Volunteer, VolunteerSpecialty
from app.services import teams
from app.services.access import SYSTEM, require_for
from app.services.actors import actor_of
from app.services.columns import columns
from app.services.planning_process import crewed
from app.services.policies import policy_at
from app.services.promises import BUSY
from app.services.scope import visible
from app.services.tokens import Claims

SECONDS = 2.0
RECENT = timedelta(days=30)
HALF = timedelta(minutes=HALF_HOUR)
Papers = dict[UUID, dict[str, Any]]
"""By person: each specialty with the last day of its proof, None for one without an end."""


@dataclass(frozen=True)
class _Team:
    """What is known of one team: its members, its orders without a crew, and when its members are taken."""

    team: Team
    policy: Policy
    midnight: datetime
    members: Sequence[Person]
    insured: dict[UUID, Any]
    papers: Papers
    orders: Sequence[Order]
    taken: Sequence[tuple[UUID, datetime, datetime]]
    recent: dict[UUID, int]


async def suggest(database: Database, claims: Claims, team_id: UUID) -> dict[str, Any]:
    """The shape of schemas.service.CrewSuggestionsOut. Raises NotFound, Forbidden, Unauthenticated."""
    async with database.reading() as session:
        actor = await actor_of(session, claims)
        team = await teams.get(session, actor, team_id)
        require_for(actor, Permission.ORDERS_CREW, team)
        known = await _know(session, team, now())
    free = _free(known)
    crews: dict[UUID, list[Person]] = {}
    proven = True
    for risky in (True, False):
        orders = [one for one in known.orders if (one.risk is Risk.RISKY) == risky]
        members = [one for one in known.members if not risky or _may_risk(known, one, orders)]
        if not orders or not members:
            continue
        rows = [known.members.index(one) for one in members]
        plan = await crewed(_posed(known, orders, members, free[rows]), SECONDS)
        proven &= plan.proven
        for number, order in enumerate(orders):
            chosen = np.flatnonzero(plan.crew[number]).tolist()
            crews[order.id] = [members[one] for one in chosen]
            start, end = _slots(known, order)
            free[[rows[one] for one in chosen], start:end] = False
    return {"items": [_item(order, crews.get(order.id, [])) for order in known.orders], "proven": proven}


def _item(order: Order, crew: Sequence[Person]) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "title": order.title,
        "scheduled": {"start": order.scheduled_start, "end": order.scheduled_end},
        "members": [{"person_id": person.id, "name": person.name} for person in crew],
    }


async def _know(session: AsyncSession, team: Team, at: datetime) -> _Team:
    policy = await policy_at(session, team.org_path)
    midnight = at.astimezone(ZoneInfo(policy.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    members = await session.exec(
        select(Person)
        .join(TeamMember, col(TeamMember.person_id) == Person.id)
        .where(TeamMember.team_id == team.id, col(Person.active))
        .order_by(col(Person.id))
    )
    people = members.all()
    ids = [person.id for person in people]
    named = select(CrewMember.order_id)
    orders = await session.exec(
        visible(Order, SYSTEM)
        .where(
            Order.team_id == team.id,
            col(Order.status) == OrderStatus.ACCEPTED,
            col(Order.id).not_in(named),
            col(Order.scheduled_start) >= midnight,
            col(Order.scheduled_end) <= midnight + timedelta(days=MOST_DAYS),
        )
        .order_by(col(Order.scheduled_start), col(Order.id))
    )
    served = visible(Order, SYSTEM).join(CrewMember, col(CrewMember.order_id) == col(Order.id))
    mine = served.where(col(CrewMember.person_id).in_(ids))
    span = (CrewMember.person_id, Order.scheduled_start, Order.scheduled_end, Order.status)
    lately = await columns(session, mine.where(col(Order.scheduled_start) >= midnight - RECENT), *span)
    recent = dict.fromkeys(ids, 0)
    for person_id, *_ in lately:
        recent[person_id] += 1
    volunteers = visible(Volunteer, SYSTEM).where(col(Volunteer.person_id).in_(ids), col(Volunteer.active))
    insured = await columns(session, volunteers, Volunteer.person_id, Volunteer.insured_until)
    return _Team(
        team=team,
        policy=policy,
        midnight=midnight,
        members=people,
        insured=dict(map(tuple, insured)),
        papers=await _papers(session, ids),
        orders=orders.all(),
        taken=[(person, start, end) for person, start, end, status in lately if status in BUSY],
        recent=recent,
    )


async def _papers(session: AsyncSession, ids: Sequence[UUID]) -> Papers:
    held = (
        visible(Volunteer, SYSTEM)
        .join(VolunteerSpecialty, col(VolunteerSpecialty.volunteer_id) == col(Volunteer.id))
        .where(col(Volunteer.person_id).in_(ids), col(Volunteer.active))
    )
    wanted = (Volunteer.person_id, VolunteerSpecialty.specialty, VolunteerSpecialty.proof_until)
    papers: Papers = {}
    for person_id, specialty, until in await columns(session, held, *wanted):
        papers.setdefault(person_id, {})[specialty] = until
    return papers


def _may_risk(known: _Team, person: Person, orders: Sequence[Order]) -> bool:
    """Adult and insured through the last of these risky services (条例 Art. 15, 17)."""
    last = max((order.schedule[1].date() for order in orders), default=known.midnight.date())
    until = known.insured.get(person.id)
    return is_adult(person.birth_date, known.midnight.date()) and until is not None and until >= last


def _slots(known: _Team, order: Order) -> tuple[int, int]:
    """The half hours that a scheduled order touches."""
    start, end = order.schedule
    return (start - known.midnight) // HALF, -((known.midnight - end) // HALF)


def _free(known: _Team) -> np.ndarray:
    free = np.ones((len(known.members), MOST_DAYS * DAY_SLOTS), np.bool_)
    row = {person.id: number for number, person in enumerate(known.members)}
    for person, start, end in known.taken:
        first, last = (start - known.midnight) // HALF, -((known.midnight - end) // HALF)
        free[row[person], max(0, first) : max(0, last)] = False
    return free


def _posed(known: _Team, orders: Sequence[Order], members: Sequence[Person], free: np.ndarray) -> CrewProblem:
    wanted = sorted(
        {code for order in orders for code in order.required_specialties if _somebody(known, code)}
    )
    last = max(order.schedule[1].date() for order in orders)
    spans = [_slots(known, order) for order in orders]
    busiest = max(known.recent.values(), default=0)
    score = [TOP_SCORE - TOP_SCORE * known.recent[one.id] // (busiest + 1) for one in members]
    skills = [[_holds(known.papers.get(one.id, {}), code, last) for code in wanted] for one in members]
    return CrewProblem(
        worth=np.full(len(orders), NORMAL),
        start=np.array([start for start, _ in spans]),
        duration=np.array([end - start for start, end in spans]),
        place=np.array(
            [(one.lat, one.lon) if one.lat is not None else (np.nan, np.nan) for one in orders], float
        ),
        people=np.array([_people(known, order) for order in orders]),
        needs=np.array(
            [[code in order.required_specialties for code in wanted] for order in orders], np.bool_
        ).reshape(len(orders), len(wanted)),
        free=free,
        skills=np.array(skills, np.bool_).reshape(len(members), len(wanted)),
        daily_limit=np.full(len(members), known.policy.planning.orders_a_day),
        score=np.repeat(np.array(score)[:, np.newaxis], len(orders), axis=1),
        speed_kmh=float(METRES_PER_HOUR[NUMBER[known.team.travel]]) / 1000,
    )


def _somebody(known: _Team, code: str) -> bool:
    """A specialty that the team has as a team, though no member registered it, is nobody's in particular."""
    return any(code in papers for papers in known.papers.values())


def _holds(papers: dict[str, Any], code: str, last: Any) -> bool:
    return code in papers and (papers[code] is None or papers[code] >= last)


def _people(known: _Team, order: Order) -> int:
    """As many as the order says, or all there are; and two at least where somebody lives alone."""
    pair = order.mode is Mode.ON_SITE and known.policy.two_person_visits and needs_two(order.circumstances)
    return max(min(order.people, len(known.members)), 2 if pair else 1)
