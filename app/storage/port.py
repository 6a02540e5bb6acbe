"""Where pictures are kept, seen from above: three verbs and the problems they can end in.

The house needs a local disk today and an object store tomorrow; whoever holds a `MediaStore` cannot tell
which. Keys are made here and nowhere else, so that no store ever sees a name chosen by a user.
"""

import re
from typing import Final, Protocol
from uuid import UUID

from app.errors import AppError, NotFound

SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png"}

_KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}\.(?:jpg|png)")


class MediaStore(Protocol):
    """Bytes under a key. All three verbs raise ValueError for a key that `media_key` cannot have made."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep `data` durably in place of whatever was under `key`; readers see the old or the new whole.

        Raises StoreFull, and leaves nothing behind then.
        """

    async def get(self, key: str) -> bytes:
        """The bytes under `key`, or MediaMissing."""

    async def delete(self, key: str) -> None:
        """Forget `key`; nothing happens when there was nothing."""


def media_key(media_id: UUID, content_type: str) -> str:
    """`<2 hex>/<uuid hex>.<ext>`; the folder is the *end* of the id, because a UUIDv7 begins with the clock
    and would put a whole year's pictures into one folder. KeyError for a type that `clean` does not make."""
    return f"{media_id.hex[-2:]}/{media_id.hex}.{SUFFIXES[content_type]}"


def checked_key(key: str) -> str:
    """The key itself when it has the shape above; otherwise ValueError (a caller's mistake, not a user's)."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a media key: {key[:80]!r}")
    return key


class MediaMissing(NotFound):
    """The row names bytes that the store does not hold."""

    code, title, title_en = "media_missing", "图片不存在或已删除", "The picture does not exist"


class StoreFull(AppError):
    """No room for it: the operator has to make some, and sees it in the log."""

    status, code = 507, "storage_full"
    title, title_en = "存储空间已满，图片暂时无法保存，请稍后再试", "The store is full"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "300"})


class PictureEmpty(AppError):
    """Zero bytes: the phone could not read its own file, or the upload broke off."""

    status, code = 422, "picture_empty"
    title, title_en = "图片内容为空，请重新选择", "The picture is empty"


class PictureTooLarge(AppError):
    """More bytes, pixels or length of side than the house is willing to decode."""

    status, code = 413, "picture_too_large"
    title, title_en = "图片过大，请压缩后再上传", "The picture is too large"


class PictureNotSupported(AppError):
    """Not a still JPEG, PNG or WebP, whatever its file name says."""

    status, code = 415, "picture_not_supported"
    title, title_en = "不支持的图片格式，请上传 JPEG、PNG 或 WebP 静态图片", "Not a still JPEG, PNG or WebP"


class PictureBroken(AppError):
    """It begins as a picture and does not go on as one."""

    status, code = 422, "picture_broken"
    title, title_en = "图片已损坏，请重新拍摄或选择", "The picture is damaged"
