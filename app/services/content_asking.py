"""WeChat is asked about what was written: claimed by a lease, asked outside of any transaction, settled.

WeChat looks only at people who were in the mini-program within two hours; who was not, and what WeChat does not
answer about in five tries (some ten minutes), is left to people: nothing passes unseen, and nobody waits for
WeChat.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.content import ContentCheck, ContentKind, ContentState
from app.models.order import Order
from app.models.person import Means, Person, SignIn
from app.services.access import SYSTEM
from app.services.content_checks import tell_held
from app.services.content_reviewing import approve_by_policy, texts_of
from app.services.moves import hold
from app.services.scope import visible
from app.wechat.port import Checked, Scene, Suggestion

FRESH: Final = timedelta(hours=2)
LEASE: Final = timedelta(minutes=2)
FIRST_WAIT: Final = timedelta(seconds=20)
MOST_ATTEMPTS: Final = 5
SILENT, UNASKED = "wechat:silent", "wechat:unasked"
_SCENES: Final = {
    ContentKind.ORDER: Scene.FORUM,
    ContentKind.REVIEW: Scene.COMMENT,
    ContentKind.COMPLAINT: Scene.COMMENT,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, or none where the writer is not known to WeChat lately (`words` is None)."""

    check_id: UUID
    attempts: int
    words: Checked | None


async def claim(session: AsyncSession, at: datetime, limit: int) -> list[Asked]:
    """At most `limit` that are due; nobody else takes them before the lease is over."""
    due = (
        visible(ContentCheck, SYSTEM)
        .with_only_columns(col(ContentCheck.id))
        .where(col(ContentCheck.state) == ContentState.PENDING, col(ContentCheck.next_at) <= at)
        .order_by(col(ContentCheck.next_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = await session.exec(
        update(ContentCheck)
        .where(col(ContentCheck.id).in_(due))
        .values(next_at=at + LEASE, attempts=ContentCheck.attempts + 1)
        .returning(ContentCheck)
        .execution_options(synchronize_session=False)
    )
    checks = list(claimed.scalars())
    texts = await texts_of(session, checks)
    known = await _openids(session, {one.person_id for one in checks}, at)
    return [
        Asked(one.id, one.attempts, _words(one, known.get(one.person_id), texts.get(one.subject_id, [])))
        for one in checks
    ]


def _words(check: ContentCheck, openid: str | None, texts: list[str]) -> Checked | None:
    return Checked(openid, _SCENES[check.kind], "\n".join(texts)) if openid and texts else None


async def _openids(session: AsyncSession, people: set[UUID], at: datetime) -> dict[UUID, str]:
    here = exists().where(
        col(SignIn.person_id) == Person.id,
        col(SignIn.means) == Means.WECHAT,
        col(SignIn.seen_at) > at - FRESH,
    )
    found = select(Person.id, Person.wechat_openid).where(col(Person.id).in_(people), here)
    return {person_id: openid for person_id, openid in await session.exec(found) if openid}


async def settle(session: AsyncSession, asked: Asked, said: Suggestion | None, at: datetime) -> None:
    """Write down what was said; None: WeChat could not be asked, and is asked again in a while."""
    waits = said is None and asked.attempts < MOST_ATTEMPTS
    found = visible(ContentCheck, SYSTEM).where(col(ContentCheck.id) == asked.check_id)
    check = (await session.exec(found)).one()
    order = await hold(
        session, (await session.exec(visible(Order, SYSTEM).where(Order.id == check.order_id))).one()
    )
    values: dict[str, object] = {"next_at": at + FIRST_WAIT * 2**asked.attempts}
    if said is not None and said.passes:
        values = {"state": ContentState.PASSED}
    elif not waits:
        values = {"state": ContentState.HELD, "found": [f"wechat:{said.label}" if said else SILENT]}
    await _finish(session, check, order, values)


async def leave_to_people(session: AsyncSession, asked: Asked) -> None:
    """WeChat would not look: the writer has not been in the mini-program lately."""
    found = visible(ContentCheck, SYSTEM).where(col(ContentCheck.id) == asked.check_id)
    check = (await session.exec(found)).one()
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == check.order_id))).one()
    values: dict[str, object] = {"state": ContentState.HELD, "found": [UNASKED]}
    await _finish(session, check, await hold(session, order), values)


async def _finish(
    session: AsyncSession, check: ContentCheck, order: Order, values: dict[str, object]
) -> None:
    """Unless a person was faster."""
    done = await session.exec(
        update(ContentCheck)
        .where(col(ContentCheck.id) == check.id, col(ContentCheck.state) == ContentState.PENDING)
        .values(values)
        .returning(ContentCheck)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if done.scalar_one_or_none() is None:
        return
    if check.state is ContentState.HELD:
        await tell_held(session, order, check.kind, check.person_id)
    elif check.state is ContentState.PASSED and check.kind is ContentKind.ORDER:
        await approve_by_policy(session, order)
