"""What the SQL peers are given: wide rows a team and specialty, and narrow ones for what changes by the minute.

`post` repeats a team's attributes beside each specialty it holds (and once more under NONE, for orders that
require none), with the kin of that specialty counted, so that one index and one read answer an ordinary order.
Rows lie in the order of the indices. `busy` holds, for the teams that promised something on a day, the half
hours in which they are full, as a trigger would keep it; `promise` is what that is made of.
"""

import numpy as np

from app.domain.hours import DAY_SLOTS
from benchmarks.matching.brute import related
from benchmarks.matching.formulas import METRES_A_MINUTE_780, PARKING, Array
from benchmarks.matching.rows import Column
from benchmarks.matching.scene import Scene
from benchmarks.matching.teams import HORIZON

NONE = -1
BAND = 0.05
"""Degrees of latitude of a band, the second key of the plain index."""

INDICES = (
    "CREATE INDEX post_team ON post (specialty, team)",
    "CREATE UNIQUE INDEX work_team ON work (team) INCLUDE (open_work, booked)",
    "CREATE UNIQUE INDEX busy_team ON busy (team, day)",
    "CREATE INDEX promise_team ON promise (team) INCLUDE (first, length)",
    "CREATE UNIQUE INDEX dated_team ON dated (team, day)",
    "CREATE INDEX area_organisation ON area (organisation) INCLUDE (team)",
    "CREATE UNIQUE INDEX price_team ON price (team, day)",
)
"""Of whatever finds the place."""

Tables = dict[str, list[Column]]


def tables(scene: Scene) -> Tables:
    columns = scene.teams
    return {
        "post": _post(scene),
        "work": [
            Column("team", "int4", np.arange(scene.size)),
            Column("open_work", "int2", scene.promises.open_work),
            Column("booked", "bool", np.diff(scene.promises.begin) > 0),
        ],
        "busy": _busy(scene),
        "promise": [
            Column("team", "int4", scene.promises.team),
            Column("first", "int4", scene.promises.first),
            Column("length", "int4", scene.promises.length),
        ],
        "dated": [
            Column("team", "int4", np.array([team for team, _, _ in columns.exceptions], np.int32)),
            Column("day", "int4", np.array([day for _, day, _ in columns.exceptions], np.int32)),
            Column("bits", "bit(48)", _stacked([bits for _, _, bits in columns.exceptions])),
        ],
        "area": [
            Column("organisation", "int4", columns.area_organisation),
            Column("team", "int4", columns.area_team),
        ],
        "price": [
            Column("team", "int4", columns.price_team),
            Column("day", "int4", columns.price_day),
            Column("permille", "int2", columns.price_permille),
        ],
    }


def _post(scene: Scene) -> list[Column]:
    columns = scene.teams
    everyone = np.arange(scene.size, dtype=np.int32)
    team = np.concatenate([columns.skill_team, everyone])
    specialty = np.concatenate([columns.skill_specialty, np.full(scene.size, NONE, np.int32)])
    blank = np.zeros(scene.size, np.int32)
    level = np.concatenate([columns.skill_level, blank])
    until = np.concatenate([columns.skill_until, blank])
    held = held_bits(scene)
    besides = np.bincount(columns.skill_team, minlength=scene.size)[team] - 1
    band = np.floor(columns.lat / BAND).astype(np.int32)
    order = np.lexsort((columns.lon[team], band[team], specialty))
    team, specialty, level, until = team[order], specialty[order], level[order], until[order]
    kin = _kin(scene, held, team, specialty)
    flags = {
        name: getattr(columns, name) for name in ("lends", "active", "adults_only", "two", "women", "men")
    }
    flags["dated"] = np.isin(everyone, [one for one, _, _ in columns.exceptions])
    flags["priced"] = np.isin(everyone, columns.price_team)
    return [
        Column("id", "uuid", columns.ids[team]),
        Column("lat", "float8", columns.lat[team]),
        Column("lon", "float8", columns.lon[team]),
        Column("team", "int4", team),
        Column("radius", "int4", -(-columns.radius_m[team] // 10) * 10),
        Column("organisation", "int4", columns.organisation[team]),
        Column("insured_until", "int4", columns.insured_until[team]),
        Column("until", "int4", until),
        Column("speed", "int4", METRES_A_MINUTE_780[columns.travel[team]]),
        Column("specialty", "int2", specialty),
        Column("band", "int2", band[team]),
        Column("capacity", "int2", columns.capacity[team]),
        Column("parking", "int2", PARKING[columns.travel[team]]),
        Column("languages", "int2", columns.languages[team].astype(np.int16)),
        Column("reliability", "int2", columns.reliability[team]),
        Column("recent", "int2", columns.recent[team]),
        Column("level", "int2", level),
        Column("kin", "int2", kin),
        Column("besides", "int2", besides[order]),
        *(Column(name, "bool", flag[team]) for name, flag in flags.items()),
        Column("held", f"bit({8 * held.shape[1]})", held[team]),
        Column("week", "bit(336)", columns.weeks[team]),
    ]


def held_bits(scene: Scene) -> Array:
    """The specialties of each team as packed bits."""
    bits = np.zeros((scene.size, len(scene.parents)), np.bool_)
    bits[scene.teams.skill_team, scene.teams.skill_specialty] = True
    return np.packbits(bits, axis=1)


def mask(specialties: list[int], many: int) -> Array:
    bits = np.zeros(many, np.bool_)
    bits[specialties] = True
    return np.packbits(bits)


def _kin(scene: Scene, held: Array, team: Array, specialty: Array) -> Array:
    """How many relatives of each row's specialty its team holds besides it."""
    kin = np.zeros(len(team), np.int16)
    for one in range(len(scene.parents)):
        rows = slice(*np.searchsorted(specialty, [one, one + 1]))
        relatives = mask(related((one,), scene.parents), len(scene.parents))
        kin[rows] = np.bitwise_count(held[team[rows]] & relatives).sum(axis=1)
    return kin


def _busy(scene: Scene) -> list[Column]:
    promises, slots = scene.promises, (HORIZON + 1) * DAY_SLOTS
    booked = np.flatnonzero(np.diff(promises.begin))
    place = np.zeros(scene.size, np.int64)
    place[booked] = np.arange(len(booked))
    change = np.zeros((len(booked), slots + 1), np.int8)
    who = place[promises.team]
    np.add.at(change, (who, promises.first), 1)
    np.add.at(change, (who, promises.first + promises.length), -1)
    taken = np.cumsum(change[:, :-1], axis=1, dtype=np.int8)
    full = (taken >= scene.teams.capacity[booked, np.newaxis]).reshape(len(booked), -1, DAY_SLOTS)
    row, day = np.nonzero(full.any(axis=2))
    return [
        Column("team", "int4", booked[row]),
        Column("day", "int4", day),
        Column("full_then", "bit(48)", np.packbits(full[row, day], axis=1)),
    ]


def _stacked(given: list[bytes]) -> Array:
    return np.frombuffer(b"".join(given), np.uint8).reshape(-1, 6)
