"""The ranking by definition: one team at a time, plain Python, no cleverness. Slow and easy to check."""

from collections.abc import Iterator
from math import asin, ceil, cos, radians, sin, sqrt

from app.domain.hours import week_rows
from app.domain.matching.features import NO_DAY, Exclusion, Need, Wish
from app.domain.matching.score import FactorName, Weights
from tests.domain.matching.cases import HOME, KM, PARENTS, TREE, Case, Team, id_of

Row = tuple[int, float, int, list[float]]
"""Team, score, earliest start, factor values."""

RINGS = {"center": 2, "office": 1, "station": 0, "point": 0}


def brute_force(
    case: Case, need: Need, weights: Weights, limit: int
) -> tuple[list[Row], dict[Exclusion, int]]:
    able: list[Row] = []
    excluded: dict[Exclusion, int] = {}
    row_of = {number: row for row, number in enumerate(case.number)}
    mean = mean_recent(case)
    for number in range(len(case.teams)):
        begin = starts(need, busy(case, need, number))
        reason = next(reasons(case, need, number, row_of[number], begin), None)
        if reason is not None:
            excluded[reason] = excluded.get(reason, 0) + 1
            continue
        measured = factors(case, need, number, row_of[number], len(begin), mean)
        score = 0.0
        for value, share in zip(measured, weights.shares, strict=True):
            score += value * share
        able.append(
            (number, score, min(begin, key=lambda start: dearest(case, need, number, start)), measured)
        )
    able.sort(key=lambda row: (-row[1], id_of(row[0]).bytes))
    return able[:limit], excluded


def mean_recent(case: Case) -> int:
    active = [team.recent for team in case.teams if team.active]
    return 1000 * sum(active) // max(1, len(active))


def reasons(case: Case, need: Need, number: int, row: int, begin: list[int]) -> Iterator[Exclusion]:
    team = case.teams[number]
    held = [team.skills.get(one) for one in need.required]
    named = any(TREE.paths[need.organisation].startswith(TREE.paths[area]) for area in team.areas)
    if None in held:
        yield Exclusion.MISSING_SPECIALTY
    if need.place is not None and not named and metres(need, team) > ceil(team.radius_m / 10) * 10:
        yield Exclusion.TOO_FAR
    if any(one and one[0] < level for one, level in zip(held, need.levels, strict=True)):
        yield Exclusion.LEVEL_TOO_LOW
    if any(one and proof and one[1] < need.day for one, proof in zip(held, need.needs_proof, strict=True)):
        yield Exclusion.PROOF_MISSING
    if ring(need, team) == 4:
        yield Exclusion.OUT_OF_SCOPE
    if not team.active:
        yield Exclusion.INACTIVE
    if row in need.declined:
        yield Exclusion.DECLINED_BEFORE
    if row in need.blocked:
        yield Exclusion.BLOCKED
    if need.risky and not team.adults_only:
        yield Exclusion.MINORS_AT_RISK
    if need.risky and (team.insured_until == NO_DAY or team.insured_until < need.day):
        yield Exclusion.NOT_INSURED
    if need.two and not team.two:
        yield Exclusion.NEEDS_TWO
    if need.wish_must and not meets(need.gender, team):
        yield Exclusion.GENDER
    if need.wish_must and need.language >= 0 and not team.languages & (1 << need.language):
        yield Exclusion.LANGUAGE
    if not starts(need, on_duty(need, team)):
        yield Exclusion.NO_FREE_TIME
    elif not begin:
        yield Exclusion.NO_CAPACITY


def meets(wish: Wish, team: Team) -> bool:
    return {Wish.NONE: True, Wish.FEMALE: team.women, Wish.MALE: team.men}[wish]


def metres(need: Need, team: Team) -> int:
    assert need.place is not None
    lat, lon = round((HOME[0] + team.km * KM) * 1e7) / 1e7, round(HOME[1] * 1e7) / 1e7
    lat1, lon1, lat2, lon2 = map(radians, (*need.place, lat, lon))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * 6371.0088 * asin(sqrt(min(1.0, chord))) * 1000)


def ring(need: Need, team: Team) -> int:
    placed, own = TREE.paths[need.organisation], TREE.paths[team.organisation]
    station = placed
    if TREE.levels[need.organisation] == "point":
        station = placed[: placed.rstrip("/").rindex("/") + 1]
    if own.startswith(station):
        return 0
    if placed.startswith(own):
        return RINGS[TREE.levels[team.organisation]]
    return 3 if team.lends or own.startswith(TREE.paths[need.handler]) else 4


def on_duty(need: Need, team: Team) -> list[bool]:
    week = "".join(f"{byte:08b}" for byte in week_rows([team.week])[0].tolist())
    dated = {day: "".join(f"{byte:08b}" for byte in bits) for day, bits in team.exceptions}
    free = []
    for n in range(need.first_slot, need.first_slot + need.slots):
        day, slot = need.first_day + n // 48, n % 48
        bits = dated.get(day) or week[(day - 4) % 7 * 48 :][:48]
        free.append(bits[slot] == "1")
    return free


def busy(case: Case, need: Need, number: int) -> list[bool]:
    team = case.teams[number]
    pairs = zip(on_duty(need, team), case.taken[number].tolist(), strict=True)
    return [duty and taken < team.capacity for duty, taken in pairs]


def starts(need: Need, free: list[bool]) -> list[int]:
    possible = range(len(free) - need.duration_slots + 1)
    return [start for start in possible if all(free[start : start + need.duration_slots])]


def minutes(need: Need, team: Team) -> int:
    far = metres(need, team)
    speed, parking = ((5_000, 0), (18_000, 0), (30_000, 5))[team.travel]
    return -(-far * 13 * 60 // (10 * speed)) + parking if far else 0


def factors(case: Case, need: Need, number: int, row: int, begin: int, mean: int) -> list[float]:
    team = case.teams[number]
    work, (times, stars) = int(case.open_work[number]), need.served.get(row, (0, 0))
    wishes = [meets(need.gender, team)] if need.gender is not Wish.NONE else []
    wishes += [bool(team.languages & (1 << need.language))] if need.language >= 0 else []
    days = range(need.first_day, need.first_day + -(-(need.first_slot + need.slots) // 48))
    prices = dict(team.prices)
    price = min([1000, *(prices.get(day, 0) for day in days)])
    if case.slot_price is not None:
        begins = starts(need, busy(case, need, number))
        price = max(price, min(dearest(case, need, number, start) for start in begins))
    told = {
        FactorName.SPECIALTY: specialty(need, team),
        FactorName.LOCATION: 1.0 if need.place is None else 15 / (15 + minutes(need, team)),
        FactorName.AVAILABILITY: begin / (need.slots - need.duration_slots + 1),
        FactorName.LOAD: team.capacity / (team.capacity + work),
        FactorName.RELIABILITY: team.reliability / 10_000,
        FactorName.CONTINUITY: stars / (5 * times) if times else 0.0,
        FactorName.AFFINITY: (3 - ring(need, team)) / 3,
        FactorName.FAIRNESS: (mean + 1000) / (mean + 1000 + 1000 * team.recent),
        FactorName.WISH: sum(wishes) / len(wishes) if wishes else 1.0,
        FactorName.SCARCITY: price / 1000,
    }
    return list(told.values())


def dearest(case: Case, need: Need, number: int, start: int) -> int:
    """The most that the plan loses by one of the half hours, at most a whole order."""
    if case.slot_price is None:
        return 0
    return min(
        1000, max(int(price) for price in case.slot_price[number, start : start + need.duration_slots])
    )


def specialty(need: Need, team: Team) -> float:
    if not need.required:
        return 1.0
    depth = sum(team.skills[one][0] for one in need.required) / (3 * len(need.required))
    besides = set(team.skills) - set(need.required)
    groups = {PARENTS[one] for one in need.required if PARENTS[one] >= 0} | set(need.required)
    kin = [one for one in besides if one in groups or PARENTS[one] in groups]
    return 0.75 * depth + 0.15 * (min(len(kin), 3) / 3) + 0.10 * (min(len(besides), 3) / 3)
