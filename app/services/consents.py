"""一次性订阅 as a budget: one consent of a person is one message of a template.

Each change is a compare-and-set on one row, in the order of the rows' keys, so that two senders cannot wait for
each other.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.notification import Subscription

MOST = 1000
Consent = tuple[UUID, str]
"""(person, template)"""


async def take(session: AsyncSession, wanted: Iterable[Consent]) -> Counter[Consent]:
    """Use up one for each that is wanted (a pair may be wanted more than once); how many there were."""
    taken: Counter[Consent] = Counter()
    one_less = {"remaining": col(Subscription.remaining) - 1}
    for consent, times in sorted(Counter(wanted).items()):
        for _ in range(times):
            if not await _set(session, consent, one_less, col(Subscription.remaining) > 0):
                break
            taken[consent] += 1
    return taken


async def give_back(
    session: AsyncSession, unused: Iterable[Consent], refused: Iterable[Consent] = ()
) -> None:
    """What was taken and certainly not used; who `refused` has none left, whatever we thought."""
    none_left = set(refused)
    one_more = {"remaining": col(Subscription.remaining) + 1}
    for consent, times in sorted((Counter(unused) + Counter(none_left)).items()):
        if consent in none_left:
            await _set(session, consent, {"remaining": 0})
            continue
        for _ in range(times):
            await _set(session, consent, one_more, col(Subscription.remaining) < MOST)


async def _set(
    session: AsyncSession, consent: Consent, values: dict[str, Any], *where: ColumnElement[bool]
) -> bool:
    person_id, template = consent
    done = await (await session.connection()).execute(
        update(Subscription)
        .where(col(Subscription.person_id) == person_id, col(Subscription.template) == template, *where)
        .values(values)
    )
    return done.rowcount > 0
