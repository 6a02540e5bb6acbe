"""What came of a batch that was sent, written down in one transaction.

Only by who still holds the lease: a batch that took too long is another's by now, and that one's to settle.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.domain.delivery import Channel, Delivery, Outcome, next_try, texted
from app.models.notification import Notification
from app.services import consents
from app.services.sending import Leased, Ways, record

_NOTICE = table_of(Notification)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` None: it was not tried at all. `send_at` None: nothing more is to be done."""

    outcome: Outcome | None
    send_at: datetime | None
    held: str | None = None


def verdict(leased: Leased, delivery: Delivery | None, ways: Ways, at: datetime) -> Verdict:
    """What an attempt that ended `at` means for its notice."""
    if delivery is None:
        return Verdict(None, at)
    notice, last = leased.notice, leased.attempt >= ways.attempts
    if delivery.outcome is Outcome.RETRY:
        if last:
            return Verdict(Outcome.FAILED, None)
        held = None if delivery.unsent or leased.channel is Channel.SMS else str(notice.template)
        return Verdict(Outcome.RETRY, next_try(leased.attempt, at), held)
    if delivery.outcome is Outcome.REFUSED and not last and ways.sms:
        by_text = texted(notice.phone, notice.audience, notice.about.urgency)
        return Verdict(Outcome.REFUSED, at if by_text else None)
    return Verdict(delivery.outcome, None)


async def settle(
    session: AsyncSession,
    done: Collection[tuple[Leased, Delivery | None]],
    ways: Ways,
    until: datetime,
    at: datetime,
) -> int:
    """Write what came of each, `at`, if it is still ours `until` then; how many were."""
    said = {
        leased.notice.id: (leased, delivery, verdict(leased, delivery, ways, at)) for leased, delivery in done
    }
    alike: dict[tuple[Verdict, bool], list[UUID]] = defaultdict(list)
    for id_, (_, _, came) in said.items():
        alike[Verdict(None, came.send_at, came.held), came.outcome is None].append(id_)
    ours: set[UUID] = set()
    for (came, untried), ids in alike.items():
        ours |= await _release(session, ids, came, until, untried=untried)
    kept = [said[id_] for id_ in said if id_ in ours]
    await record(
        session,
        (
            {
                "created_at": at,
                "notification_id": leased.notice.id,
                "channel": leased.channel,
                "attempt": leased.attempt,
                "outcome": came.outcome,
                "detail": delivery.detail,
            }
            for leased, delivery, came in kept
            if delivery is not None
        ),
    )
    by_wechat = [
        ((leased.notice.person_id, str(leased.notice.template)), delivery)
        for leased, delivery, _ in kept
        if leased.channel is Channel.WECHAT
    ]
    await consents.give_back(
        session,
        unused=[pair for pair, delivery in by_wechat if delivery is None or delivery.unsent],
        refused=[pair for pair, delivery in by_wechat if delivery and delivery.outcome is Outcome.REFUSED],
    )
    return len(kept)


async def _release(
    session: AsyncSession, ids: Collection[UUID], came: Verdict, until: datetime, *, untried: bool
) -> set[UUID]:
    released = await (await session.connection()).execute(
        update(_NOTICE)
        .where(_NOTICE.c.id.in_(ids), _NOTICE.c.leased_until == until)
        .values(
            send_at=came.send_at,
            leased_until=None,
            held_template=came.held,
            attempts=_NOTICE.c.attempts - int(untried),
        )
        .returning(_NOTICE.c.id)
    )
    return set(released.scalars())
