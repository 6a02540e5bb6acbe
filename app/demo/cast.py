"""Who plays: the people of the district, signed in when their turn comes, and where their teams are found."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from app.demo.district import District, Order, Person, Team
from app.demo.load import DEMO_PASSWORD
from app.demo.phone import Phone, Unexpected
from app.domain.roles import Role


class NoDistrict(Exception):
    """This server does not show the demonstration district."""


class Cast:
    """`places` and `menu` are the server's own rows by the codes of the district."""

    def __init__(self, http: httpx.AsyncClient, district: District) -> None:
        self._http = http
        self._phones: dict[str, asyncio.Task[Phone]] = {}
        self._people = {person.key: person for person in district.people}
        self._parents = {place.code: place.parent for place in district.organisations}
        self._teams = district.teams
        self.root = district.organisations[0].code
        self.places: dict[str, Any] = {}
        self.menu: dict[str, Any] = {}
        self.team_of: dict[UUID, Team] = {}

    async def gather(self) -> "Cast":
        """Find the district on the server. Raises NoDistrict."""
        guest = Phone(self._http, "路人")
        by_path = {place["path"]: place for place in await guest.all("orgs")}
        self.places = {code: by_path.get(self._path(code)) for code in self._parents}
        if not all(self.places.values()):
            raise NoDistrict
        center = self.places[self.root]["id"]
        self.menu = {item["code"]: item for item in await guest.all("menu", organisation_id=center)}
        try:
            leaders = await asyncio.gather(*(self.phone(team.leader) for team in self._teams))
        except Unexpected as error:
            raise NoDistrict from error
        for team, leader in zip(self._teams, leaders, strict=True):
            self.team_of |= dict.fromkeys(leader.teams, team)
        return self

    def above(self, code: str) -> list[str]:
        """The names of the levels above a place, the nearest first."""
        parent = self._parents[code]
        return [self.places[parent]["name"], *self.above(parent)] if parent else []

    async def phone(self, key: str) -> Phone:
        """Staff by password, everybody else by WeChat; each once."""
        if key not in self._phones:
            self._phones[key] = asyncio.create_task(self._sign_in(self._people[key]))
        return await self._phones[key]

    async def dispatcher(self, order: Order) -> Phone:
        """Who answers for orders where this one was placed."""
        return await self._holder(Role.DISPATCHER, order.organisation)

    async def chief(self) -> Phone:
        """The dispatcher of the whole center."""
        return await self._holder(Role.DISPATCHER, self.root)

    async def supervisor(self) -> Phone:
        return await self._holder(Role.SUPERVISOR, self.root)

    async def leader(self, team_id: UUID) -> Phone:
        return await self.phone(self.team_of[team_id].leader)

    async def crew(self, team_id: UUID, people: int) -> list[Phone]:
        """As many as are wanted, or all members there are."""
        members = self.team_of[team_id].members[:people]
        return list(await asyncio.gather(*(self.phone(key) for key in members)))

    async def _sign_in(self, person: Person) -> Phone:
        phone = Phone(self._http, person.name)
        if person.username is None:
            return await phone.sign_in("wechat", {"code": f"demo:{person.key}"})
        return await phone.sign_in("password", {"username": person.username, "password": DEMO_PASSWORD})

    async def _holder(self, role: Role, place: str | None) -> Phone:
        while place is not None:
            for person in self._people.values():
                if any(grant.role == role and grant.organisation == place for grant in person.roles):
                    return await self.phone(person.key)
            place = self._parents[place]
        raise LookupError(f"the district has no {role}")

    def _path(self, code: str | None) -> str:
        return "/" if code is None else f"{self._path(self._parents[code])}{code}/"
