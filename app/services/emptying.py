"""Who and where an order was for, taken out of it: with the account that placed it, or when kept long enough.

What is left is the record of the service: what was done, when, by whom, and in which organisation (that is where
the place of a visit then lies, so that the row remains one of a visit). By whom is taken out, too: with the account
of who has no such record, or when it is kept no longer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.domain.lifecycle import ENDED
from app.models.menu import Mode
from app.models.order import Beneficiary, Order
from app.models.organisation import Organisation
from app.models.person import Person
from app.models.volunteer import Volunteer, VolunteerSpecialty
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

NOTHING: Final[dict[str, Any]] = {
    "contact_name": "",
    "contact_phone": "",
    "contact_hash": None,
    "address": "",
    "detail": "",
    "cell_hash": None,
    "circumstances": [],
    "wish_gender": None,
    "wish_language": None,
    "wish_must": False,
}
"""What of an order says who, where, and how somebody lives."""
LET_GO: Final[dict[str, Any]] = {"gender": None, "languages": [], "id_number": None, "id_number_hash": None}
"""What of a volunteer is for matching and for 实名, and no record's."""
NO_GUARDIAN: Final[dict[str, Any]] = {
    "guardian_name": None,
    "guardian_phone": None,
    "guardian_relation": None,
}
UNNUMBERED: Final = "x"
"""Begins the number of a volunteer who is told by it no more; those that are given have digits only."""


async def empty_orders(session: AsyncSession, which: ColumnElement[bool], at: datetime, limit: int) -> int:
    """Of the ended orders `which`, at most `limit`, and those for whom others ordered; how many.

    A row that somebody else holds is passed over: it is reopened, or emptied, at this moment.
    """
    found = (
        visible(Order, SYSTEM)
        .join(Organisation, col(Organisation.id) == Order.organisation_id)
        .where(which, col(Order.status).in_(ENDED), col(Order.contacts_emptied_at).is_(None))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Order)
    )
    rows = await columns(session, found, Order.id, Order.mode, Organisation.lat, Organisation.lon)
    orders = table_of(Order)
    emptied = (
        update(orders)
        .where(orders.c.id == bindparam("the_order"))
        .values({name: bindparam(name) for name in (*NOTHING, "lat", "lon", "contacts_emptied_at")})
    )
    values = [
        {
            "the_order": row.id,
            **NOTHING,
            "lat": row.lat if row.mode is Mode.ON_SITE else None,
            "lon": row.lon if row.mode is Mode.ON_SITE else None,
            "contacts_emptied_at": at,
        }
        for row in rows
    ]
    if values:
        connection = await session.connection()
        await connection.execute(emptied, values)
        await _empty_beneficiaries(connection, [row.id for row in rows])
        session.expire_all()
    return len(values)


async def _empty_beneficiaries(connection: AsyncConnection, order_ids: list[UUID]) -> None:
    """How they agreed stays: it proves that the order was lawful."""
    orders, served = table_of(Order), table_of(Beneficiary)
    theirs = select(orders.c.beneficiary_id).where(orders.c.id.in_(order_ids))
    await connection.execute(update(served).where(served.c.id.in_(theirs)).values(name="", phone="", kind=""))


async def unname(session: AsyncSession, person_ids: Sequence[UUID]) -> None:
    """Of these people: who it was, and by which number, skills and proofs their certificates can tell."""
    people, volunteers, held = table_of(Person), table_of(Volunteer), table_of(VolunteerSpecialty)
    connection = await session.connection()
    nobody = {"name": "", "name_hash": None, "birth_date": None}
    await connection.execute(update(people).where(people.c.id.in_(person_ids)).values(nobody))
    theirs = select(volunteers.c.id).where(volunteers.c.person_id.in_(person_ids))
    ids = [row.id for row in await connection.execute(theirs)]
    if ids:
        await connection.execute(delete(held).where(held.c.volunteer_id.in_(ids)))
        unnumbered = update(volunteers).where(volunteers.c.id == bindparam("the_volunteer"))
        await connection.execute(
            unnumbered.values(**LET_GO, insured_until=None, number=bindparam("the_number")),
            [{"the_volunteer": one, "the_number": f"{UNNUMBERED}{one.hex[-19:]}"} for one in ids],
        )
    session.expire_all()
