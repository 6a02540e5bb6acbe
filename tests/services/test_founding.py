"""A center begins with one command, and goes on through the API."""

import pytest
from pydantic import SecretStr

from app.domain.taxonomy import menu_templates
from app.house import House
from app.schemas.founding import Founder, Founding
from app.schemas.place import Location
from app.services.founding import CenterCodeTaken, found
from app.services.passwords import PasswordWeak
from app.services.staff import UsernameTaken
from tests.conftest import client_of


def founding(code: str, username: str, password: str = "Long-enough-2026") -> Founding:
    place = Location(lat=28.2, lon=112.9)
    admin = Founder(username=username, password=SecretStr(password))
    security = Founder(username=f"{code}_security", password=SecretStr("Another-one-2026"))
    return Founding(code=code, name="新县中心", location=place, admin=admin, security=security)


WANTED = founding("newcounty", "county_admin")


async def test_the_first_administrator_can_begin(fresh_house: House) -> None:
    async with fresh_house.database.transaction() as session:
        center = await found(session, WANTED)
    async with client_of(fresh_house) as client:
        password = {"username": "county_admin", "password": "Long-enough-2026"}
        signed_in = await client.post("/auth/password", json=password)
        assert signed_in.status_code == 200, signed_in.text
        token = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        station = {
            "parent_id": str(center.id),
            "code": "yiyuan",
            "name": "一元街道所",
            "level": "office",
            "location": {"lat": 28.2, "lon": 112.9},
        }
        made = await client.post("/orgs", json=station, headers=token)
        assert made.status_code == 201, made.text
        menu = await client.get(f"/menu?organisation_id={center.id}&limit=100")
        assert len(menu.json()["items"]) == len(menu_templates())


async def test_a_second_of_the_same_name_changes_nothing(fresh_house: House) -> None:
    async with fresh_house.database.transaction() as session:
        await found(session, WANTED)
    other = founding("other", "county_admin")
    weak = founding("third", "third_admin", "short")
    alone = other.model_copy(update={"admin": other.security})
    refused = (
        (WANTED, CenterCodeTaken),
        (other, UsernameTaken),
        (alone, UsernameTaken),
        (weak, PasswordWeak),
    )
    for wanted, refusal in refused:
        with pytest.raises(refusal):
            async with fresh_house.database.transaction() as session:
                await found(session, wanted)
    async with client_of(fresh_house) as client:
        assert len((await client.get("/orgs")).json()["items"]) == 1
