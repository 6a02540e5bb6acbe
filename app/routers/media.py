"""Pictures, one file a call, as `wx.uploadFile` sends them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Response, UploadFile

from app.domain.roles import Permission
from app.errors import NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, HouseDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.media import MediaOut
from app.services import media
from app.services.idempotency import IdempotencyMismatch
from app.storage.port import (
    MediaMissing,
    PictureBroken,
    PictureEmpty,
    PictureNotSupported,
    PictureTooLarge,
    StoreFull,
)

LARGEST = 11 * 1024 * 1024
"""A picture of 10 MiB and the multipart around it."""

router = APIRouter(prefix="/media", tags=["图片"], route_class=KeyedRoute)


@router.post(
    "",
    operation_id="media_upload",
    summary="上传图片",
    openapi_extra=needs(Caller.SIGNED_IN),
    status_code=201,
    max_body_size=LARGEST,
    responses=documented(
        Unauthenticated,
        PictureEmpty,
        PictureTooLarge,
        PictureNotSupported,
        PictureBroken,
        media.TooManyPictures,
        IdempotencyMismatch,
        StoreFull,
        Unavailable,
    ),
)
async def upload_media(
    house: HouseDep, session: SessionDep, actor: ActorDep, file: Annotated[UploadFile, File()]
) -> MediaOut:
    """Decoded, freed of location and every other hidden fact, and stored; attach it by its id."""
    kept = await media.upload(session, house.store, actor, await file.read())
    return MediaOut.model_validate(kept)


@router.get(
    "/{media_id}",
    operation_id="media_get",
    summary="查看图片",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.ORDERS_READ, Permission.ORDERS_REPORT),
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}, "image/png": {}}},
        **documented(Unauthenticated, NotFound, MediaMissing, Unavailable),
    },
)
async def get_media(house: HouseDep, session: SessionDep, actor: ActorDep, media_id: UUID) -> Response:
    """For the uploader, and for those who may see the order it is attached to."""
    kept, data = await media.fetch(session, house.store, actor, media_id)
    return Response(
        data,
        media_type=kept.content_type,
        headers={
            "Cache-Control": "private, max-age=86400, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
