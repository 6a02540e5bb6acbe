"""Pictures: cleaned, stored, and attached once to one order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import anyio.to_thread
from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.roles import Permission
from app.errors import AppError, Invalid, NotFound
from app.models.base import new_id
from app.models.media import Media, MediaStage
from app.models.order import Order
from app.services.access import SYSTEM, Actor, role_at
from app.services.actors import person_of
from app.services.scope import visible
from app.storage.pictures import clean
from app.storage.port import MediaStore, media_key

_decoding = anyio.CapacityLimiter(2)
"""A large picture takes some 160 MB to decode: no more than two at once in a process."""


MOST_LOOSE: Final = 60
"""Pictures of one person and day that stand in no order (yet): six orders with all that they take."""
DAY: Final = timedelta(days=1)
LOOSE_KEPT: Final = timedelta(days=30)
"""So long a picture waits to be attached; afterwards it is deleted (services/picture_keeping.py)."""


class TooManyPictures(AppError):
    status, code, title = 429, "too_many_pictures", "今天上传的图片过多，请先使用已上传的图片"
    title_en = "Too many pictures that are in no order"


class MediaNotAttachable(Invalid):
    code, title = "media_not_attachable", "图片不存在、不是您上传的或已用于其他订单"
    title_en = "A picture does not exist, is not yours, or is already attached"


async def upload(session: AsyncSession, store: MediaStore, actor: Actor, data: bytes) -> Media:
    """Clean and keep a picture; nobody but its owner sees it yet.

    Raises TooManyPictures, PictureEmpty, PictureTooLarge, PictureNotSupported, PictureBroken. The bytes are stored
    before the row is committed: a crash between the two leaves bytes that no row names, never a row without bytes.
    """
    await _require_room(session, person_of(actor))
    picture = await anyio.to_thread.run_sync(clean, data, limiter=_decoding)
    media_id = new_id()
    kept = Media(
        id=media_id,
        created_at=now(),
        owner_id=person_of(actor),
        storage_key=media_key(media_id, picture.content_type),
        content_type=picture.content_type,
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        sha256=picture.sha256,
    )
    await store.put(kept.storage_key, picture.data)
    session.add(kept)
    try:
        await session.flush()
    except BaseException:  # a full disk, a lost connection: what no row will name is not kept
        await store.delete(kept.storage_key)
        raise
    return kept


async def _require_room(session: AsyncSession, person_id: UUID) -> None:
    """Before anything is decoded. Uploads at the same moment do not see each other: a few more may come of it."""
    loose = visible(Media, SYSTEM).where(
        col(Media.owner_id) == person_id, col(Media.order_id).is_(None), col(Media.created_at) > now() - DAY
    )
    count = await session.exec(select(func.count()).select_from(loose.subquery()))
    if count.one() >= MOST_LOOSE:
        raise TooManyPictures(headers={"Retry-After": "3600"})


async def fetch(
    session: AsyncSession, store: MediaStore, actor: Actor, media_id: UUID
) -> tuple[Media, bytes]:
    """A picture and its bytes, for whoever may see it. A consent is for the staff and the orderer alone."""
    found = visible(Media, actor).where(Media.id == media_id)
    kept = (await session.exec(found)).one_or_none()
    if kept is None:
        raise NotFound("没有这张图片")
    if kept.stage is MediaStage.CONSENT and kept.owner_id != actor.person_id:
        order = (await session.exec(visible(Order, actor).where(Order.id == kept.order_id))).one()
        if role_at(actor, Permission.CONTACTS_READ, order.org_path) is None:
            raise NotFound("没有这张图片")
    return kept, await store.get(kept.storage_key)


async def attach(
    session: AsyncSession, person_id: UUID, media_ids: Sequence[UUID], order_id: UUID, stage: MediaStage
) -> None:
    """Give the caller's own, unattached pictures to an order; all of them or MediaNotAttachable."""
    if not media_ids:
        return
    attached = await session.exec(
        update(Media)
        .where(
            col(Media.id).in_(media_ids),
            col(Media.owner_id) == person_id,
            col(Media.order_id).is_(None),
            col(Media.created_at) > now() - LOOSE_KEPT,
        )
        .values(order_id=order_id, stage=stage)
    )
    if attached.rowcount != len(set(media_ids)):
        raise MediaNotAttachable
