"""排班: the whole queue of a place planned at once, looked at, and then offered.

A plan is made in three steps, so that nobody's transaction waits for a solver: the queue is read, the planner
works on numbers in a process of its own (planning_process.py), the plan is written. What has moved in between shows
when it is applied: an order is offered only as it was seen.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Any
from uuid import UUID

import anyio
import anyio.to_thread
import numpy as np
from sqlalchemy import delete, insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import Database, kept_by, table_of
from app.domain.matching.features import date_of
from app.domain.planning.fitness import PROBLEMS_ZH, UnfitProblem
from app.domain.planning.greedy import by_hand
from app.domain.planning.losses import losses
from app.domain.planning.result import Plan, Reason
from app.domain.roles import Permission
from app.errors import Invalid
from app.models.base import new_id
from app.models.plan import DispatchPlan, DispatchPlanItem
from app.models.price import TeamPrice
from app.models.reservation import Reservation
from app.services import organisations
from app.services.access import Actor, require_at
from app.services.actors import actor_of, person_of
from app.services.idempotency import Answer, Key, begin, finish, stored
from app.services.order_views import to_json
from app.services.plan_problem import Posed, posed
from app.services.plan_views import show
from app.services.planning_process import solved
from app.services.queue import Queue, queue_of
from app.services.tokens import Claims

CREATED = 201
AT_ONCE = 500
"""Rows in one statement, so that no engine runs out of parameters."""
BY_HAND_SECONDS = 3.0
HIGHEST_PRICE = 10_000


class PlanTooLarge(Invalid):
    code, title = "plan_too_large", PROBLEMS_ZH["plan_too_large"]
    title_en = "Too many orders or teams for one plan"


async def make(
    database: Database, claims: Claims, organisation_id: UUID, key: Key | None
) -> tuple[Answer, bool]:
    """Plan the approved orders at and below an organisation, and keep the plan with the prices it found.

    The answer's JSON is a PlanOut; True when it is a kept answer replayed. Raises NotFound, Forbidden,
    PlanTooLarge, Unauthenticated, IdempotencyMismatch.
    """
    begun = perf_counter()
    async with database.reading() as session:
        planner: anyio.Lock = kept_by(session).setdefault("planner", anyio.Lock())
        actor = await actor_of(session, claims)
        if key and (first := await stored(session, claims.person_id, key.key, key.digest)):
            return first, True
        place = await organisations.reach(session, actor, Permission.ORDERS_DISPATCH, organisation_id)
        try:
            queue = await queue_of(session, place, now())
        except UnfitProblem as error:
            raise PlanTooLarge from error
    async with planner:
        question = await anyio.to_thread.run_sync(posed, queue)
        plan = await solved(question.problem, queue.policy.seconds)
        by_turns = await anyio.to_thread.run_sync(_by_turns, question)
    async with database.transaction() as session:
        actor = await actor_of(session, claims)
        require_at(actor, Permission.ORDERS_DISPATCH, place.path)
        if key and (first := await begin(session, claims.person_id, key.key, key.digest)):
            return first, True
        made = await _keep(session, actor, queue, question, plan, by_turns, perf_counter() - begun)
        answer = Answer(CREATED, to_json(await show(session, made)))
        if key:
            await finish(session, claims.person_id, key.key, answer)
    return answer, False


def _by_turns(question: Posed) -> int:
    """How many orders a dispatcher serves who takes one after the other."""
    end = perf_counter() + BY_HAND_SECONDS
    return by_hand(question.problem, lambda: end - perf_counter()).served


async def _keep(
    session: AsyncSession,
    actor: Actor,
    queue: Queue,
    question: Posed,
    plan: Plan,
    by_turns: int,
    seconds: float,
) -> DispatchPlan:
    await organisations.bump(session, queue.place.path)
    made = DispatchPlan(
        organisation_id=queue.place.id,
        org_path=queue.place.path,
        made_by_id=person_of(actor),
        made_at=queue.at,
        seconds=round(seconds, 3),
        orders=len(queue.waiting) + len(queue.left_out),
        teams=len(question.teams),
        served=plan.served,
        by_hand=by_turns,
        objective=plan.objective,
        bound=plan.bound,
        proven=plan.proven,
        partial=plan.partial,
    )
    session.add(made)
    await session.flush()
    await _insert(session, table_of(DispatchPlanItem), _items(made, queue, question, plan))
    await _reprice(session, question, plan, queue)
    await _reserve(session, question, plan, queue)
    return made


def _items(made: DispatchPlan, queue: Queue, question: Posed, plan: Plan) -> list[dict[str, Any]]:
    index, horizon, teams = queue.index, question.horizon, question.teams
    items = []
    for number, one in enumerate(queue.waiting):
        team, first = int(plan.team[number]), int(question.first_choice[number])
        row = _item(made, one.order.id, one.order.version)
        row["first_choice_id"] = None if first < 0 else index.id_of(first)
        if team < 0:
            row["reason"] = Reason(int(plan.reason[number])).name.lower()
        else:
            edges = slice(*question.problem.offsets[number : number + 2])
            mine = question.problem.team[edges] == team
            row |= {
                "team_id": index.id_of(int(teams[team])),
                "starts_at": horizon.instant(int(plan.start[number])),
                "score": int(question.problem.score[edges][mine][0]),
            }
        items.append(row)
    return items + [
        _item(made, order.id, order.version) | {"reason": reason} for order, reason in queue.left_out
    ]


def _item(made: DispatchPlan, order_id: UUID, version: int) -> dict[str, Any]:
    empty = {
        "team_id": None,
        "first_choice_id": None,
        "starts_at": None,
        "score": None,
        "reason": "",
        "outcome": "",
    }
    known = {"id": new_id(), "created_at": made.created_at, "plan_id": made.id}
    return {**empty, **known, "order_id": order_id, "version": version}


async def _reprice(session: AsyncSession, question: Posed, plan: Plan, queue: Queue) -> None:
    """What the time of each team that was weighed is worth now, instead of what an earlier plan found."""
    ids = [queue.index.id_of(row) for row in question.teams.tolist()]
    for start in range(0, len(ids), AT_ONCE):
        await session.exec(delete(TeamPrice).where(col(TeamPrice.team_id).in_(ids[start : start + AT_ONCE])))
    rows = [
        {
            "id": new_id(),
            "created_at": queue.at,
            "team_id": ids[team],
            "day": date_of(question.horizon.first_day + day),
            "permille": min(HIGHEST_PRICE, int(plan.prices[team, day])),
        }
        for team, day in zip(*(found.tolist() for found in plan.prices.nonzero()), strict=True)
    ]
    await _insert(session, table_of(TeamPrice), rows)


async def _reserve(session: AsyncSession, question: Posed, plan: Plan, queue: Queue) -> None:
    """The half hours that the plan means for each order, and what is lost when they are taken."""
    lost = await anyio.to_thread.run_sync(losses, question.problem, plan)
    orders = [one.order.id for one in queue.waiting]
    for start in range(0, len(orders), AT_ONCE):
        chunk = col(Reservation.order_id).in_(orders[start : start + AT_ONCE])
        await session.exec(delete(Reservation).where(chunk))
    rows = [
        {
            "id": new_id(),
            "created_at": queue.at,
            "team_id": queue.index.id_of(int(question.teams[plan.team[number]])),
            "order_id": orders[number],
            "starts_at": question.horizon.instant(int(plan.start[number])),
            "ends_at": question.horizon.instant(int(plan.start[number] + question.problem.duration[number])),
            "permille": int(lost[number]),
        }
        for number in np.flatnonzero(plan.team >= 0).tolist()
    ]
    await _insert(session, table_of(Reservation), rows)


async def _insert(session: AsyncSession, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    connection = await session.connection()
    for start in range(0, len(rows), AT_ONCE):
        await connection.execute(insert(table), rows[start : start + AT_ONCE])
