"""A thousand teams in the database, ranked over HTTP as the plain definition ranks them."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import numpy as np
from sqlmodel import SQLModel

from app.domain.hours import HALF_HOUR
from app.domain.lifecycle import OrderStatus
from app.domain.matching.features import NO_DAY, Exclusion, date_of
from app.domain.matching.score import Weights
from app.domain.travel import TravelMode
from app.models.organisation import Organisation, OrgLevel
from app.models.price import TeamPrice
from app.models.standing import TeamStanding
from app.models.team import Team, TeamException, TeamSpecialty
from app.services.organisations import bump
from tests.accounts import order_of
from tests.desk import Desk, empty_center, settle
from tests.domain.matching import oracle
from tests.domain.matching.cases import (
    ALWAYS,
    HOME,
    KM,
    MORNINGS,
    STATION,
    TODAY,
    TREE,
    Case,
    case,
    id_of,
    need,
)
from tests.domain.matching.cases import Team as Told
from tests.factories import SATURDAY_9, District

TEAMS = 1_000
CODES = ("housekeeping", "electrician", "lawyer", "daily_care")
"""Related as cases.PARENTS says: the last is the group of the first, the others belong elsewhere."""
MODES = tuple(TravelMode)
LEVELS = {"office": OrgLevel.OFFICE, "station": OrgLevel.STATION, "point": OrgLevel.POINT}


def drawn(dice: np.random.Generator) -> Told:
    """On coarse grids, so that many tie; nobody has a member, which this order does not ask for."""
    others = dice.permutation([1, 2, 3])[: int(dice.integers(0, 3))].tolist()
    held = [0, *others] if dice.random() < 0.9 else others
    return Told(
        km=float(dice.integers(-8, 9)),
        radius_m=int(dice.choice([3_000, 8_000, 20_000])),
        skills={one: (int(dice.integers(1, 4)), NO_DAY) for one in held},
        organisation=int(dice.integers(7)),
        lends=bool(dice.random() < 0.6),
        active=bool(dice.random() < 0.95),
        capacity=int(dice.integers(1, 4)),
        travel=int(dice.integers(3)),
        week=str(dice.choice([ALWAYS, MORNINGS])),
        reliability=int(dice.choice([7_000, 8_000, 9_000])),
        recent=int(dice.integers(4)),
        areas=(int(dice.integers(7)),) if dice.random() < 0.1 else (),
        exceptions=((TODAY, bytes(dice.choice([0, 255], 6).astype(np.uint8))),)
        if dice.random() < 0.1
        else (),
        prices=((TODAY, int(dice.choice([300, 900]))),) if dice.random() < 0.2 else (),
    )


async def tree(district: District) -> list[Organisation]:
    """The places of cases.TREE, in its order."""
    planted = {"/q/": await empty_center(district)}
    for path, level in zip(TREE.paths[1:], TREE.levels[1:], strict=True):
        parent, code = path[:-1].rsplit("/", 1)
        planted[path] = await settle(district, planted[f"{parent}/"], code + code, LEVELS[level])
    assert [place.path for place in planted.values()] == sorted(place.path for place in planted.values())
    return list(planted.values())


def rows(number: int, told: Told, places: list[Organisation]) -> list[SQLModel]:
    team = Team(
        id=id_of(number),
        organisation_id=places[told.organisation].id,
        org_path=places[told.organisation].path,
        name=f"第{number}队",
        kind="convenience",
        lat=HOME[0] + told.km * KM,
        lon=HOME[1],
        radius_km=told.radius_m / 1000,
        area_ids=[str(places[area].id) for area in told.areas],
        travel=MODES[told.travel],
        lends=told.lends,
        active=told.active,
        capacity=told.capacity,
        weekly=told.week,
    )
    known = TeamStanding(team_id=team.id, reliability=told.reliability, recent=told.recent)
    return [
        team,
        known,
        *(
            TeamSpecialty(team_id=team.id, specialty=CODES[s], level=level)
            for s, (level, _) in told.skills.items()
        ),
        *(TeamException(team_id=team.id, day=date_of(day), free=bits.hex()) for day, bits in told.exceptions),
        *(TeamPrice(team_id=team.id, day=date_of(day), permille=price) for day, price in told.prices),
    ]


async def promised(district: District, dice: np.random.Generator, one: Case) -> None:
    """Orders that some teams have in hand, some of them in the very window; told to the case, too."""
    half, orders = timedelta(minutes=HALF_HOUR), []
    for number in dice.permutation(TEAMS)[:250].tolist():
        first, length = int(dice.integers(-3, 8)), int(dice.integers(1, 5))
        start = SATURDAY_9 + first * half
        told: dict[str, Any] = {
            "team_id": id_of(number),
            "scheduled_start": start,
            "scheduled_end": start + length * half,
        }
        orders.append(order_of(district, "neighbour", OrderStatus.ACCEPTED, **told))
        one.open_work[number] += 1
        one.taken[number, max(0, first) : max(0, first + length)] += 1
    async with district.house.database.transaction() as session:
        session.add_all(orders)


async def test_a_thousand_teams_are_ranked_as_defined(client: httpx.AsyncClient, district: District) -> None:
    dice = np.random.default_rng(11)
    teams, places = [drawn(dice) for _ in range(TEAMS)], await tree(district)
    district.station = next(place for place in places if place.path.endswith("/ss/"))
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        planted = [rows(number, told, places) for number, told in enumerate(teams)]
        session.add_all(row for team in planted for row in team[:1])
        await session.flush()
        session.add_all(row for team in planted for row in team[1:])
    one = case(teams)
    await promised(district, dice, one)
    desk = await Desk(client, district).open(location={"lat": HOME[0], "lon": HOME[1]})
    answer = await desk.ranking(limit=50)
    asked = need(organisation=STATION, handler=STATION, duration_slots=4)
    wanted, excluded = oracle.brute_force(one, asked, Weights(), 50)
    begins = [SATURDAY_9 + timedelta(minutes=HALF_HOUR * start) for _, _, start, _ in wanted]
    assert [(item["team"]["id"], item["score"]) for item in answer["items"]] == [
        (str(id_of(number)), round(score, 6)) for number, score, _, _ in wanted
    ]
    assert [datetime.fromisoformat(item["earliest_start"]) for item in answer["items"]] == begins
    counted = {one["reason"]: one["teams"] for one in answer["excluded"]}
    full = excluded.pop(Exclusion.NO_CAPACITY)
    assert full - answer["unread"] <= counted.pop(Exclusion.NO_CAPACITY) <= full
    assert counted == excluded
    assert answer["considered"] == TEAMS
    assert answer["unread"] > 0
