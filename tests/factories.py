"""A small center to test in: made of rows, so that a test of one room does not depend on another room's routes."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from app import clock
from app.domain.roles import Role
from app.domain.trust import PrivacyPolicy
from app.house import House
from app.models.base import new_id
from app.models.consent import DataConsent, Purpose
from app.models.menu import MenuItem, Mode, Risk
from app.models.organisation import Organisation, OrgLevel
from app.models.person import Person, RoleGrant, SignIn
from app.models.team import Team, TeamMember, TeamSpecialty
from app.models.volunteer import Volunteer

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 2026-11-23, 09:00 in China."""
SATURDAY_9 = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
ALWAYS = "f" * 84
PLACE = {"lat": 28.2001, "lon": 112.9801}
TIRELESS = {"spam": {"orders_a_day": 1000}}
"""The policy of a center whose people order as often as a test needs."""


@dataclass
class District:
    """Everything planted; people by name, ready to sign requests with `as_`."""

    house: House
    center: Organisation
    office: Organisation
    station: Organisation
    people: dict[str, Person]
    team: Team
    other_team: Team
    cleaning: MenuItem
    rescue: MenuItem
    sign_ins: dict[UUID, SignIn] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def as_(self, name: str, **headers: str) -> dict[str, str]:
        """Headers of a request by the person called `name`; keyword `key="…"` adds an Idempotency-Key."""
        person = self.people[name]
        token = self.house.tokens.issue(person.id, self.sign_ins[person.id].id, clock.now())
        extra = {"Idempotency-Key": headers["key"]} if "key" in headers else {}
        return {"Authorization": f"Bearer {token}", **extra}

    def order_body(self, **changes: Any) -> dict[str, Any]:
        """A valid `POST orders` body: cleaning at a home next Saturday morning."""
        body: dict[str, Any] = {
            "organisation_id": str(self.station.id),
            "menu_item_id": str(self.cleaning.id),
            "detail": "擦窗、拖地，老人行动不便",
            "window": {
                "start": SATURDAY_9.isoformat(),
                "end": (SATURDAY_9 + timedelta(hours=3)).isoformat(),
            },
            "address": "松岭社区3栋201",
            "location": dict(PLACE),
            "contact": {"name": "张阿婆", "phone": "13800000001"},
        }
        body.update(changes)
        return {name: value for name, value in body.items() if value is not ...}


ROLES = {
    "dispatcher": Role.DISPATCHER,
    "admin": Role.ORG_ADMIN,
    "supervisor": Role.SUPERVISOR,
    "auditor": Role.AUDITOR,
    "security": Role.SECURITY_ADMIN,
    "grid_worker": Role.GRID_WORKER,
}
PLAIN = ("resident", "neighbour", "stranger", "leader", "other_leader", "volunteer", "helper", "outsider")


async def plant(house: House) -> District:
    """A center, an office below it, a station below that; staff at the center; two teams; two menu items."""
    code = "c" + new_id().hex[-12:]
    center = place_below(None, code, "测试中心", OrgLevel.CENTER)
    center.policy = dict(TIRELESS)
    office = place_below(center, "office", "测试街道所", OrgLevel.OFFICE)
    station = place_below(office, "station", "测试社区站", OrgLevel.STATION)
    people = {
        name: Person(name=f"测试{name}", phone="13800000001", birth_date=date(1980, 5, 1))
        for name in (*ROLES, *PLAIN)
    }
    team = _team(station, "巧手便民队")
    other_team = _team(station, "邻里帮扶队")
    cleaning = _item(center, "cleaning", "家庭保洁", ["housekeeping"], Risk.NONE)
    rescue = _item(center, "dredging", "院落清淤", ["housekeeping"], Risk.RISKY)
    grants = [
        RoleGrant(person_id=people[name].id, role=role, organisation_id=center.id)
        for name, role in ROLES.items()
    ]
    grants.append(RoleGrant(person_id=people["leader"].id, role=Role.TEAM_LEADER, team_id=team.id))
    grants.append(
        RoleGrant(person_id=people["other_leader"].id, role=Role.TEAM_LEADER, team_id=other_team.id)
    )
    crews = {
        "leader": team,
        "volunteer": team,
        "helper": team,
        "other_leader": other_team,
        "outsider": other_team,
    }
    sign_ins = {person.id: SignIn(person_id=person.id) for person in people.values()}
    async with house.database.transaction() as session:
        for organisation in (center, office, station):
            session.add(organisation)
            await session.flush()
        session.add_all(people.values())
        await session.flush()
        session.add_all([team, other_team, cleaning, rescue, *sign_ins.values()])
        await session.flush()
        session.add_all(grants)
        session.add_all(one for person in people.values() for one in agreed(person.id))
        session.add_all(TeamSpecialty(team_id=t.id, specialty="housekeeping") for t in (team, other_team))
        session.add_all(TeamMember(team_id=t.id, person_id=people[name].id) for name, t in crews.items())
        session.add_all(
            Volunteer(
                person_id=people[name].id,
                number=new_id().hex[-16:],
                organisation_id=station.id,
                org_path=station.path,
            )
            for name in crews
        )
    return District(house, center, office, station, people, team, other_team, cleaning, rescue, sign_ins)


def agreed(person_id: UUID) -> list[DataConsent]:
    """The consents of somebody who has agreed to everything that an order or a check-in may ask for."""
    version = PrivacyPolicy().version
    return [
        DataConsent(person_id=person_id, purpose=purpose, version=version)
        for purpose in (Purpose.SERVICE, Purpose.SENSITIVE, Purpose.LOCATION)
    ]


def place_below(parent: Organisation | None, code: str, name: str, level: OrgLevel) -> Organisation:
    """A place of the tree that is not saved yet; without a parent a center."""
    path = f"{parent.path if parent else '/'}{code}/"
    return Organisation(
        parent_id=parent.id if parent else None,
        code=code,
        name=name,
        level=level,
        path=path,
        lat=28.2,
        lon=112.98,
    )


def _team(station: Organisation, name: str) -> Team:
    return Team(
        organisation_id=station.id,
        org_path=station.path,
        name=name,
        kind="convenience",
        lat=28.201,
        lon=112.981,
        radius_km=8,
        capacity=4,
        weekly=ALWAYS,
        adults_only=True,
        insured_until=date(2027, 12, 31),
    )


def _item(center: Organisation, code: str, title: str, specialties: list[str], risk: Risk) -> MenuItem:
    return MenuItem(
        center_id=center.id,
        code=code,
        title=title,
        category="care",
        duration_minutes=120,
        people=2,
        required_specialties=specialties,
        risk=risk,
        mode=Mode.ON_SITE,
    )
