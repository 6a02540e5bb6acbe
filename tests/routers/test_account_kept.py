"""至注销账号: what docs/privacy.md says goes with the account goes with it, column by column; the rest stays."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.domain.lifecycle import OrderStatus
from app.house import House
from app.jobs import retain
from app.models.base import new_id
from app.models.consent import DataConsent, Purpose
from app.models.person import SignIn
from app.models.personal import Kept
from app.models.service import Attendance
from app.models.volunteer import Volunteer
from app.services.terms import YEAR
from tests.accounts import order_of, save, staffed
from tests.conftest import client_of
from tests.factories import NOW, District, plant
from tests.marks import Marks, kept_until, plant_person

GUARDIAN: dict[str, Any] = {
    "guardian_name": "陈母",
    "guardian_phone": "13800000902",
    "guardian_relation": "parent",
}


async def test_closing_the_account_takes_along_what_the_page_says(fresh_house: House) -> None:
    house, district = fresh_house, await plant(fresh_house)
    parents = {"organisation": district.station.id, "team": district.other_team.id}
    order = order_of(district, "resident", OrderStatus.CLOSED, **staffed(district))
    until = kept_until()
    served, passing = Marks(house), Marks(house, begun=50_000)
    async with client_of(house) as client:
        for marks in (served, passing):
            me = await plant_person(house, marks, parents)
            assert await marks.left() == marks.traces.keys()
            assert {until[name] for name in marks.traces} == {Kept.ACCOUNT, Kept.NAMED}
            sign_in = SignIn(person_id=me)
            rows: list[Any] = [sign_in, *_earlier(me)]
            if marks is served:
                rows += [
                    order,
                    Attendance(order_id=order.id, person_id=me, client_id=new_id(), check_in_at=NOW),
                ]
            await save(house, *rows)
            bearer = house.tokens.issue(me, sign_in.id, NOW)
            gone = await client.delete("/me", headers={"Authorization": f"Bearer {bearer}"})
            assert gone.status_code == 204, gone.text
            await _consents_are_proof_and_name_nobody(house, me)
    assert await passing.left() == set()
    assert await served.left() == {name for name in served.traces if until[name] is Kept.NAMED}
    while await retain.run(house, NOW + 10.1 * YEAR):
        pass
    assert await served.left() == set()
    await _the_identity_card_is_free_again(house, served, district)


def _earlier(me: UUID) -> list[DataConsent]:
    """What was agreed to besides, and what was taken back before; a guardian named in each."""
    return [
        DataConsent(person_id=me, purpose=Purpose.LOCATION, version="1", **GUARDIAN),
        DataConsent(person_id=me, purpose=Purpose.LOCATION, version="0", withdrawn_at=NOW - YEAR, **GUARDIAN),
    ]


async def _consents_are_proof_and_name_nobody(house: House, me: UUID) -> None:
    async with house.database.reading() as session:
        found = (await session.exec(select(DataConsent).where(col(DataConsent.person_id) == me))).all()
    told = {(one.purpose, one.version, one.withdrawn_at) for one in found if one.version in ("0", "1")}
    assert told == {(Purpose.LOCATION, "1", NOW), (Purpose.LOCATION, "0", NOW - YEAR)}
    assert [one.withdrawn_at for one in found if one.purpose is Purpose.SERVICE] == [NOW]
    assert {one.guardian_name for one in found} == {one.guardian_phone for one in found} == {None}
    assert {one.guardian_relation for one in found} == {None}


async def _the_identity_card_is_free_again(house: House, marks: Marks, district: District) -> None:
    """Its hash is gone, too, and is unique: else who comes back could not register."""
    card = marks.traces["volunteer.id_number"]
    again = Volunteer(
        person_id=district["stranger"].id,
        number="0" * 16,
        organisation_id=district.station.id,
        org_path=district.station.path,
        id_number=card,
        id_number_hash=card,
    )
    await save(house, again)
