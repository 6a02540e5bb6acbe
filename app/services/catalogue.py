"""What a center offers and how it works, kept close at hand and never trusted for a write.

A snapshot of a center's tree, menu and policies costs three queries; placing an order should cost one
statement. So the snapshot is kept, together with the center's revision at which it was read, and the
statement that writes an order repeats the revision in its own condition: written from a stale snapshot, it
writes nothing, the snapshot is read again and the order is tried once more.
"""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.domain.policy import Policy, effective
from app.models.menu import MenuItem
from app.models.organisation import Organisation
from app.services.access import ancestors

KEPT = 200


@dataclass(frozen=True)
class Snapshot:
    """One center as it was at `revision`."""

    center_id: UUID
    revision: int
    organisations: dict[UUID, Organisation]
    menu: dict[UUID, MenuItem]

    @cached_property
    def _by_path(self) -> dict[str, Organisation]:
        return {organisation.path: organisation for organisation in self.organisations.values()}

    @cached_property
    def _policies(self) -> dict[str, Policy]:
        return {}

    def policy(self, org_path: str) -> Policy:
        """The policy in force at `org_path`."""
        if org_path not in self._policies:
            above = (self._by_path[path].policy for path in ancestors(org_path))
            self._policies[org_path] = effective(above)
        return self._policies[org_path]


class Catalogue:
    """The snapshots of one process, by organisation; dropped when found stale or when there are many."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[UUID, Snapshot] = {}

    async def of(self, organisation_id: UUID) -> Snapshot | None:
        """The center of this organisation, perhaps a little stale; None for an unknown organisation."""
        snapshot = self._kept.get(organisation_id)
        if snapshot is None:
            snapshot = await self._read(organisation_id)
            if snapshot is not None:
                if len(self._kept) > KEPT:
                    self._kept.clear()
                self._kept |= dict.fromkeys(snapshot.organisations, snapshot)
        return snapshot

    def forget(self, snapshot: Snapshot) -> None:
        """Read this center anew next time."""
        for organisation_id in snapshot.organisations:
            self._kept.pop(organisation_id, None)

    async def _read(self, organisation_id: UUID) -> Snapshot | None:
        async with self._database.transaction() as session:
            return await read(session, organisation_id)


async def read(session: AsyncSession, organisation_id: UUID) -> Snapshot | None:
    """The center of this organisation as it is now, for who has a transaction open; None if there is none."""
    organisation = await session.get(Organisation, organisation_id)
    if organisation is None:
        return None
    center_path = ancestors(organisation.path)[0]
    revision_first = await session.exec(
        select(Organisation.id, Organisation.revision).where(Organisation.path == center_path)
    )
    center_id, revision = revision_first.one()
    tree = await session.exec(select(Organisation).where(col(Organisation.path).startswith(center_path)))
    menu = await session.exec(select(MenuItem).where(MenuItem.center_id == center_id))
    return Snapshot(
        center_id=center_id,
        revision=revision,
        organisations={one.id: one for one in tree},
        menu={item.id: item for item in menu},
    )
