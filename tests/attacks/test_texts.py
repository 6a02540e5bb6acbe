"""Whatever people write is text: kept and given back as it is, or refused by name; it is never obeyed."""

import logging
import time
import unicodedata
from collections.abc import AsyncIterator

import httpx
import pytest

from app.house import House
from tests.attacks.corpus import FLOOD, FORGED, HIDING, INJECTIONS, REFUSED, STRANGE
from tests.attacks.shapes import calls
from tests.center import spam_policy
from tests.contract import told, witnessed
from tests.factories import District

EACH = 17
"""Of the corpus goes to one field: with every field another part, so that all of it is tried on many."""
PEOPLE = ("admin", "dispatcher", "leader", "resident")


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def test_no_text_in_any_field_is_obeyed(
    client: httpx.AsyncClient, district: District, caplog: pytest.LogCaptureFixture
) -> None:
    corpus = (*INJECTIONS, *REFUSED, *STRANGE, *HIDING)
    tried, fields = 0, 0
    caplog.set_level(logging.INFO)
    for call in calls():
        headers = district.as_(PEOPLE[tried % len(PEOPLE)])
        for place in call.texts:
            fields += 1
            for text in corpus[tried % EACH :: EACH]:
                answer = await client.request(
                    call.method, call.path, json=call.with_(place, text), headers=headers
                )
                assert answer.status_code < 500, (call.path, place, text)
                assert "x-injected" not in answer.headers
                assert answer.status_code < 400 or FORGED not in answer.text
            tried += 1
    assert fields > 60
    assert FORGED not in caplog.text


async def test_a_flood_of_marks_costs_no_more_than_its_reading(
    client: httpx.AsyncClient, district: District
) -> None:
    headers = district.as_("resident")
    body = district.order_body(title=FLOOD, detail=FLOOD, address=FLOOD)
    begun = time.process_time()
    answer = await client.post("/orders", json=body, headers=headers)
    assert answer.status_code in (413, 422)
    body = district.order_body(detail=FLOOD)
    assert told(await client.post("/orders", json=body, headers=headers)) == "422 text_too_long"
    password = {"username": "somebody", "password": FLOOD}
    assert (await client.post("/auth/password", json=password)).status_code in (401, 413, 422)
    assert time.process_time() - begun < 2


async def test_what_is_kept_comes_back_byte_for_byte(client: httpx.AsyncClient, district: District) -> None:
    await spam_policy(client, district, orders_a_day=1000)
    for number, text in enumerate((*INJECTIONS, *STRANGE)):
        one_line = " ".join(text.split())
        wanted = unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())
        body = district.order_body(
            title=one_line,
            detail=text,
            address=one_line,
            contact={"name": one_line[:40], "phone": "13800000001"},
        )
        placed = await client.post("/orders", json=body, headers=district.as_("resident"))
        assert placed.status_code == 201, (text, placed.text)
        path = f"/orders/{placed.json()['id']}"
        got = (await client.get(path, headers=district.as_("resident"))).json()
        assert (got["detail"], got["title"]) == (wanted, unicodedata.normalize("NFC", one_line))
        if number % 4:
            continue
        cancelled = await client.post(
            f"{path}/cancel", json={"reason": text}, headers=district.as_("resident")
        )
        assert cancelled.status_code == 200, (text, cancelled.text)
        events = (await client.get(f"{path}/events", headers=district.as_("resident"))).json()
        assert events[-1]["reason"] == wanted


async def test_names_hide_nothing_and_twins_are_one(client: httpx.AsyncClient, district: District) -> None:
    mine = district.as_("resident")
    for name in HIDING:
        refused = await client.patch("/me", json={"name": name}, headers=mine)
        assert told(refused) == ("422 name_hidden_character"), ascii(name)
    for name in REFUSED:
        refused = await client.patch("/me", json={"name": name}, headers=mine)
        assert told(refused) == "422 text_control_character", ascii(name)
    for name in ("\ud800", "张\udfff"):
        body = b'{"name": "' + name.encode("unicode-escape") + b'"}'
        lone = await client.patch("/me", content=body, headers=mine | {"Content-Type": "application/json"})
        assert lone.status_code == 422
    for written in ("Zo\u00eb", "Zoe\u0308"):
        kept = await client.patch("/me", json={"name": written}, headers=mine)
        assert kept.json()["name"] == "Zo\u00eb"
