"""Pictures: sent as `wx.uploadFile` sends them, freed of what they tell, and shown to whom the order is shown."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from app.models.media import Media, MediaStage
from tests.contract import told, witnessed
from tests.factories import District, plant
from tests.stages import DONE, REASON, Stage
from tests.storage.photographs import (
    SECRETS,
    corners,
    decoded,
    encoded,
    png_of_declared_size,
    quarters,
    telling,
)
from tests.unchanged import state, unchanged

EVERYBODY = (
    *("resident", "neighbour", "stranger", "leader", "other_leader", "volunteer", "helper", "outsider"),
    *("dispatcher", "admin", "supervisor", "auditor", "grid_worker"),
)


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def send(
    client: httpx.AsyncClient, district: District, who: str, data: bytes, **named: Any
) -> httpx.Response:
    """One file in the field `file`, beside a form field, as `wx.uploadFile` sends it."""
    file = {"file": (named.get("name", "wx-tmp_1.jpg"), data, named.get("type", "image/jpeg"))}
    return await client.post("/media", files=file, data={"user": "test"}, headers=district.as_(who))


async def uploaded(client: httpx.AsyncClient, district: District, who: str = "resident") -> str:
    answer = await send(client, district, who, telling("JPEG"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def who_sees(client: httpx.AsyncClient, district: District, media_id: str) -> set[str]:
    """Those of the district who get the picture; everybody else must be told that there is none."""
    seen = set()
    for who in EVERYBODY:
        answer = await client.get(f"/media/{media_id}", headers=district.as_(who))
        if answer.status_code == 200:
            seen.add(who)
        else:
            assert told(answer) == "404 not_found", who
    return seen


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_kept_and_what_it_tells_is_not(
    client: httpx.AsyncClient, district: District, kind: str
) -> None:
    data = telling(kind, orientation=6)
    assert any(secret in data for secret in SECRETS)
    answer = await send(client, district, "resident", data)
    kept = answer.json()
    assert (answer.status_code, kept["order_id"], kept["stage"]) == (201, None, None)
    assert (kept["content_type"], kept["width"], kept["height"]) == ("image/jpeg", 32, 64)
    got = await client.get(f"/media/{kept['id']}", headers=district.as_("resident"))
    assert len(got.content) == kept["size"]
    assert not any(secret in got.content for secret in SECRETS)
    picture = decoded(got.content)
    assert not picture.getexif()
    assert corners(picture) == "brgw"


async def test_a_picture_is_handed_out_as_nothing_but_a_picture(
    client: httpx.AsyncClient, district: District
) -> None:
    hostile = b"<script>alert(1)</script>"
    data = telling("JPEG") + hostile
    answer = await send(client, district, "resident", data, name="../../x.html", type="text/html")
    got = await client.get(f"/media/{answer.json()['id']}", headers=district.as_("resident"))
    assert hostile not in got.content
    assert got.headers["content-type"] == "image/jpeg"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["cache-control"].startswith("private")
    assert "content-encoding" not in got.headers


BAD_PICTURES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "422 picture_empty"),
    "a text": (b"hello", "415 picture_not_supported"),
    "a page": (b"<html><script>1</script>", "415 picture_not_supported"),
    "a drawing with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "415 picture_not_supported"),
    "a GIF": (encoded(quarters(), "GIF"), "415 picture_not_supported"),
    "a PDF": (b"%PDF-1.7\n", "415 picture_not_supported"),
    "half a JPEG": (telling("JPEG")[:200], "422 picture_broken"),
    "the head of a JPEG": (b"\xff\xd8\xff\xe0" + bytes(64), "422 picture_broken"),
    "a bomb": (png_of_declared_size(30_000, 30_000), "413 picture_too_large"),
    "a byte more than 10 MiB": (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024 - 2), "413 picture_too_large"),
    "11 MB and the form around it": (b"\xff\xd8\xff" + bytes(11 * 1024 * 1024), "413 too_large"),
    "40 MB": (b"\xff\xd8\xff" + bytes(40 * 1024 * 1024), "413 too_large"),
}


async def test_what_is_no_picture_is_refused_by_name_and_not_kept(
    client: httpx.AsyncClient, district: District, house: House
) -> None:
    files_before = sorted(house.settings.media_root.rglob("*.*"))
    async with unchanged(district):
        answers = {
            name: told(await send(client, district, "resident", data))
            for name, (data, _) in BAD_PICTURES.items()
        }
    assert answers == {name: expected for name, (_, expected) in BAD_PICTURES.items()}
    assert sorted(house.settings.media_root.rglob("*.*")) == files_before


async def test_a_form_that_is_none_is_refused_by_name(client: httpx.AsyncClient, district: District) -> None:
    as_ = district.as_("resident")
    typed = {**as_, "Content-Type": "multipart/form-data; boundary=b"}
    async with unchanged(district):
        other_field = await client.post("/media", files={"picture": ("a.jpg", telling("JPEG"))}, headers=as_)
        assert told(other_field) == "422 invalid_request body.file:missing"
        assert told(await client.post("/media", json={"file": "x"}, headers=as_)) == (
            "415 unsupported_media_type"
        )
        text_field = await client.post("/media", data={"file": "x"}, files={"a": b"x"}, headers=as_)
        assert told(text_field) == "422 invalid_request body.file:value_error"
        broken = await client.post("/media", content=b"--b\r\nno form", headers=typed)
        assert told(broken) == "400 malformed_request"
        unsigned = await client.post("/media", files={"file": ("a.jpg", telling("JPEG"))})
        assert told(unsigned) == "401 unauthenticated"


async def test_until_it_is_attached_a_picture_is_its_owners(
    client: httpx.AsyncClient, district: District
) -> None:
    media_id = await uploaded(client, district)
    assert await who_sees(client, district, media_id) == {"resident"}
    assert told(await client.get(f"/media/{media_id}")) == "401 unauthenticated"


async def test_a_picture_of_an_order_is_for_those_who_may_see_the_order(
    client: httpx.AsyncClient, district: District, house: House
) -> None:
    media_id = await uploaded(client, district)
    stage = Stage(client, district)
    await stage.place(media_ids=[media_id])
    staff = {"dispatcher", "admin", "supervisor"}
    assert await who_sees(client, district, media_id) == {"resident"} | staff
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    assert await who_sees(client, district, media_id) == {"resident", "leader"} | staff
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    await stage.name_crew()
    assert await who_sees(client, district, media_id) == {"resident", "leader", "volunteer"} | staff
    await stage.do("leader", "POST", f"{stage.at}/release", REASON)
    assert await who_sees(client, district, media_id) == {"resident"} | staff
    foreign = await plant(house)
    assert await who_sees(client, foreign, media_id) == set()


async def test_pictures_of_the_need_and_of_the_delivery_stand_in_the_order(
    client: httpx.AsyncClient, district: District
) -> None:
    needs = [await uploaded(client, district) for _ in range(2)]
    stage = Stage(client, district)
    placed = await stage.do("resident", "POST", "/orders", district.order_body(media_ids=needs[::-1]))
    stage.order_id = placed["id"]
    assert placed["media_ids"] == needs
    assert await stage.do("resident", "GET", stage.at) == placed
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    await stage.name_crew()
    await stage.serve()
    done = await uploaded(client, district, "leader")
    delivered = await stage.do("leader", "POST", f"{stage.at}/deliver", {**DONE, "media_ids": [done]})
    assert delivered["media_ids"] == [*needs, done]
    assert "resident" in await who_sees(client, district, done)
    stages = {MediaStage.ORDER: needs, MediaStage.DELIVERY: [done]}
    for kind, ids in stages.items():
        assert {await stage_of(district, media_id) for media_id in ids} == {kind}


async def stage_of(district: District, media_id: str) -> MediaStage | None:
    async with district.house.database.transaction() as session:
        found = await session.get_one(Media, UUID(media_id))
        return found.stage


async def test_a_picture_is_attached_once_and_by_its_owner(
    client: httpx.AsyncClient, district: District
) -> None:
    own, used, others = [
        await uploaded(client, district, who) for who in ("resident", "resident", "neighbour")
    ]
    await Stage(client, district).place(media_ids=[used])
    stage = await Stage(client, district).reach(OrderStatus.IN_SERVICE)
    async with unchanged(district):
        for bad in ([used], [others], [own, used], [own, others], [own, str(uuid4())]):
            body = district.order_body(media_ids=bad)
            for headers in (district.as_("resident"), district.as_("resident", key=new_id().hex)):
                assert told(await client.post("/orders", json=body, headers=headers)) == (
                    "422 media_not_attachable"
                )
            delivered = await stage.call("leader", "POST", f"{stage.at}/deliver", {**DONE, "media_ids": bad})
            assert told(delivered) == "422 media_not_attachable"
        twice = await client.post(
            "/orders", json=district.order_body(media_ids=[own, own]), headers=district.as_("resident")
        )
        assert told(twice) == "422 order_media_repeated"
    assert await stage_of(district, own) is None


async def test_a_consent_is_for_the_staff_and_the_one_who_ordered(
    client: httpx.AsyncClient, district: District
) -> None:
    consent, need = [await uploaded(client, district) for _ in range(2)]
    told = {"name": "王大爷", "relation": "neighbour", "consent": "written", "consent_media_ids": [consent]}
    stage = Stage(client, district)
    await stage.place(media_ids=[need], beneficiary=told)
    assert await stage_of(district, consent) is MediaStage.CONSENT
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    await stage.name_crew()
    assert await who_sees(client, district, consent) == {"resident", "dispatcher"}
    for who in ("resident", "dispatcher"):
        assert (await stage.do(who, "GET", stage.at))["media_ids"] == [consent, need]
    for who in ("leader", "volunteer", "supervisor", "admin"):
        assert (await stage.do(who, "GET", stage.at))["media_ids"] == [need]


async def test_the_same_picture_twice_is_two_pictures(client: httpx.AsyncClient, district: District) -> None:
    before = await state(district)
    ids = {await uploaded(client, district) for _ in range(2)}
    assert len(ids) == 2
    assert (await state(district))["media"] == before["media"] + 2
