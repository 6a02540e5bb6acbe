"""Pictures as phones and attackers make them, each from real encoders and no files."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

SECRETS = (b"Zhujiawan-7-302", b"PhoneOfTheNeighbour", b"hidden-comment", b"xmp-secret-place", b"icc-secret")


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def quarters(width: int = 64, height: int = 32) -> Image.Image:
    """Red and green above, blue and white below: every turn and mirroring of it looks different."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def corners(image: Image.Image) -> str:
    """The four corners clockwise from the upper left, as the letters r g b w."""
    width, height = image.size
    places = ((1, 1), (width - 2, 1), (width - 2, height - 2), (1, height - 2))
    letters = ""
    for place in places:
        pixel = image.convert("RGB").getpixel(place)
        assert isinstance(pixel, tuple)
        red, green, blue = (value > 127 for value in pixel)
        letters += {(1, 0, 0): "r", (0, 1, 0): "g", (0, 0, 1): "b", (1, 1, 1): "w"}[red, green, blue]
    return letters


def telling_exif(orientation: int = 1) -> Image.Exif:
    """Says where (28.19 N, 112.97 E, and in words), with what and by whom the photograph was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = SECRETS[1].decode()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (28.0, 11.0, 24.0), "E", (112.0, 58.0, 12.0)
    gps[0x1B] = SECRETS[0]
    return exif


def telling(kind: str, orientation: int = 1) -> bytes:
    """A photograph with everything a format can carry besides pixels."""
    options: dict[str, Any] = {"exif": telling_exif(orientation), "icc_profile": SECRETS[4] * 8}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", SECRETS[2].decode())
        texts.add_itxt("XML:com.adobe.xmp", SECRETS[3].decode())
        options["pnginfo"] = texts
    else:
        options["xmp"] = SECRETS[3]
    if kind == "JPEG":
        options |= {"comment": SECRETS[2], "dpi": (301, 301)}
    return encoded(quarters(), kind, **options)


def png_of_declared_size(width: int, height: int) -> bytes:
    """A few dozen bytes that claim any size at all."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg_of_many_scans(scans: int) -> bytes:
    """Small, and as slow to decode as its author likes: its last scan is repeated."""
    data = encoded(quarters(), "JPEG", progressive=True)
    last = data[data.rfind(b"\xff\xda") : -2]
    return data[:-2] + last * scans + data[-2:]
