"""The center under test: made of rows in a migrated database, with everybody signed in."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from app.domain.roles import Role
from app.domain.templates import Template
from app.house import House
from app.models.base import new_id
from app.models.menu import MenuItem, Mode, Risk
from app.models.notification import Subscription
from app.models.organisation import Organisation, OrgLevel
from app.models.person import Person, RoleGrant, SignIn
from app.models.team import Team, TeamMember, TeamSpecialty
from app.models.volunteer import Volunteer
from tests.factories import ALWAYS, agreed

PLACE = {"lat": 28.2001, "lon": 112.9801}
CONSENTS = 1000
"""Of everybody to every template: so a message that stays away was lost, and not unwanted."""
AUTO = {"auto_approve": True, "dispatch": {"mode": "auto"}}
"""The policy of the station at which nobody dispatches but the clock."""

TIRELESS = {"spam": {"orders_a_day": 1000}}
"""These residents order all day: the storm is not to end because somebody has ordered enough."""


@dataclass(frozen=True)
class Size:
    """How many there are of everybody; two leaders share each second team."""

    stations: int = 4
    teams: int = 20
    members: int = 3
    residents: int = 36
    dispatchers: int = 4


SMALL = Size(stations=2, teams=4, members=2, residents=8, dispatchers=3)


@dataclass
class Scene:
    """Everybody by what they do; `leads` says which team a leader answers for, `members` who goes out with it."""

    stations: list[UUID] = field(default_factory=list)
    item: UUID = field(default_factory=new_id)
    residents: list[UUID] = field(default_factory=list)
    dispatchers: list[UUID] = field(default_factory=list)
    leads: dict[UUID, UUID] = field(default_factory=dict)
    members: dict[UUID, list[UUID]] = field(default_factory=dict)
    sign_ins: dict[UUID, UUID] = field(default_factory=dict)


async def plant(house: House, size: Size) -> Scene:
    """Raises Unavailable."""
    scene, rows = Scene(), _Rows()
    center = rows.place(None, "torture", OrgLevel.CENTER)
    center.policy = TIRELESS
    office = rows.place(center, "office", OrgLevel.OFFICE)
    stations = [rows.place(office, f"station{n}", OrgLevel.STATION) for n in range(size.stations)]
    stations[-1].policy = AUTO
    scene.stations = [station.id for station in stations]
    rows.add(_item(center, scene.item))
    scene.residents = [rows.person(scene, f"居民{n}") for n in range(size.residents)]
    for n in range(size.dispatchers):
        person_id = rows.person(scene, f"派单员{n}")
        place = center if n % 2 == 0 else office
        rows.last(RoleGrant(person_id=person_id, role=Role.DISPATCHER, organisation_id=place.id))
        scene.dispatchers.append(person_id)
    for n in range(size.teams):
        _team(scene, rows, stations[n % len(stations)], n, size.members)
    async with house.database.transaction() as session:
        for floor in rows.floors:
            for row in floor:
                session.add(row)
            await session.flush()
    return scene


class _Rows:
    """What is written, in the order of its references."""

    def __init__(self) -> None:
        self.floors: list[list[Any]] = [[]]
        self._later: list[Any] = []
        self.floors += [[], [], self._later]

    def place(self, parent: Organisation | None, code: str, level: OrgLevel) -> Organisation:
        path = f"{parent.path if parent else '/'}{code}/"
        made = Organisation(
            parent_id=parent.id if parent else None,
            code=code,
            name=code,
            level=level,
            path=path,
            lat=PLACE["lat"],
            lon=PLACE["lon"],
        )
        self.floors.insert(len(self.floors) - 3, [made])
        return made

    def add(self, row: Any) -> None:
        self.floors[-2].append(row)

    def last(self, row: Any) -> None:
        self._later.append(row)

    def person(self, scene: Scene, name: str) -> UUID:
        made = Person(
            name=name, phone="13800000001", birth_date=date(1980, 5, 1), wechat_openid=f"o-{new_id().hex}"
        )
        sign_in = SignIn(person_id=made.id)
        self.floors[-3].append(made)
        self.add(sign_in)
        scene.sign_ins[made.id] = sign_in.id
        self._later += agreed(made.id)
        for template in Template:
            self.last(Subscription(person_id=made.id, template=template, remaining=CONSENTS))
        return made.id


def _team(scene: Scene, rows: _Rows, station: Organisation, number: int, size: int) -> None:
    team = Team(
        organisation_id=station.id,
        org_path=station.path,
        name=f"第{number}队",
        kind="convenience",
        lat=PLACE["lat"],
        lon=PLACE["lon"],
        radius_km=8,
        capacity=100,
        weekly=ALWAYS,
        adults_only=True,
        insured_until=date(2099, 12, 31),
    )
    rows.add(team)
    rows.last(TeamSpecialty(team_id=team.id, specialty="housekeeping"))
    leaders = [rows.person(scene, f"队长{number}-{n}") for n in range(1 + number % 2)]
    members = [rows.person(scene, f"队员{number}-{n}") for n in range(size)]
    for person_id in [*leaders, *members]:
        rows.last(TeamMember(team_id=team.id, person_id=person_id))
        rows.last(
            Volunteer(
                person_id=person_id,
                number=new_id().hex[-16:],
                organisation_id=station.id,
                org_path=station.path,
            )
        )
    for person_id in leaders:
        rows.last(RoleGrant(person_id=person_id, role=Role.TEAM_LEADER, team_id=team.id))
        scene.leads[person_id] = team.id
    scene.members[team.id] = members


def _item(center: Organisation, item_id: UUID) -> MenuItem:
    return MenuItem(
        id=item_id,
        center_id=center.id,
        code="cleaning",
        title="家庭保洁",
        category="care",
        duration_minutes=30,
        people=1,
        required_specialties=["housekeeping"],
        risk=Risk.NONE,
        mode=Mode.ON_SITE,
    )
