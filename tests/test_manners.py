"""How the service speaks, whatever it is asked: problems, request ids, languages, compression, pages, readiness."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.house import House, build
from app.models.base import new_id
from tests.conftest import app_of, new_url, settings_for
from tests.contract import Witness, told, witnessed
from tests.factories import District
from tests.stages import Stage

OUTSIDE = "http://test"


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def test_a_problem_has_its_shape_and_speaks_chinese(
    client: httpx.AsyncClient, district: District
) -> None:
    path = f"/orders/{uuid4()}"
    answer = await client.get(path, headers=district.as_("resident"))
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "zh-CN"
    assert answer.json() == {
        "type": "urn:sidan:problem:not_found",
        "title": "没有找到",
        "status": 404,
        "detail": "没有这个订单",
        "instance": f"/api/v1{path}",
        "code": "not_found",
        "request_id": answer.headers["x-request-id"],
    }


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The request is not valid"),
        ("en-GB,en;q=0.9,zh;q=0.1", "The request is not valid"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "提交的内容有误"),
        ("zh-TW", "提交的内容有误"),
        ("fr", "提交的内容有误"),
        ("", "提交的内容有误"),
    ],
)
async def test_problems_are_told_in_the_callers_language(
    client: httpx.AsyncClient, district: District, language: str, title: str
) -> None:
    headers = {**district.as_("resident"), "Accept-Language": language}
    body = district.order_body(detail=5, window={"start": "2026-11-28T09:00:00", "end": "x"})
    problem = (await client.post("/orders", json=body, headers=headers)).json()
    assert problem["title"] == title
    english = title.isascii()
    assert [error["message"] for error in problem["errors"]] == (
        [
            "Input should be a valid string",
            "The time needs an offset",
            "Write times as 2026-11-28T09:00:00+08:00, days as 2026-11-28",
        ]
        if english
        else [
            "应为文字",
            "时间需要带时区，例如 2026-11-28T09:00:00+08:00",
            "时间应写成 2026-11-28T09:00:00+08:00，日期写成 2026-11-28",
        ]
    )
    refused = (await client.get("/me", headers={"Accept-Language": language})).json()
    assert refused["title"] == ("Sign in first" if english else "请先登录")


async def test_every_answer_has_a_request_id(client: httpx.AsyncClient, district: District) -> None:
    as_ = district.as_("resident")
    given = {**as_, "X-Request-ID": "from-the-proxy_0192"}
    seen = set()
    for method, path, headers, content in (
        ("GET", "/orders", as_, b""),
        ("GET", "/nowhere", as_, b""),
        ("DELETE", "/orders", as_, b""),
        ("GET", "/orders", {}, b""),
        ("POST", "/orders", as_, b" " * 300_000),
        ("GET", "/orders", {**as_, "X-Request-ID": "short"}, b""),
        ("GET", "/orders", {**as_, "X-Request-ID": "x" * 65}, b""),
        ("GET", "/orders", {**as_, "X-Request-ID": "log\tforging here"}, b""),
    ):
        answer = await client.request(method, path, headers=headers, content=content)
        request_id = answer.headers["x-request-id"]
        assert len(request_id) == 32
        assert answer.is_success or answer.json()["request_id"] == request_id
        seen.add(request_id)
    assert len(seen) == 8
    kept = await client.get("/orders/x", headers=given)
    assert kept.headers["x-request-id"] == kept.json()["request_id"] == "from-the-proxy_0192"


@pytest.fixture
async def long_list(client: httpx.AsyncClient, district: District) -> dict[str, str]:
    """Headers of somebody who has a dozen orders."""
    stage = Stage(client, district)
    for _ in range(12):
        await stage.place()
    return district.as_("resident")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_long_answers_are_compressed_and_short_ones_are_not(
    client: httpx.AsyncClient, district: District, long_list: dict[str, str], coding: str
) -> None:
    plain = await client.get("/orders", headers={**long_list, "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) > 5_000
    async with client.stream(
        "GET", "/orders", headers={**long_list, "Accept-Encoding": f"{coding};q=1.0, *;q=0"}
    ) as packed:
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == coding
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert len(raw) < len(plain.content) / 3
    unpacked = await client.get("/orders", headers={**long_list, "Accept-Encoding": coding})
    assert unpacked.content == plain.content
    short = await client.get("/orders", headers={**district.as_("stranger"), "Accept-Encoding": coding})
    assert "content-encoding" not in short.headers
    assert short.json() == {"items": [], "next_cursor": None}


async def test_pages_miss_nothing_and_repeat_nothing_while_rows_come_in(
    client: httpx.AsyncClient, district: District, long_list: dict[str, str]
) -> None:
    stage = Stage(client, district)
    whole = (await client.get("/orders?limit=100", headers=long_list)).json()
    there_before = [item["id"] for item in whole["items"]]
    assert whole["next_cursor"] is None
    assert there_before == sorted(there_before, reverse=True)
    for limit in (1, 5, 12):
        for path, who in (("/orders", "resident"), ("/orders", "dispatcher"), ("/me/inbox", "dispatcher")):
            headers = district.as_(who)
            expected = [item["id"] for item in await pages(client, path, headers, 100)]
            met, cursor = [], ""
            while cursor is not None:
                address = f"{path}?limit={limit}{cursor and f'&cursor={cursor}'}"
                page = (await client.get(address, headers=headers)).json()
                met += [item["id"] for item in page["items"]]
                cursor = page["next_cursor"]
                assert len(page["items"]) == limit or cursor is None
                if len(met) % 5 == 0:
                    await stage.place()
            assert met == expected, (path, who, limit)


async def pages(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], limit: int
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = (await client.get(f"{path}?limit={limit}{cursor}", headers=headers)).json()
        found += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    return found


async def test_a_full_last_page_has_no_successor(
    client: httpx.AsyncClient, long_list: dict[str, str]
) -> None:
    page = (await client.get("/orders?limit=12", headers=long_list)).json()
    assert (len(page["items"]), page["next_cursor"]) == (12, None)
    oldest = page["items"][-1]["id"]
    after = (await client.get(f"/orders?cursor={oldest}", headers=long_list)).json()
    assert after == {"items": [], "next_cursor": None}


async def test_readiness_looks_at_the_database(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.get(OUTSIDE + path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


DEAD = {
    "a socket that is not there": "postgresql+asyncpg://sidan@/sidan?host={folder}/nowhere",
    "a port nobody listens on": "postgresql+asyncpg://sidan@127.0.0.1:1/sidan",
    "a folder for a file": "sqlite+aiosqlite:///{folder}",
}


@pytest.mark.parametrize("dead", DEAD)
async def test_without_its_database_the_service_says_so_and_when_to_come_back(
    tmp_path: Path, house: House, district: District, dead: str
) -> None:
    away = build(settings_for(DEAD[dead].format(folder=tmp_path), tmp_path / "media"))
    transport = Witness(app=app_of(away), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        assert (await client.get(f"{OUTSIDE}/healthz")).status_code == 200
        as_ = district.as_("resident", key=new_id().hex)
        for answer in (
            await client.get(f"{OUTSIDE}/readyz"),
            await client.get("/orders", headers=as_),
            await client.post("/orders", json=district.order_body(), headers=as_),
            await client.post(f"/orders/{uuid4()}/approve", headers=as_),
            await client.post("/auth/wechat", json={"code": "demo:somebody"}),
        ):
            assert told(answer) == "503 unavailable"
            assert answer.headers["retry-after"] == "5"
            assert answer.json()["title"] == "服务暂时不可用，请稍后再试"
    await away.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_a_database_that_was_not_migrated_is_not_ready(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str
) -> None:
    empty = build(settings_for(new_url(engine, request, tmp_path), tmp_path / "media"))
    async with witnessed(empty) as client:
        assert told(await client.get(f"{OUTSIDE}/readyz")) == "503 unavailable"
    await empty.close()
