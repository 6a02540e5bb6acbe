"""Makes an uploaded picture safe to keep and to show.

A phone's photograph says where its owner lives (GPS in the EXIF block; a place is personal information under
PIPL Art. 28), and a hostile upload may be a bomb, a script with a picture's head, or another format under a
borrowed name. So nothing that was uploaded is ever stored: the pixels are decoded within bounds and encoded
anew, and only they survive.
"""

import io
import math
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from app.storage.port import PictureBroken, PictureEmpty, PictureNotSupported, PictureTooLarge

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_SIDE: Final = 12_000
LONGEST_KEPT: Final = 2560
JPEG_QUALITY: Final = 85
MAX_SCANS: Final = 64

# Imported above so that every decoder is registered before the first thread asks for one.
_PLUGINS: Final = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
# EXIF tag 0x0112 -> what turns the stored pixels the way the camera was held (1: nothing to do).
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright, without metadata, longest side at most 2560 px; `sha256` is of `data`, in hex."""

    content_type: str
    data: bytes = field(repr=False)
    width: int
    height: int
    sha256: str


def clean(data: bytes) -> Picture:
    """Decode `data` (JPEG, PNG or WebP, one frame) and encode its pixels anew, as JPEG or PNG.

    Synchronous and CPU-bound (up to about a second, and 4 bytes a pixel of memory): call it in a thread, few
    at a time. Thread-safe; no setting of Pillow is touched. Colour profiles are dropped unread: handing a
    stranger's profile to a C parser costs more than slightly paler wide-gamut photographs.

    Raises PictureEmpty, PictureTooLarge, PictureNotSupported or PictureBroken.
    """
    if not data:
        raise PictureEmpty
    if len(data) > MAX_BYTES:
        raise PictureTooLarge("图片不能超过 10 MB")
    image = _open(data, _sniff(data))
    try:
        return _encode(_decode(image))
    except MemoryError:
        raise
    except Exception as failure:  # whatever a decoder makes of hostile bytes, the picture is broken
        raise PictureBroken from failure


def _sniff(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        # Each scan of a progressive JPEG walks over the whole picture again; real ones have about ten.
        if data.count(b"\xff\xda") > MAX_SCANS:
            raise PictureBroken
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    raise PictureNotSupported


def _open(data: bytes, kind: str) -> Image.Image:
    """The picture with its head read and no pixel decoded: what it declares is judged first."""
    try:
        image = Image.open(io.BytesIO(data), formats=(kind,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge from None
    except MemoryError:
        raise
    except Exception as failure:
        raise PictureBroken from failure
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PictureTooLarge(f"图片尺寸为 {width}×{height}，不能超过 4000 万像素，边长不能超过 {MAX_SIDE}")
    # A phone's JPEG may carry a second view behind the first (MPO); a moving PNG or WebP is refused.
    if kind != "JPEG" and getattr(image, "n_frames", 1) > 1:
        raise PictureNotSupported("不支持动图，请上传静态图片")
    return image


def _decode(image: Image.Image) -> Image.Image:
    """Upright pixels in RGB, or RGBA where something really shows through, at most LONGEST_KEPT long."""
    scale = min(1.0, LONGEST_KEPT / max(image.size))
    target = tuple(max(1, round(side * scale)) for side in image.size)
    if scale < 1:
        # A JPEG can be decoded at a half, quarter or eighth; the result is never smaller than asked for.
        image.draft(image.mode, (math.ceil(image.width * scale), math.ceil(image.height * scale)))
    image.load()
    turn = _turn(image)
    if image.mode.startswith("I;16"):  # Pillow would clip sixteen bits to eight, not scale them
        image.info.pop("transparency", None)
        image = image.point(lambda value: value * (1 / 257)).convert("L")
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.size != target:
        image = image.resize((target[0], target[1]), Image.Resampling.LANCZOS)
    if turn is not None:
        image = image.transpose(turn)
    return image


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Apps on the way mangle EXIF blocks; a good picture behind a bad one stays as it was stored."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return None


def _encode(image: Image.Image) -> Picture:
    """JPEG, or PNG where something shows through: phones and office printers all draw PNG, while WebP depends
    on the client's age (iOS from 14). A PNG that would outgrow the upload bound is laid on white instead."""
    image.info.clear()  # Pillow's writers copy comments, profiles and densities from here
    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255):
        data = _written(image, "PNG")
        if len(data) <= MAX_BYTES:
            return _picture(image, "image/png", data)
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image)
        image = paper
    return _picture(image, "image/jpeg", _written(image.convert("RGB"), "JPEG"))


def _written(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "JPEG":
        image.save(buffer, kind, quality=JPEG_QUALITY, progressive=True)
    else:
        image.save(buffer, kind)
    return buffer.getvalue()


def _picture(image: Image.Image, content_type: str, data: bytes) -> Picture:
    return Picture(content_type, data, image.width, image.height, sha256(data).hexdigest())
