"""A center with many teams in the service's own database, for the routes that rank them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from app.domain.hours import HALF_HOUR
from app.domain.lifecycle import OrderStatus
from app.domain.taxonomy import specialties
from app.domain.travel import TravelMode
from app.models.order import Order
from app.models.team import Team, TeamSpecialty
from benchmarks.matching.promises import Promises
from benchmarks.matching.scene import Scene as Province
from benchmarks.matching.scene import scene as province
from benchmarks.matching.teams import TODAY
from benchmarks.scene import Scene, connection, copy
from benchmarks.stage import identity

ORDERS = 200
FIRST = 1 << 24
"""Teams and orders are numbered from here on, apart from those of the planted district."""

ACCEPTED = 1 << 41
ZONE = ZoneInfo("Asia/Shanghai")


async def fill(planted: Scene, teams: int) -> list[UUID]:
    """Add teams, their promises and ORDERS approved orders with a place; the ids of these orders."""
    given = province(teams, 2 * ORDERS)
    wanted = [need for need in given.orders if need.place is not None][:ORDERS]
    midnight = datetime.combine(planted.at.astimezone(ZONE), datetime.min.time(), ZONE)
    codes = list(specialties())
    orders = []
    for number, need in enumerate(wanted):
        assert need.place is not None
        start = midnight + timedelta(days=need.first_day - TODAY, minutes=need.first_slot * HALF_HOUR)
        orders.append(
            {
                **_order(planted, FIRST + number),
                "status": OrderStatus.APPROVED.value,
                "lat": need.place[0],
                "lon": need.place[1],
                "required_specialties": [codes[one] for one in need.required],
                "window_start": start,
                "window_end": start + timedelta(minutes=need.slots * HALF_HOUR),
                "duration_minutes": need.duration_slots * HALF_HOUR,
            }
        )
    async with connection(planted.house) as database:
        for model, rows in (
            (Team, _teams(planted, given)),
            (TeamSpecialty, _skills(planted, given, codes)),
            (Order, [*orders, *_accepted(planted, given.promises, midnight)]),
        ):
            await copy(database, planted.house, model, rows)
        await database.execute("VACUUM ANALYZE")
    return [order["id"] for order in orders]


def _order(planted: Scene, number: int) -> dict[str, Any]:
    return {
        **planted.parts,
        "id": identity("order", number),
        "beneficiary_key": f"{number:064x}",
        "version": 2,
    }


def _teams(planted: Scene, given: Province) -> Iterator[dict[str, Any]]:
    district, columns = planted.district, given.teams
    places = district.center, district.office, *(6 * [district.station])
    modes = list(TravelMode)
    for number in range(columns.size):
        place = places[number % len(places)]
        yield {
            **district.team.model_dump(),
            "id": identity("team", FIRST + number),
            "organisation_id": place.id,
            "org_path": place.path,
            "name": f"第{number}志愿服务队",
            "lat": float(columns.lat[number]),
            "lon": float(columns.lon[number]),
            "radius_km": int(columns.radius_m[number]) / 1000,
            "capacity": int(columns.capacity[number]),
            "weekly": columns.weeks[number].tobytes().hex(),
            "travel": modes[int(columns.travel[number])].value,
            "active": bool(columns.active[number]),
        }


def _skills(planted: Scene, given: Province, codes: list[str]) -> Iterator[dict[str, Any]]:
    columns = given.teams
    epoch = datetime(1970, 1, 1, tzinfo=ZONE).date()
    told = zip(
        columns.skill_team.tolist(),
        columns.skill_specialty.tolist(),
        columns.skill_level.tolist(),
        np.minimum(columns.skill_until, 40_000).tolist(),
        strict=True,
    )
    for number, (team, specialty, level, until) in enumerate(told):
        yield {
            "id": identity("fresh0", number),
            "created_at": planted.at,
            "team_id": identity("team", FIRST + team),
            "specialty": codes[specialty],
            "level": level,
            "proof_no": None,
            "proof_until": epoch + timedelta(days=until) if until > 0 else None,
        }


def _accepted(planted: Scene, promises: Promises, midnight: datetime) -> Iterator[dict[str, Any]]:
    """An accepted order for each promise."""
    told = zip(promises.team.tolist(), promises.first.tolist(), promises.length.tolist(), strict=True)
    for number, (team, first, length) in enumerate(told):
        start = midnight + timedelta(minutes=first * HALF_HOUR)
        end = start + timedelta(minutes=length * HALF_HOUR)
        yield {
            **_order(planted, ACCEPTED + number),
            "status": OrderStatus.ACCEPTED.value,
            "team_id": identity("team", FIRST + team),
            "scheduled_start": start,
            "scheduled_end": end,
            "window_start": start,
            "window_end": end,
        }
