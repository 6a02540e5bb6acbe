"""What the tests of a center's static side share: somebody new, another center, and calls that change nothing."""

from typing import Any

import httpx

from app.domain.roles import Role
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant, SignIn
from tests.accounts import save
from tests.factories import District, agreed

BAD_LOCATION = {"lat": 112.98, "lon": 28.2}


async def newcomer(
    district: District, name: str, role: Role | None = None, place: Organisation | None = None, **columns: Any
) -> Person:
    """Somebody signed in and known to `district.as_(name)`, with `role` at `place` if they are given."""
    person = Person(**({"name": name, "phone": "13900000002"} | columns))
    sign_in = SignIn(person_id=person.id)
    await save(district.house, person, sign_in, *agreed(person.id))
    if role is not None and place is not None:
        await save(district.house, RoleGrant(person_id=person.id, role=role, organisation_id=place.id))
    district.people[name] = person
    district.sign_ins[person.id] = sign_in
    return person


async def revision(client: httpx.AsyncClient, district: District) -> int:
    """How often anything static of the center has changed."""
    answer = await client.get(f"/policies/{district.center.id}", headers=district.as_("admin"))
    assert answer.status_code == 200, answer.text
    return int(answer.json()["revision"])


async def spam_policy(client: httpx.AsyncClient, district: District, **spam: int) -> None:
    """The center lets a person order so often in a day."""
    path = f"/policies/{district.center.id}"
    kept = await client.put(path, json={"spam": spam}, headers=district.as_("admin"))
    assert kept.status_code == 200, kept.text


async def refused(
    client: httpx.AsyncClient,
    district: District,
    who: str,
    method: str,
    path: str,
    status: int,
    code: str,
    **request: Any,
) -> httpx.Response:
    """The call is refused with this status and code, and the center is as it was."""
    before = await revision(client, district)
    headers = district.as_(who) if who else {}
    answer = await client.request(method, path, headers=headers | request.pop("headers", {}), **request)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await revision(client, district) == before
    return answer


async def granted(
    client: httpx.AsyncClient, district: District, body: dict[str, Any], who: str = "admin", key: str = ""
) -> dict[str, Any]:
    """The grant for which `who` asked, and to which, where it takes two, the security administrator said yes."""
    headers = district.as_(who, **({"key": key} if key else {}))
    made = await client.post("/grants", json=body, headers=headers)
    if made.status_code == 202:
        yes = await client.post(
            f"/approvals/{made.json()['id']}/approve", json={}, headers=district.as_("security")
        )
        assert yes.status_code == 200, yes.text
    else:
        assert made.status_code == 201, made.text
    mine = {"person_id": body["person_id"], "role": body["role"], "organisation_id": body["organisation_id"]}
    found = await client.get("/grants", params=mine, headers=district.as_(who))
    (one,) = found.json()["items"]
    return dict(one)
