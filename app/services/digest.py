"""Each dispatcher hears once a morning what waits in their part of the tree.

The day's notice is its own mark: its dedupe key is the person and the day, so any number of workers make one. Where
nothing waits it is made all the same, void, so that nobody counts again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import case, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import insert_new
from app.domain.digest import Waiting, digest_day
from app.domain.lifecycle import OrderStatus
from app.domain.notices import Audience
from app.domain.policy import effective
from app.domain.reminders import Reminder
from app.domain.roles import Role
from app.models.base import new_id
from app.models.failing import Complaint, FollowUp
from app.models.notification import Notification
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant
from app.services.access import SYSTEM, ancestors
from app.services.columns import columns
from app.services.scope import visible

UNDER_WAY = (
    OrderStatus.SUBMITTED,
    OrderStatus.APPROVED,
    OrderStatus.OFFERED,
    OrderStatus.POOLED,
    OrderStatus.ACCEPTED,
    OrderStatus.IN_SERVICE,
)
TODAY = timedelta(hours=24)
_AT_ONCE = 500


class Desk(NamedTuple):
    """Somebody who dispatches at these places, and the day of which they have not heard."""

    person_id: UUID
    paths: tuple[str, ...]
    day: date

    @property
    def key(self) -> str:
        return f"digest:{self.person_id.hex}:{self.day}"


async def unheard(session: AsyncSession, at: datetime, limit: int) -> list[Desk]:
    """At most `limit` dispatchers for whom it is morning and who have no digest of the day."""
    found = (
        select(RoleGrant.person_id, Organisation.path)
        .join(Organisation, col(Organisation.id) == col(RoleGrant.organisation_id))
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .where(col(RoleGrant.role) == Role.DISPATCHER, col(Person.active))
    )
    places: dict[UUID, list[str]] = defaultdict(list)
    for person_id, path in await columns(session, found):
        places[person_id].append(path)
    days = await _days(session, {path for paths in places.values() for path in paths}, at)
    desks = [
        Desk(person_id, tuple(paths), day)
        for person_id, paths in places.items()
        if (day := next((days[path] for path in sorted(paths) if days[path]), None))
    ]
    heard = await _heard(session, [desk.key for desk in desks])
    return [desk for desk in desks if desk.key not in heard][:limit]


async def _days(session: AsyncSession, paths: Iterable[str], at: datetime) -> dict[str, date | None]:
    """By path, the day whose digest is due there."""
    chains = {path: ancestors(path) for path in paths}
    every = {above for chain in chains.values() for above in chain}
    found = select(Organisation.path, Organisation.policy).where(col(Organisation.path).in_(every))
    changes = {row.path: row.policy for row in await columns(session, found)}
    days = {}
    for path, chain in chains.items():
        policy = effective(changes.get(above, {}) for above in chain)
        days[path] = digest_day(at, policy.notices.digest_at, ZoneInfo(policy.time_zone))
    return days


async def _heard(session: AsyncSession, keys: list[str]) -> set[str]:
    heard: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        asked = keys[start : start + _AT_ONCE]
        found = visible(Notification, SYSTEM).where(col(Notification.dedupe_key).in_(asked))
        heard |= {row.dedupe_key for row in await columns(session, found, Notification.dedupe_key)}
    return heard


async def tell(session: AsyncSession, desks: Iterable[Desk], at: datetime) -> None:
    """Write each desk's digest."""
    waiting = await _waiting(session, at)
    for desk in desks:
        text = sum(_within(waiting, desk.paths), Waiting()).text()
        notice = Notification(
            id=new_id(),
            created_at=at,
            due_at=at,
            person_id=desk.person_id,
            kind=Reminder.DIGEST.value,
            data={"title": "今日待办", "reason": text, "audience": Audience.STAFF.value},
            dedupe_key=desk.key,
            send_at=at if text else None,
            voided_at=None if text else at,
        )
        await insert_new(session, notice)


def _within(waiting: Mapping[str, Waiting], paths: tuple[str, ...]) -> Iterator[Waiting]:
    return (counted for path, counted in waiting.items() if path.startswith(paths))


async def _waiting(session: AsyncSession, at: datetime) -> dict[str, Waiting]:
    """What waits, by the path of the organisation that it belongs to."""
    late = col(Order.due_at) <= at
    orders = (
        visible(Order, SYSTEM).where(col(Order.status).in_(UNDER_WAY)).group_by(col(Order.org_path)),
        Order.org_path,
        _count(col(Order.status) == OrderStatus.SUBMITTED),
        _count(col(Order.status) == OrderStatus.APPROVED),
        _count((col(Order.risk_at) <= at) & ~late),
        _count(late),
    )
    complaints = (
        visible(Complaint, SYSTEM)
        .where(col(Complaint.answered_at).is_(None))
        .group_by(col(Complaint.org_path)),
        Complaint.org_path,
        func.count(),
    )
    visits = (
        visible(FollowUp, SYSTEM)
        .where(col(FollowUp.done_at).is_(None), col(FollowUp.due_at) <= at + TODAY)
        .group_by(col(FollowUp.org_path)),
        FollowUp.org_path,
        func.count(),
    )
    waiting: dict[str, Waiting] = defaultdict(Waiting)
    for path, *counts in await columns(session, *orders):
        waiting[path] += Waiting(*counts)
    for path, count in await columns(session, *complaints):
        waiting[path] += Waiting(complaints=count)
    for path, count in await columns(session, *visits):
        waiting[path] += Waiting(follow_ups=count)
    return waiting


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
