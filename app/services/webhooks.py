"""Webhooks of a place: other systems that hear of every event of its orders."""

import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.roles import Permission
from app.errors import Invalid, NotFound
from app.models.webhook import Webhook
from app.schemas.base import Keyset
from app.schemas.webhook import WebhookIn
from app.services import feed, organisations
from app.services.access import Actor
from app.services.actors import person_of
from app.services.keyset import newest_first
from app.services.scope import visible
from app.webhooks.addresses import literal, outside


class WebhookUrlRefused(Invalid):
    code, title = "webhook_url_refused", "推送地址须是公网的 https 地址"
    title_en = "The address must be a public one, by https"


def require_callable(url: str, *, inside: bool) -> None:
    """What can be told without asking the network; the rest is found out when it is called. Raises
    WebhookUrlRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookUrlRefused from None
    host = parts.hostname or ""
    fit = url.isascii() and url.isprintable() and " " not in url and host and port != 0
    plain = parts.username is None and parts.password is None and not parts.fragment
    schemes = ("https", "http") if inside else ("https",)
    public = inside or not literal(host) or outside(host)
    if not (fit and plain and parts.scheme in schemes and public):
        raise WebhookUrlRefused


async def create(session: AsyncSession, actor: Actor, new: WebhookIn, *, inside: bool) -> Webhook:
    """From the next event on; what was before is to be read from the orders. Raises NotFound, Forbidden,
    WebhookUrlRefused."""
    place = await organisations.reach(session, actor, Permission.CHANNELS_MANAGE, new.organisation_id)
    require_callable(new.url, inside=inside)
    row = Webhook(
        organisation_id=place.id,
        org_path=place.path,
        url=new.url,
        secret=f"whsec_{secrets.token_urlsafe(32)}",
        actions=[action.value for action in new.actions],
        made_by_id=person_of(actor),
        position=await feed.last(session),
        next_at=now(),
    )
    session.add(row)
    await session.flush()
    return row


async def listing(session: AsyncSession, actor: Actor, wanted: Keyset) -> list[Webhook]:
    """Newest first; one more than `limit` when there is a next page."""
    return list(await session.exec(newest_first(visible(Webhook, actor), Webhook, wanted)))


async def get(session: AsyncSession, actor: Actor, webhook_id: UUID) -> Webhook:
    """Raises NotFound."""
    found = (await session.exec(visible(Webhook, actor).where(Webhook.id == webhook_id))).first()
    if found is None:
        raise NotFound
    return found


async def change(
    session: AsyncSession, actor: Actor, webhook_id: UUID, columns: dict[str, Any], *, inside: bool
) -> Webhook:
    """Whatever is changed, it is tried again at once, from where it stood. Raises NotFound, WebhookUrlRefused."""
    row = await get(session, actor, webhook_id)
    if "url" in columns:
        require_callable(columns["url"], inside=inside)
    if columns:
        afresh = {
            "failures": 0,
            "failing_since": None,
            "last_error": "",
            "next_at": now(),
            "leased_until": None,
        }
        row.sqlmodel_update(columns | afresh)
        await session.flush()
    return row


async def remove(session: AsyncSession, actor: Actor, webhook_id: UUID) -> None:
    """Raises NotFound."""
    await get(session, actor, webhook_id)
    await session.exec(delete(Webhook).where(col(Webhook.id) == webhook_id))
