"""The ranking by definition: one team at a time, plain Python, no cleverness. Slow and easy to check."""

from math import asin, cos, radians, sin, sqrt

from app.domain.matching.features import Exclusion, Moment, Need, TeamTable
from app.domain.matching.score import Weights

Row = tuple[int, float, int, list[float]]
"""Index, score, earliest start, factor values."""


def brute_force(
    table: TeamTable, need: Need, moment: Moment, weights: Weights, limit: int
) -> tuple[list[Row], dict[Exclusion, list[int]]]:
    able: list[Row] = []
    excluded: dict[Exclusion, list[int]] = {}
    for team in range(table.size):
        reason = why_not(table, need, moment, team)
        if reason is not None:
            excluded.setdefault(reason, []).append(team)
            continue
        values = [
            specialty(table, need, team),
            location(table, need, team),
            availability(need, moment, team),
            load(table, moment, team),
        ]
        score = 0.0
        for value, share in zip(values, weights.shares, strict=True):
            score += value * share
        able.append((team, score, starts(need, room(moment, team))[0], values))
    able.sort(key=lambda row: (-row[1], row[0]))
    return able[:limit], excluded


def why_not(table: TeamTable, need: Need, moment: Moment, team: int) -> Exclusion | None:
    if not moment.in_scope[team]:
        return Exclusion.OUT_OF_SCOPE
    if not table.active[team]:
        return Exclusion.INACTIVE
    if moment.declined[team]:
        return Exclusion.DECLINED_BEFORE
    for column in need.required:
        if table.level[team, column] == 0:
            return Exclusion.MISSING_SPECIALTY
    for column, proof in zip(need.required, need.needs_proof, strict=True):
        if proof and table.proof_until[team, column] < need.day:
            return Exclusion.PROOF_MISSING
    if need.place is not None and kilometres(table, need.place, team) > table.radius_km[team]:
        return Exclusion.TOO_FAR
    if need.risky and not table.adults_only[team]:
        return Exclusion.MINORS_AT_RISK
    if need.risky and table.insured_until[team] < need.day:
        return Exclusion.NOT_INSURED
    if not starts(need, [bool(duty) for duty in moment.on_duty[team]]):
        return Exclusion.NO_FREE_TIME
    if not starts(need, room(moment, team)):
        return Exclusion.NO_CAPACITY
    return None


def kilometres(table: TeamTable, place: tuple[float, float], team: int) -> float:
    lat1, lon1, lat2, lon2 = map(radians, (*place, float(table.lat[team]), float(table.lon[team])))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * 6371.0088 * asin(sqrt(min(1.0, chord))), 3)


def room(moment: Moment, team: int) -> list[bool]:
    pairs = zip(moment.on_duty[team], moment.free[team], strict=True)
    return [bool(duty) and int(free) > 0 for duty, free in pairs]


def starts(need: Need, free: list[bool]) -> list[int]:
    possible = range(len(free) - need.duration_slots + 1)
    return [start for start in possible if all(free[start : start + need.duration_slots])]


def specialty(table: TeamTable, need: Need, team: int) -> float:
    if not need.required:
        return 1.0
    depth = sum(min(int(table.level[team, column]), 3) for column in need.required) / (3 * len(need.required))
    held = {column for column in range(table.level.shape[1]) if table.level[team, column] != 0}
    breadth = min(len(held - set(need.required)), 3) / 3
    return 0.8 * depth + 0.2 * breadth


def location(table: TeamTable, need: Need, team: int) -> float:
    if need.place is None or table.radius_km[team] == 0:
        return 1.0
    return 1 - min(kilometres(table, need.place, team) / float(table.radius_km[team]), 1.0)


def availability(need: Need, moment: Moment, team: int) -> float:
    free = room(moment, team)
    return len(starts(need, free)) / (len(free) - need.duration_slots + 1)


def load(table: TeamTable, moment: Moment, team: int) -> float:
    capacity = float(max(int(table.capacity[team]), 1))
    return capacity / (capacity + max(int(moment.open_work[team]), 0))
