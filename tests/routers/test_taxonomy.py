"""The words of the field, as clients fetch them."""

import httpx

from app.domain import taxonomy
from app.domain.beneficiary import Circumstance


async def test_anyone_reads_every_word_of_the_field(client: httpx.AsyncClient) -> None:
    answer = await client.get("/taxonomy")
    assert answer.status_code == 200
    words = answer.json()
    for kind in ("specialties", "categories", "programmes", "platforms", "festivals", "languages"):
        assert [one["code"] for one in words[kind]] == list(getattr(taxonomy, kind)())
    assert {"code": "nurse", "name": "护士", "parent": "health", "needs_proof": True} in words["specialties"]
    assert {"code": "sign", "name": "手语"} in words["languages"]
    assert [one["code"] for one in words["circumstances"]] == list(Circumstance)
    assert answer.headers["cache-control"] == "public, max-age=3600"
