"""What every answer says to whatever shows it; who may read the contract; and that nobody is sent elsewhere."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app import problems
from app.doors import Doors
from app.house import House
from app.routers import contract
from app.settings import Settings
from tests.conftest import calling, client_of
from tests.factories import District

PLAIN = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
DESK = "https://desk.example"


def with_(house: House, **changes: Any) -> httpx.AsyncClient:
    return client_of(replace(house, settings=house.settings.model_copy(update=changes)))


async def test_every_answer_says_how_it_is_to_be_treated(
    client: httpx.AsyncClient, district: District, api: FastAPI
) -> None:
    mine = district.as_("resident")
    answers = [
        await client.get("/orders", headers=mine),
        await client.get("/orders"),
        await client.get("/nowhere"),
        await client.delete("/orders"),
        await client.post(
            "/orders", content=b" " * 300_000, headers=mine | {"Content-Type": "application/json"}
        ),
        await client.post("/auth/wechat", json={"code": "demo:doors"}),
        await client.get("http://test/readyz"),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 404, 405, 413, 200, 200]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in PLAIN} == PLAIN
        assert "strict-transport-security" not in answer.headers
        assert answer.headers.get("server", "") == ""
    async with calling(Doors(api, 30, production=True)) as caller:
        kept = (await caller.get("/taxonomy")).headers["strict-transport-security"]
        assert kept == "max-age=31536000"


async def test_what_one_person_sees_lies_in_no_shared_cache(
    client: httpx.AsyncClient, district: District
) -> None:
    path = f"/orgs/{district.center.id}"
    assert (await client.get(path)).headers["cache-control"] == "public, no-cache"
    mine = await client.get(path, headers=district.as_("resident"))
    assert mine.headers["cache-control"] == "private, no-cache"


async def test_other_pages_are_kept_out_until_they_are_named(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    async with with_(house, cors_origins=(DESK,)) as opened:
        for caller, origin, admitted in (
            (client, DESK, None),
            (opened, DESK, DESK),
            (opened, "https://desk.example.evil.example", None),
            (opened, "null", None),
        ):
            for answer in (
                await caller.options("/orders", headers={"Origin": origin, **asked}),
                await caller.get("/orders", headers={"Origin": origin, **district.as_("resident")}),
                await caller.get("/orders", headers={"Origin": origin}),
            ):
                assert answer.headers.get("access-control-allow-origin") == admitted
                assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example", "desk.example", "https://desk.example/", "null"]
)
def test_a_pattern_of_origins_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="SIDAN_CORS_ORIGINS"):
        Settings(cors_origins=(origin,))
    assert Settings(cors_origins=(DESK, "http://localhost:5173")).cors_origins


CONTRACT = ("http://test/api/v1/openapi.json", "http://test/docs", "http://test/docs/start.js")


def showing(house: House, **changes: Any) -> httpx.AsyncClient:
    """A small application that has a contract."""
    small = FastAPI(openapi_url=None)
    small.state.house = replace(house, settings=house.settings.model_copy(update=changes))
    small.include_router(contract.router)
    problems.install(small)
    return calling(small)


async def test_the_contract_is_open_guarded_or_off(house: House) -> None:
    token = SecretStr("a token of the monitor")
    monitor = {"Authorization": "Bearer a token of the monitor"}
    for docs, (anybody, known) in {"open": (200, 200), "guarded": (404, 200)}.items():
        async with showing(house, docs=docs, metrics_token=token) as caller:
            for path in CONTRACT:
                assert (await caller.get(path)).status_code == anybody, (docs, path)
                assert (await caller.get(path, headers=monitor)).status_code == known, (docs, path)
    async with showing(house, docs="guarded") as caller:  # and no token is set
        assert (await caller.get(CONTRACT[0], headers={"Authorization": "Bearer "})).status_code == 404
    async with with_(house, env="production") as caller:
        assert [(await caller.get(path, headers=monitor)).status_code for path in CONTRACT] == [404] * 3


async def test_the_page_of_the_contract_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("http://test/docs")
    assert "//" not in page.text
    assert "'unsafe-inline'" not in page.headers["content-security-policy"].split("style-src")[0]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for file, kind in (("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript")):
        got = await client.get(f"http://test/docs/{file}")
        assert got.headers["content-type"].startswith(kind)
        assert len(got.content) > 100_000
    assert (await client.get("http://test/docs/favicon.png")).status_code == 422


ELSEWHERE = (
    *(
        "//evil.example",
        "/\\evil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "///evil.example/%2e%2e",
    ),
    *("/api/v1//evil.example/", "/api/v1/orders/", "/docs/", "/api/v1/orders?next=https://evil.example"),
    *("/https://evil.example", "/api/v1/auth/wechat?redirect_uri=//evil.example", "/.%0d%0aLocation:%20x"),
)


NAMING = ("Host", "X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded")


async def test_nobody_is_sent_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ELSEWHERE:
        for named in NAMING:
            answer = await client.get(f"http://test{path}", headers={named: "reflected.example"})
            assert answer.status_code in (401, 404, 405)
            assert not {"location", "refresh", "content-location"} & set(answer.headers)
            assert "reflected" not in answer.text + str(answer.headers)
