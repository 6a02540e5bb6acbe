"""The planted world: four corners, and somebody in every role who looks at all of them.

`own` is where the actors belong, `subtree` another team's and another resident's below the same office, `sibling`
below another office of the same center, `abroad` in another center.
"""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.roles import Role
from app.domain.trust import PrivacyPolicy
from app.house import House
from app.models.base import Record, new_id
from app.models.consent import DataConsent, Purpose
from app.models.menu import MenuItem, Mode, Risk
from app.models.organisation import Organisation, OrgLevel
from app.models.person import Person, RoleGrant, SignIn
from app.services import feed
from tests.factories import NOW
from tests.scope.corner import Corner, corner
from tests.scope.furniture import furnish

SCOPES = ("own", "subtree", "sibling", "abroad")
STAFF = {
    "grid_worker": Role.GRID_WORKER,
    "dispatcher": Role.DISPATCHER,
    "org_admin": Role.ORG_ADMIN,
    "supervisor": Role.SUPERVISOR,
    "security_admin": Role.SECURITY_ADMIN,
    "auditor": Role.AUDITOR,
}
"""Granted at the office above `own` and `subtree`."""
PEOPLE = {
    "resident": ("own", "owner"),
    "neighbour": ("subtree", "owner"),
    "team_leader": ("own", "leader"),
    "other_leader": ("subtree", "leader"),
    "volunteer": ("own", "member"),
    "crew_member": ("own", "crew"),
}
ABROAD = ("foreign_resident", "foreign_leader", "foreign_crew", "foreign_dispatcher", "foreign_admin")
BAD = ("anonymous", "garbage", "expired", "revoked", "closed")
WORDS = PrivacyPolicy().version
PICTURE = b"\xff\xd8\xff\xe0"


@dataclass
class Actor:
    """Who calls: by what grant, and (`of`, `part`) as whom of a corner's people."""

    name: str
    person: Person
    role: Role | None = None
    path: str = ""
    of: str = ""
    part: str = ""
    token: str = ""


@dataclass
class World:
    house: House
    corners: dict[str, Corner]
    actors: dict[str, Actor]
    bad: dict[str, str]

    @property
    def callers(self) -> list[Actor]:
        """Those of the first center: the roles of the matrix."""
        return [one for name, one in self.actors.items() if name not in ABROAD]


async def planted(house: House) -> World:
    """Rows of one transaction, each written when what it points to is there."""
    rows: list[Record] = []
    center, other = (_place(None, f"{code}{new_id().hex[-10:]}", rows) for code in "ab")
    near, far, over = _place(center, "near", rows), _place(center, "far", rows), _place(other, "over", rows)
    corners: dict[str, Corner] = {}
    for name, office in zip(SCOPES, (near, near, far, over), strict=True):
        top = other if office is over else center
        item = _item(top, f"item_{name}")
        made = corner(name, (top, office, _place(office, name, rows)), item)
        rows.append(item)
        furnish(made, house.database)
        rows += made.rows
        corners[name] = made
    actors = _actors(corners, center, over)
    known = {row.id for row in rows}
    for actor in actors.values():
        rows += [] if actor.person.id in known else [actor.person]
        actor.token = _signed_in(house, actor.person, rows)
        rows += [DataConsent(person_id=actor.person.id, purpose=one, version=WORDS) for one in Purpose]
        if actor.role is not None:
            place = next(row for row in rows if isinstance(row, Organisation) and row.path == actor.path)
            rows.append(RoleGrant(person_id=actor.person.id, role=actor.role, organisation_id=place.id))
    bad = _bad(house, actors["resident"].person, rows)
    async with house.database.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()
    await feed.place_all(house.database)
    for made in corners.values():
        await house.store.put(made.picture_key, PICTURE)
    return World(house, corners, actors, bad)


def _actors(corners: dict[str, Corner], center: Organisation, over: Organisation) -> dict[str, Actor]:
    found = [Actor(name, getattr(corners[of], part), of=of, part=part) for name, (of, part) in PEOPLE.items()]
    found.append(Actor("stranger", Person(name="路人")))
    near = corners["own"].office.path
    found += [Actor(name, Person(name=name), role, near) for name, role in STAFF.items()]
    found.append(Actor("center_admin", Person(name="center_admin"), Role.ORG_ADMIN, center.path))
    for name, part in zip(ABROAD, ("owner", "leader", "crew"), strict=False):
        found.append(Actor(name, getattr(corners["abroad"], part), of="abroad", part=part))
    for name, role in zip(ABROAD[3:], (Role.DISPATCHER, Role.ORG_ADMIN), strict=True):
        found.append(Actor(name, Person(name=name), role, over.path))
    return {one.name: one for one in found}


def _signed_in(house: House, person: Person, rows: list[Record]) -> str:
    signed = SignIn(person_id=person.id)
    rows.append(signed)
    return house.tokens.issue(person.id, signed.id, NOW)


def _bad(house: House, person: Person, rows: list[Record]) -> dict[str, str]:
    """Tokens that are none (any more); all but the last of somebody who may do a lot."""
    revoked = SignIn(person_id=person.id, revoked_at=NOW)
    gone = Person(name="", active=False, closed_at=NOW)
    rows += [revoked, gone]
    living = SignIn(person_id=person.id)
    closed = SignIn(person_id=gone.id)
    rows += [living, closed]
    long_ago = NOW - timedelta(days=2)
    return {
        "anonymous": "",
        "garbage": "a.b.c",
        "expired": house.tokens.issue(person.id, living.id, long_ago),
        "revoked": house.tokens.issue(person.id, revoked.id, NOW),
        "closed": house.tokens.issue(gone.id, closed.id, NOW),
    }


def _place(parent: Organisation | None, code: str, rows: list[Record]) -> Organisation:
    levels = (OrgLevel.CENTER, OrgLevel.OFFICE, OrgLevel.STATION)
    path = f"{parent.path if parent else '/'}{code}/"
    place = Organisation(
        parent_id=parent.id if parent else None,
        code=code,
        name=code,
        level=levels[path.count("/") - 2],
        path=path,
        lat=28.2,
        lon=112.98,
    )
    rows.append(place)
    return place


def _item(center: Organisation, code: str) -> MenuItem:
    return MenuItem(
        center_id=center.id,
        code=code,
        title="家庭保洁",
        category="care",
        duration_minutes=60,
        people=1,
        risk=Risk.NONE,
        mode=Mode.ON_SITE,
    )
