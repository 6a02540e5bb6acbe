"""One corner of the world: a place, its people, and the ids of what happens there."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from uuid import UUID

from app.models.base import Record
from app.models.menu import MenuItem
from app.models.organisation import Organisation
from app.models.person import Person
from app.models.team import Team
from app.storage.port import media_key
from tests.desk import team_at

PARTS = ("owner", "leader", "member", "crew", "granted")
PUBLIC = {"item", "station", "office", "center"}
"""The menu and the tree are for everybody."""


@dataclass
class Corner:
    """`ids` are those of its rows by name, `secrets` what no outsider's answer may hold."""

    name: str
    center: Organisation
    office: Organisation
    station: Organisation
    item: MenuItem
    owner: Person
    leader: Person
    member: Person
    crew: Person
    granted: Person
    team: Team
    spare: Team
    ids: dict[str, UUID] = field(default_factory=dict)
    rows: list[Record] = field(default_factory=list)

    @property
    def phone(self) -> str:
        return f"139{int(sha256(self.name.encode()).hexdigest(), 16) % 10**8:08}"

    @property
    def marker(self) -> str:
        """Stands in every private text of the corner."""
        return f"只属于{self.name}"

    @property
    def picture_key(self) -> str:
        return media_key(self.ids["picture"], "image/jpeg")

    @property
    def secrets(self) -> set[str]:
        """What tells an outsider that something is here."""
        return {self.marker, self.phone} | {
            shown for name, one in self.ids.items() if name not in PUBLIC for shown in (str(one), one.hex)
        }

    def keep(self, name: str, row: Record) -> None:
        """Remember its id, and that it is to be written."""
        self.ids[name] = row.id
        self.rows.append(row)


def corner(name: str, places: tuple[Organisation, Organisation, Organisation], item: MenuItem) -> Corner:
    """The people and the two teams; `furnish` adds what happens there."""
    center, office, station = places
    owner, leader, member, crew, granted = (
        Person(name=f"{name}{part}", birth_date=date(1980, 5, 1)) for part in PARTS
    )
    team, spare = (team_at(station, f"{name}{code}队", adults_only=True) for code in "甲乙")
    made = Corner(
        name, center, office, station, item, owner, leader, member, crew, granted, team=team, spare=spare
    )
    owner.name, owner.phone = f"{made.marker}居民", made.phone
    for part, person in zip(PARTS, (owner, leader, member, crew, granted), strict=True):
        made.keep(part, person)
    made.keep("team", made.team)
    made.keep("spare", made.spare)
    made.ids |= {"item": item.id, "station": station.id, "office": office.id, "center": center.id}
    return made
