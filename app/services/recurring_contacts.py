"""Who and where of a series, held for the desk that decides about it or calls about it while it runs."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.discretion import Sight
from app.errors import Forbidden
from app.models.recurring import RecurringOrder, RecurringStatus
from app.services import discretion, recurring_orders
from app.services.access import Actor
from app.services.contact_views import wanted_contacts
from app.services.revealing import SERIES, ContactsClosed, Held

_OPEN = (RecurringStatus.REQUESTED, RecurringStatus.ACTIVE)


class SeriesContactsClosed(ContactsClosed):
    code, title = "recurring_contacts_closed", "长期点单已结束或未受理，不能再查看联系方式"
    title_en = "The series has ended"


async def hold(session: AsyncSession, actor: Actor, series_id: UUID) -> Held:
    """Raises NotFound, Forbidden, SeriesContactsClosed."""
    seen = await recurring_orders.get(session, actor, series_id)
    touched = {"made_until": RecurringOrder.made_until}
    series = await recurring_orders.change(session, seen, touched, *RecurringStatus)
    own = discretion.is_own(actor, series, discretion.relation_in(series))
    role = None if own else discretion.staff_role(actor, series)
    if not own and role is None:
        raise Forbidden
    if series.contacts_emptied_at is not None or not (own or series.status in _OPEN):
        raise SeriesContactsClosed
    return Held(SERIES, series, role, _whole(series))


def _whole(series: RecurringOrder) -> dict[str, Any]:
    wanted = series.wanted
    return {
        "recurring_id": series.id,
        **wanted_contacts(wanted, Sight.WHOLE),
        "location": wanted.get("location"),
        "circumstances": wanted.get("circumstances", []),
    }
