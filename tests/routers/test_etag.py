"""A phone that has it already gets 304, and the tag never lies about bytes."""

import gzip

import httpx
import pytest

from tests.factories import District


@pytest.fixture(params=["orgs", "org", "menu", "item", "taxonomy"])
def path(request: pytest.FixtureRequest, district: District) -> str:
    return {
        "orgs": f"/orgs?within={district.center.id}",
        "org": f"/orgs/{district.station.id}",
        "menu": f"/menu?organisation_id={district.center.id}",
        "item": f"/menu/{district.cleaning.id}",
        "taxonomy": "/taxonomy",
    }[str(request.param)]


async def test_who_has_it_gets_304(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"].startswith("public")
    assert "Accept-Encoding" in first.headers["vary"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert {again.headers[name] for name in ("etag", "cache-control")} == {
            tag,
            first.headers["cache-control"],
        }
    for unknown in ('"other"', 'W/"other"', "", tag[:-2] + '"'):
        again = await client.get(path, headers={"If-None-Match": unknown})
        assert (again.status_code, again.content) == (200, first.content)


async def test_one_tag_whatever_the_coding(client: httpx.AsyncClient) -> None:
    plain = await client.get("/taxonomy", headers={"Accept-Encoding": "identity"})
    async with client.stream("GET", "/taxonomy", headers={"Accept-Encoding": "gzip"}) as coded:
        raw = b"".join([chunk async for chunk in coded.aiter_raw()])
    assert coded.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert coded.headers["etag"] == plain.headers["etag"]
    for answer in (coded, plain):
        assert set(answer.headers["vary"].split(", ")) == {"Accept-Encoding"}


async def test_a_change_makes_another_tag(client: httpx.AsyncClient, district: District) -> None:
    path = f"/orgs/{district.station.id}"
    before = (await client.get(path)).headers["etag"]
    await client.patch(path, json={"name": "改名的站"}, headers=district.as_("admin"))
    after = await client.get(path, headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["etag"] != before


async def test_what_is_no_good_answer_has_no_tag(client: httpx.AsyncClient, district: District) -> None:
    missing = await client.get(f"/menu/{district.center.id}", headers={"If-None-Match": "*"})
    assert missing.status_code == 404
    assert "etag" not in missing.headers
