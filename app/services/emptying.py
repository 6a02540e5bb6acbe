"""Who and where an order was for, taken out of it: with the account that placed it, or when kept long enough.

What is left is the record of the service: what was done, when, by whom, and in which organisation (that is where
the place of a visit then lies, so that the row remains one of a visit).
"""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.models.menu import Mode
from app.models.order import Order
from app.models.organisation import Organisation
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

NOTHING = {
    "contact_name": "",
    "contact_phone": "",
    "contact_hash": None,
    "address": "",
    "detail": "",
    "cell_hash": None,
}


async def empty_orders(session: AsyncSession, which: ColumnElement[bool], at: datetime, limit: int) -> int:
    """Of the orders `which`, at most `limit`; how many."""
    found = (
        visible(Order, SYSTEM)
        .join(Organisation, col(Organisation.id) == Order.organisation_id)
        .where(which, col(Order.contacts_emptied_at).is_(None))
        .limit(limit)
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
        await (await session.connection()).execute(emptied, values)
        session.expire_all()
    return len(values)
