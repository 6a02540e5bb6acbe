"""My consents to WeChat messages: what the mini-program may ask me for, and what I said.

One acceptance is one message (一次性订阅), so a mini-program asks whenever somebody presses a button anyway.
"""

from collections.abc import Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import insert_new
from app.domain.templates import Form, Template
from app.models.notification import Subscription
from app.schemas.subscription import Choice, SubscriptionOut, SubscriptionsOut
from app.services import consents
from app.services.access import Actor
from app.services.actors import person_of


async def listing(session: AsyncSession, actor: Actor, forms: Mapping[Template, Form]) -> SubscriptionsOut:
    """Every template that this installation uses."""
    mine = select(Subscription).where(col(Subscription.person_id) == person_of(actor))
    remaining = {row.template: row.remaining for row in await session.exec(mine)}
    return SubscriptionsOut(
        items=[
            SubscriptionOut(key=key, template_id=form.template_id, remaining=remaining.get(key, 0))
            for key, form in forms.items()
        ]
    )


async def record(
    session: AsyncSession, actor: Actor, choices: Mapping[Template, Choice], forms: Mapping[Template, Form]
) -> SubscriptionsOut:
    """An acceptance is one more message; who bans a template wants none of those left either."""
    person_id = person_of(actor)
    accepted = sorted(str(key) for key, choice in choices.items() if choice is Choice.ACCEPT)
    for key in accepted:
        if not await insert_new(session, Subscription(person_id=person_id, template=key, remaining=1)):
            await consents.give_back(session, [(person_id, key)])
    banned = [(person_id, str(key)) for key, choice in choices.items() if choice is Choice.BAN]
    await consents.give_back(session, (), refused=banned)
    return await listing(session, actor, forms)
