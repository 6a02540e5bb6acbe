"""A center at work whose people attack it: each with their own rights, all with the ids of real things."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import httpx
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import SQLModel, col, update

from app import clock
from app.domain.lifecycle import OrderStatus
from app.domain.roles import Role
from app.house import House
from app.models.person import Person, SignIn
from tests.center import newcomer, spam_policy
from tests.factories import District, plant
from tests.stages import Stage

ANONYMOUS, FORGER = "anonymous", "forger"
ROLES: Final = (
    ANONYMOUS,
    FORGER,
    "resident",
    "volunteer",
    "leader",
    "grid_worker",
    "dispatcher",
    "admin",
    "supervisor",
    "security_admin",
    "auditor",
)
"""Who calls: nobody, somebody with a token that this service did not sign, and one of every role."""

TABLE_OF: Final = {
    "order_id": "service_order",
    "into_id": "service_order",
    "request_id": "recurring_order",
    "recurring_id": "recurring_order",
    "preferred_team_id": "team",
    "parent_id": "organisation",
    "department_id": "organisation",
    "area_ids": "organisation",
    "plan_id": "dispatch_plan",
    "item_id": "menu_item",
    "check_id": "content_check",
    "notice_id": "notification",
    "media_ids": "media",
    "consent_media_ids": "media",
    "grant_id": "role_grant",
    "members": "person",
    "team_ids": "team",
}
SPARED: Final = "SELECT person_id FROM role_grant UNION SELECT person_id FROM volunteer"
"""Those who call shall not be put out by each other: only people without a role are named in calls."""


@dataclass
class Cast:
    """`known` holds, by table, ids that exist; `look()` learns what the calls so far have made."""

    house: House
    district: District
    client: httpx.AsyncClient
    known: dict[str, list[str]]

    def headers(self, role: str) -> dict[str, str]:
        if role == ANONYMOUS:
            return {}
        if role == FORGER:
            head, body, _ = self.district.as_("admin")["Authorization"].split(".")
            return {"Authorization": f"{head}.{body}.{'A' * 43}"}
        return self.district.as_(role)

    def id_for(self, name: str) -> st.SearchStrategy[str] | None:
        """Something that exists and may be called this, if there is any."""
        known = self.known.get(TABLE_OF.get(name, name.removesuffix("_id")))
        return st.sampled_from(known) if known else None

    async def look(self) -> None:
        async with self.house.database.engine.connect() as connection:
            for table in SQLModel.metadata.sorted_tables:
                if "id" in table.c and "created_at" in table.c:
                    chosen = "1 = 1" if table.name != "person" else f"id NOT IN ({SPARED})"
                    found = await connection.execute(
                        text(f"SELECT id FROM {table.name} WHERE {chosen} ORDER BY created_at DESC LIMIT 12")  # noqa: S608
                    )
                    self.known[table.name] = [str(UUID(str(row[0]))) for row in found]

    async def wake(self) -> None:
        """Whoever signed out, or closed the account, is back."""
        now = clock.now()
        async with self.house.database.transaction() as session:
            ids = [person.id for person in self.district.people.values()]
            await session.exec(
                update(Person).where(col(Person.id).in_(ids)).values(active=True, closed_at=None)
            )
            for person_id in ids:
                sign_in = SignIn(person_id=person_id, created_at=now)
                session.add(sign_in)
                self.district.sign_ins[person_id] = sign_in


async def gather(house: House, client: httpx.AsyncClient) -> Cast:
    """An order in every state, two centers, and everybody there is."""
    district = await plant(house)
    await plant(house)
    await spam_policy(client, district, orders_a_day=1000)
    for status in OrderStatus:
        await Stage(client, district).reach(status)
    await newcomer(district, "security_admin", Role.SECURITY_ADMIN, district.center)
    cast = Cast(house, district, client, {})
    await cast.look()
    return cast
