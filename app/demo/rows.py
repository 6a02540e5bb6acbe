"""The district's rows, made from its samples and not yet in any database."""

from datetime import date, timedelta
from typing import Any

from app.demo.district import District
from app.demo.district import Person as PersonSample
from app.demo.district import Team as TeamSample
from app.domain.gender import Gender
from app.domain.roles import Role
from app.domain.travel import TravelMode
from app.domain.trust import PrivacyPolicy
from app.models.consent import DataConsent, Purpose
from app.models.organisation import Organisation, OrgLevel
from app.models.person import Person, RoleGrant
from app.models.team import Team, TeamMember, TeamSpecialty
from app.models.volunteer import Volunteer
from app.schemas.hours import WeekIn
from app.services.volunteers import new_number

TITLES = {"center": "总队", "office": "大队"}
OTHER_TITLE = "中队"


def places(district: District) -> dict[str, Organisation]:
    """By code, the center first and every parent before its children."""
    made: dict[str, Organisation] = {}
    for one in district.organisations:
        parent = made[one.parent] if one.parent else None
        made[one.code] = Organisation(
            parent_id=parent.id if parent else None,
            code=one.code,
            name=one.name,
            level=OrgLevel(one.level),
            path=f"{parent.path if parent else '/'}{one.code}/",
            lat=one.lat,
            lon=one.lon,
            address=one.address,
        )
    return made


def person(one: PersonSample, password_hash: str) -> Person:
    return Person(
        name=one.name,
        phone=one.phone,
        birth_date=one.birth_date,
        wechat_openid=f"demo-{one.key}",
        username=one.username,
        password_hash=password_hash if one.username else None,
    )


def consents(people: dict[str, Person]) -> list[DataConsent]:
    """Everybody in the district has agreed to the words that come with the software, but for publicity."""
    version = PrivacyPolicy().version
    purposes = [one for one in Purpose if one is not Purpose.PUBLICITY]
    return [
        DataConsent(person_id=person.id, purpose=purpose, version=version)
        for person in people.values()
        for purpose in purposes
    ]


def team(one: TeamSample, places: dict[str, Organisation]) -> Team:
    place = places[one.organisation]
    weekly: list[dict[str, Any]] = [
        {"weekday": hours.weekday, "start": hours.start, "end": hours.end} for hours in one.weekly
    ]
    return Team(
        organisation_id=place.id,
        org_path=place.path,
        name=one.name,
        kind=one.kind,
        title=TITLES.get(place.level, OTHER_TITLE),
        lat=one.base.lat,
        lon=one.base.lon,
        address=one.base.address,
        radius_km=one.radius_km,
        area_ids=[str(places[code].id) for code in one.areas],
        travel=TravelMode(one.travel),
        lends=one.lends,
        capacity=one.capacity,
        weekly=WeekIn.model_validate({"weekly": weekly}).packed(),
        adults_only=one.adults_only,
        insured_until=one.insured_until,
    )


def belongings(
    one: TeamSample, team: Team, people: dict[str, Person], today: date
) -> list[TeamSpecialty | TeamMember]:
    return [
        *(
            TeamSpecialty(
                team_id=team.id,
                specialty=held.code,
                level=held.level,
                proof_no=held.proof_no,
                proof_until=today + timedelta(days=held.proof_days) if held.proof_days else None,
            )
            for held in one.specialties
        ),
        *(TeamMember(team_id=team.id, person_id=people[key].id) for key in (one.leader, *one.members)),
    ]


def grants(
    district: District,
    places: dict[str, Organisation],
    teams: dict[str, Team],
    people: dict[str, Person],
) -> list[RoleGrant]:
    return [
        RoleGrant(
            person_id=people[person.key].id,
            role=Role(grant.role),
            organisation_id=places[grant.organisation].id if grant.organisation else None,
            team_id=teams[grant.team].id if grant.team else None,
        )
        for person in district.people
        for grant in person.roles
    ]


def volunteers(district: District, teams: dict[str, Team], people: dict[str, Person]) -> list[Volunteer]:
    """Everybody who leads or belongs to a team, registered where the first such team is and insured with it."""
    told = {person.key: person for person in district.people}
    home = {key: teams[team.key] for team in reversed(district.teams) for key in (team.leader, *team.members)}
    return [
        Volunteer(
            person_id=people[key].id,
            number=new_number(),
            organisation_id=team.organisation_id,
            org_path=team.org_path,
            gender=_gender(told[key]),
            languages=list(told[key].languages),
            insured_until=team.insured_until,
        )
        for key, team in home.items()
    ]


def _gender(one: PersonSample) -> Gender | None:
    return None if one.gender is None else Gender(one.gender)
