"""What an uploaded picture is, and that nothing but its pixels survives."""

import random
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from PIL import Image

from app.errors import AppError
from app.storage.pictures import LONGEST_KEPT, MAX_BYTES, Picture, clean
from app.storage.port import PictureBroken, PictureEmpty, PictureNotSupported, PictureTooLarge
from tests.storage.photographs import (
    SECRETS,
    corners,
    decoded,
    encoded,
    jpeg_of_many_scans,
    png_of_declared_size,
    quarters,
    telling,
)


def assert_sound(picture: Picture) -> Image.Image:
    """The description agrees with the bytes, and the bytes hold one picture without a word in it."""
    image = decoded(picture.data)
    assert picture.content_type == {"JPEG": "image/jpeg", "PNG": "image/png"}[image.format or ""]
    assert (picture.width, picture.height) == image.size
    assert picture.sha256 == sha256(picture.data).hexdigest()
    assert max(image.size) <= LONGEST_KEPT
    assert not dict(image.getexif())
    technical = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert set(image.info) <= technical
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_pixels_survives(kind: str) -> None:
    data = telling(kind)
    planted = [secret for secret in SECRETS if secret in data]
    assert {SECRETS[0], SECRETS[1], SECRETS[3]} <= set(planted)
    assert decoded(data).getexif().get_ifd(0x8825)[2] == (28.0, 11.0, 24.0)

    picture = clean(data)

    image = assert_sound(picture)
    assert corners(image) == "rgwb"
    assert not any(secret in picture.data for secret in SECRETS)
    assert not any(marker in picture.data for marker in (b"Exif", b"http://", b"ICC_PROFILE", b"iCCP"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "seen"),
    # Read off the definition: where the stored row 0 and column 0 are shown (EXIF 2.3, tag 274).
    [(1, "rgwb"), (2, "grbw"), (3, "wbrg"), (4, "bwgr"), (5, "rbwg"), (6, "brgw"), (7, "wgrb"), (8, "gwbr")],
)
def test_the_picture_stands_as_the_camera_was_held(kind: str, orientation: int, seen: str) -> None:
    picture = clean(telling(kind, orientation))
    assert corners(assert_sound(picture)) == seen
    assert (picture.width, picture.height) == ((64, 32) if orientation < 5 else (32, 64))


def test_an_impossible_orientation_is_ignored() -> None:
    assert corners(assert_sound(clean(telling("JPEG", 9)))) == "rgwb"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # a running service prints it and goes on
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("block", [b"garbage!", b"II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 9])
def test_a_mangled_exif_block_does_not_cost_the_picture(kind: str, block: bytes) -> None:
    image = assert_sound(clean(encoded(quarters(), kind, exif=b"Exif\0\0" + block)))
    assert corners(image) == "rgwb"


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((5000, 2500), (2560, 1280)),
        ((1000, 4000), (640, 2560)),
        ((12_000, 2), (2560, 1)),
        ((64, 32), (64, 32)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_longest_side_is_bounded_and_the_shape_kept(
    kind: str, size: tuple[int, int], kept: tuple[int, int]
) -> None:
    image = assert_sound(clean(encoded(quarters(*size), kind)))
    assert image.size == kept
    if min(kept) > 1:
        assert corners(image) == "rgwb"


@pytest.mark.parametrize(
    "tail", [b"<html><script>alert(1)</script>", b"PK\x03\x04" + b"zip" * 99, b"%PDF-1.7"]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hangs_behind_the_picture_is_cut_off(kind: str, tail: bytes) -> None:
    picture = clean(encoded(quarters(), kind) + tail)
    assert_sound(picture)
    assert tail[:8] not in picture.data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_broken_upload_is_broken(kind: str, part: float) -> None:
    noise = Image.frombytes("RGB", (80, 80), random.Random(7).randbytes(80 * 80 * 3))
    data = encoded(noise, kind)
    with pytest.raises(PictureBroken):
        clean(data[: int(len(data) * part)])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_bytes_end_in_a_picture_or_in_a_problem(kind: str) -> None:
    data, dice = telling(kind), random.Random(20)
    refused = 0
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            picture = clean(bytes(damaged))
        except AppError:
            refused += 1
        else:
            assert_sound(picture)
    assert 0 < refused < 300


@pytest.mark.parametrize(
    "data",
    [
        b"just a note, renamed photo.jpg",
        b"GIF89a" + b"\0" * 40,
        encoded(quarters(), "GIF"),
        encoded(quarters(), "BMP"),
        encoded(quarters(), "TIFF"),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"\xff",
        b"RIFF\0\0\0\0WAVEfmt ",
    ],
)
def test_other_formats_are_refused_whatever_their_name(data: bytes) -> None:
    with pytest.raises(PictureNotSupported):
        clean(data)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_moving_pictures_are_refused(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "lime")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=80)
    with pytest.raises(PictureNotSupported):
        clean(data)


def test_of_a_phone_photograph_with_two_views_the_first_is_kept() -> None:
    data = encoded(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 32))])
    assert decoded(data).format == "MPO"
    assert corners(assert_sound(clean(data))) == "rgwb"


def test_nothing_is_empty() -> None:
    with pytest.raises(PictureEmpty):
        clean(b"")


@pytest.mark.parametrize(
    ("width", "height"),
    [(30_000, 30_000), (65_000, 1500), (12_001, 1), (1, 12_001), (7000, 5715), (2**31 - 1, 2**31 - 1)],
)
def test_a_bomb_is_refused_by_what_it_declares(width: int, height: int) -> None:
    data = png_of_declared_size(width, height)
    assert len(data) < 100
    with pytest.raises(PictureTooLarge):
        clean(data)


def test_the_largest_allowed_declaration_passes_on_to_the_decoder() -> None:
    with pytest.raises(PictureBroken):
        clean(png_of_declared_size(8000, 5000))


def test_one_byte_too_many() -> None:
    data = encoded(quarters(), "JPEG")
    assert_sound(clean(data + b"\0" * (MAX_BYTES - len(data))))
    with pytest.raises(PictureTooLarge):
        clean(data + b"\0" * (MAX_BYTES - len(data) + 1))


def test_a_jpeg_of_endless_scans_is_not_decoded() -> None:
    assert_sound(clean(jpeg_of_many_scans(40)))
    with pytest.raises(PictureBroken):
        clean(jpeg_of_many_scans(2000))


def test_printers_colours_become_screen_colours() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG")
    assert decoded(data).mode == "CMYK"
    image = assert_sound(clean(data))
    assert image.mode == "RGB"
    assert image.getpixel((8, 8)) == pytest.approx((255, 0, 0), abs=3)


@pytest.mark.parametrize("options", [{}, {"transparency": 40_000}], ids=["plain", "sixteen-bit-key"])
def test_sixteen_bits_are_scaled_not_clipped(options: dict[str, int]) -> None:
    ramp = Image.frombytes("I;16", (256, 1), b"".join((v * 257).to_bytes(2, "little") for v in range(256)))
    data = encoded(ramp.resize((256, 16)), "PNG", **options)
    assert decoded(data).mode == "I;16"
    image = assert_sound(clean(data))
    assert image.mode == "RGB"
    for shade in (0, 64, 128, 192, 255):
        assert image.getpixel((shade, 8)) == pytest.approx((shade,) * 3, abs=3)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (Image.new("RGBA", (9, 9), (200, 30, 40, 0)).quantize(4), {}),
        (Image.new("L", (9, 9), 7), {"transparency": 7}),
        (Image.new("RGB", (9, 9), (1, 2, 3)), {"transparency": (1, 2, 3)}),
        (Image.new("LA", (9, 9), (7, 0)), {}),
    ],
    ids=["palette", "grey-key", "colour-key", "grey-alpha"],
)
def test_what_shows_through_stays_see_through(image: Image.Image, options: dict[str, object]) -> None:
    picture = clean(encoded(image, "PNG", **options))
    assert picture.content_type == "image/png"
    pixel = assert_sound(picture).getpixel((4, 4))
    assert isinstance(pixel, tuple)
    assert pixel[3] == 0


def test_an_opaque_screenshot_with_an_alpha_channel_becomes_a_jpeg() -> None:
    assert clean(encoded(quarters().convert("RGBA"), "PNG")).content_type == "image/jpeg"


def test_a_see_through_picture_that_would_outgrow_the_bound_is_laid_on_white() -> None:
    # Soft noise costs a lossy WebP little and a PNG everything: 4 MB would become 14 MB.
    noise = Image.frombytes("L", (640, 480), random.Random(3).randbytes(640 * 480)).resize((2500, 1900))
    image = Image.merge(
        "RGBA", (noise, noise.rotate(180), noise.transpose(Image.Transpose.ROTATE_180), noise)
    )
    image.paste((0, 0, 0, 0), (0, 0, 100, 100))
    picture = clean(encoded(image, "WEBP", quality=40, method=0))
    kept = assert_sound(picture)
    assert picture.content_type == "image/jpeg"
    assert len(picture.data) <= MAX_BYTES
    assert kept.getpixel((50, 50)) == pytest.approx((255, 255, 255), abs=3)


def test_the_same_upload_gives_the_same_bytes_from_any_thread() -> None:
    uploads = [telling("JPEG", 6), telling("PNG", 3), telling("WEBP"), encoded(quarters(3000, 900), "JPEG")]
    expected = [clean(upload).sha256 for upload in uploads]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda upload: clean(upload).sha256, uploads * 10))
    assert found == expected * 10


def test_a_picture_does_not_print_its_bytes() -> None:
    picture = clean(telling("JPEG"))
    assert "data" not in repr(picture)
    assert "\\xff" not in repr(picture)
