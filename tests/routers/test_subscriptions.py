"""My consents: counted by acceptance, taken back by a ban, mine alone."""

from dataclasses import replace
from typing import Any

import httpx

from app.domain.templates import Template
from app.house import House
from app.models.base import new_id
from tests.conftest import client_of
from tests.factories import District

AT = "/me/subscriptions"


async def remaining(client: httpx.AsyncClient, district: District, who: str = "resident") -> dict[str, int]:
    found = (await client.get(AT, headers=district.as_(who))).json()["items"]
    return {item["key"]: item["remaining"] for item in found if item["remaining"]}


async def test_each_acceptance_is_one_message(client: httpx.AsyncClient, district: District) -> None:
    shown = (await client.get(AT, headers=district.as_("resident"))).json()["items"]
    assert [item["key"] for item in shown] == list(Template)
    assert all(item["template_id"] for item in shown)

    async def say(**choices: str) -> None:
        body = {"templates": choices}
        answer = await client.post(AT, json=body, headers=district.as_("resident", key=new_id().hex))
        assert answer.status_code == 200, answer.text

    await say(progress="accept", review="accept", visit="reject", offer="filter")
    await say(progress="accept", review="reject")
    assert await remaining(client, district) == {"progress": 2, "review": 1}
    await say(progress="ban", desk="ban")
    assert await remaining(client, district) == {"review": 1}
    assert await remaining(client, district, "neighbour") == {}


async def test_a_repeated_call_adds_nothing(client: httpx.AsyncClient, district: District) -> None:
    headers = district.as_("resident", key=new_id().hex)
    for _ in range(2):
        await client.post(AT, json={"templates": {"visit": "accept"}}, headers=headers)
    assert await remaining(client, district) == {"visit": 1}


async def test_what_wechat_never_says_is_refused_unrepeated(
    client: httpx.AsyncClient, district: District
) -> None:
    wrongs: list[Any] = [{}, {"colour": "accept"}, {"visit": "yes"}, {"visit": 1}, [], None]
    for templates in wrongs:
        refused = await client.post(AT, json={"templates": templates}, headers=district.as_("resident"))
        assert (refused.status_code, refused.json()["code"]) == (422, "template_choice_unknown"), templates
        assert "colour" not in refused.text
    assert await remaining(client, district) == {}


async def test_without_templates_there_is_nothing_to_ask_for(house: House, district: District) -> None:
    bare = replace(house, settings=house.settings.model_copy(update={"wechat": "http"}))
    async with client_of(bare) as client:
        assert (await client.get(AT, headers=district.as_("resident"))).json() == {"items": []}
