"""The demonstration district is sound: references, figures, and whether its orders can be served at all.

Who can serve what is worked out here in plain Python, apart from the matching core, so that neither hides
the other's mistakes.
"""

import re
from collections import Counter
from datetime import date
from itertools import combinations
from math import asin, cos, radians, sin, sqrt

import pytest

from app.demo.district import Order, Team, load
from app.domain import taxonomy
from app.domain.beneficiary import Circumstance, needs_two
from app.domain.gender import Gender
from app.domain.roles import ORG_ROLES, Role
from app.domain.travel import TravelMode

DISTRICT = load()
ORGS = {org.code: org for org in DISTRICT.organisations}
PEOPLE = {person.key: person for person in DISTRICT.people}
TEAMS = {team.key: team for team in DISTRICT.teams}
MENU = taxonomy.menu_templates()
CATEGORIES = [
    *("扶弱帮困", "扶弱帮困", "健康促进", "健康促进", "法律", "法律", "法律", "理论宣讲", "理论宣讲"),
    *("教育", "教育", "教育", "科技科普", "科技科普", "科技科普", "文化体育", "文化体育", "文化体育"),
    *("文化体育", "卫生环保", "卫生环保", "城管文明", "城管文明", "移风易俗", "移风易俗"),
    *("扶弱帮困", "扶弱帮困", "扶弱帮困", "服务新市民", "应急"),
]
TEAM_NAMES = [
    *("青禾先锋党员服务队", "云岫小喇叭宣讲队", "柳溪快板艺术队", "望竹翰墨志愿队", "松岭舞韵队"),
    *("流光放映队", "仁心义诊队", "红十字青禾救护队", "心晴驿站", "明法律师团"),
    *("老娘舅调解队", "反诈蓝盾队", "四点半课堂教师队", "青禾学院小志愿队", "银发数码课堂"),
    *("田间农技队", "云店直播助农队", "蓝天碧水巡护队", "红袖章文明劝导队", "桂塘红白理事会"),
    *("巧手便民维修队", "暖餐骑手队", "巾帼家政队", "筑爱康复队", "水上应急先锋队"),
]
TITLES = (
    *("管理员", "调度员", "督查员", "审计员", "安全员", "网格员"),
    *("队长", "团长", "会长", "组长", "经理", "支委", "阿姨", "阿婆", "大爷", "大伯", "大叔"),
    *("大哥", "小哥", "女士", "先生", "老师", "同志", "同学", "师傅", "医生", "护士", "律师"),
    *("理事", "教员", "主播", "领舞", "协警", "骑手", "果农", "快板手", "咨询师", "救护师", "治疗师"),
    *("宣讲员", "放映员", "公证员", "调解员", "农技员", "巡护员", "劝导员", "家政员", "手语员", "应急员"),
)
PLACES = {"区中心", "青禾", "云岫", "柳溪", "松岭", "梨坪"}


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    (lat1, lon1), (lat2, lon2) = a, b
    half = sin(radians(lat2 - lat1) / 2) ** 2
    half += cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def _minutes(clock: str) -> int:
    assert re.fullmatch(r"([01]\d|2[0-3]):[03]0|24:00", clock), clock
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _free(team: Team, order: Order, weekday: int) -> bool:
    start, end = _minutes(order.window.start), _minutes(order.window.end)
    return any(
        h.weekday == weekday and _minutes(h.start) <= start and end <= _minutes(h.end) for h in team.weekly
    )


def _above(code: str) -> list[str]:
    """The place and what it belongs to, the nearest first."""
    parent = ORGS[code].parent
    return [code, *(_above(parent) if parent else [])]


def _asked(team: Team, order: Order) -> bool:
    """One's own, one's street's or center's, or a neighbour that lends (S5.7)."""
    own = team.organisation in _above(order.organisation) or order.organisation in _above(team.organisation)
    return own or team.lends


def _wished(team: Team, order: Order) -> bool:
    if order.wish is None or not order.wish.must:
        return True
    crew = [PEOPLE[key] for key in team.members]
    wish = order.wish
    fit = [
        one
        for one in crew
        if wish.gender in (None, one.gender) and (wish.language is None or wish.language in one.languages)
    ]
    return len(fit) >= order.people


def _can_serve(team: Team, order: Order, weekday: int) -> bool:
    item = MENU[order.menu]
    near = order.lat is None or order.lon is None
    if order.lat is not None and order.lon is not None:
        near = _km((team.base.lat, team.base.lon), (order.lat, order.lon)) <= team.radius_km
        near = near or not set(team.areas).isdisjoint(_above(order.organisation))
    return (
        set(item.required_specialties) <= {s.code for s in team.specialties}
        and near
        and _asked(team, order)
        and _wished(team, order)
        and len(team.members) >= order.people
        and (item.risk == "none" or (team.adults_only and team.insured_until is not None))
        and _free(team, order, weekday)
    )


def _servers(order: Order) -> list[set[str]]:
    """For each weekday on which the window may fall, the teams that can serve it."""
    days = [order.window.weekday] if order.window.weekday else range(1, 8)
    return [{t.key for t in DISTRICT.teams if _can_serve(t, order, day)} for day in days]


def test_the_tree_has_the_levels_of_the_seeds() -> None:
    levels = Counter(org.level for org in DISTRICT.organisations)
    assert levels == {"center": 1, "office": 2, "station": 6, "point": 1, "base": 1}
    above = {"office": "center", "station": "office", "point": "station", "base": "center"}
    seen: set[str] = set()
    for org in DISTRICT.organisations:
        assert re.fullmatch(r"[a-z0-9-]{1,32}", org.code)
        assert org.code not in seen
        if org.parent is None:
            assert org.level == "center"
        else:
            assert org.parent in seen, "parents come first"
            assert ORGS[org.parent].level == above[org.level]
        seen.add(org.code)


def test_places_lie_close_together_in_hunan() -> None:
    center = ORGS["qinghe"]
    stations = [(org.lat, org.lon) for org in DISTRICT.organisations if org.level == "station"]
    assert all(2 <= _km(a, b) <= 8 for a, b in combinations(stations, 2))
    places = [(org.lat, org.lon) for org in DISTRICT.organisations]
    places += [(team.base.lat, team.base.lon) for team in DISTRICT.teams]
    for order in DISTRICT.orders:
        if order.lat is not None and order.lon is not None:
            places.append((order.lat, order.lon))
            station = ORGS[order.organisation]
            assert _km((order.lat, order.lon), (station.lat, station.lon)) < 1
    assert all(_km(place, (center.lat, center.lon)) < 8 for place in places)


def test_nobody_is_real() -> None:
    for person in DISTRICT.people:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", person.key)
        assert re.fullmatch(r"13800000\d{3}", person.phone)
        title = next(t for t in TITLES if person.name.endswith(t))
        known_as = person.name.removesuffix(title)
        assert len(known_as) == 1 or known_as in {"欧阳", *PLACES}, person.name
    for values in (
        [p.key for p in DISTRICT.people],
        [p.name for p in DISTRICT.people],
        [p.phone for p in DISTRICT.people],
    ):
        assert len(set(values)) == len(values)


def test_everybody_is_there() -> None:
    roles = Counter(grant.role for person in DISTRICT.people for grant in person.roles)
    one = {"org_admin": 1, "supervisor": 1, "auditor": 1, "security_admin": 1}
    assert roles == one | {"team_leader": 25, "grid_worker": 2, "dispatcher": 3}
    dispatching = {g.organisation for p in DISTRICT.people for g in p.roles if g.role == "dispatcher"}
    assert dispatching == {"qinghe", "yunxiu", "liuxi"}
    assert sum(person.key.startswith("resident_") for person in DISTRICT.people) >= 8
    for person in DISTRICT.people:
        for grant in person.roles:
            assert (grant.organisation is None) == (grant.role == Role.TEAM_LEADER)
            assert grant.organisation in ORGS if grant.role in ORG_ROLES else grant.team in TEAMS
        staff = any(grant.role in ORG_ROLES for grant in person.roles)
        assert (person.username is not None) == staff
        assert (person.username or person.key) == person.key


def test_the_teams_are_the_25() -> None:
    assert [team.name for team in DISTRICT.teams] == TEAM_NAMES
    crew = [key for team in DISTRICT.teams for key in (team.leader, *team.members)]
    assert len(set(crew)) == len(crew)
    for team in DISTRICT.teams:
        assert team.organisation in ORGS
        assert 2 <= len(team.members) <= 3
        assert set(team.members) <= set(PEOPLE)
        assert [(g.role, g.team) for g in PEOPLE[team.leader].roles] == [("team_leader", team.key)]
        assert all(PEOPLE[key].birth_date <= date(2006, 1, 1) for key in (team.leader, *team.members))
        assert 1 <= team.capacity <= 100
        assert team.radius_km > 0
        assert set(team.areas) <= ORGS.keys()
    assert [(team.key, team.areas) for team in DISTRICT.teams if team.areas] == [
        ("silver_class", ("guitang",))
    ]
    assert [team.key for team in DISTRICT.teams if not team.lends] == ["dance"]
    assert {team.travel for team in DISTRICT.teams} == set(TravelMode)
    assert [team.key for team in DISTRICT.teams if team.adults_only] == ["rescue"]
    kinds = {(team.kind, team.kind_name) for team in DISTRICT.teams}
    assert len(kinds) == len({kind for kind, _ in kinds}) == len({name for _, name in kinds})


@pytest.mark.parametrize("team", DISTRICT.teams, ids=lambda team: team.key)
def test_a_team_proves_what_must_be_proven(team: Team) -> None:
    assert len({s.code for s in team.specialties}) == len(team.specialties) > 0
    for held in team.specialties:
        specialty = taxonomy.specialties()[held.code]
        assert specialty.parent is not None
        assert held.level in {1, 2, 3}
        assert (held.proof_no is not None) == (held.proof_days is not None) == specialty.needs_proof
        assert (held.proof_days or 90) >= 90, "valid beyond the latest window"


@pytest.mark.parametrize("team", DISTRICT.teams, ids=lambda team: team.key)
def test_a_team_keeps_hours(team: Team) -> None:
    taken: set[tuple[int, int]] = set()
    for hours in team.weekly:
        slots = {(hours.weekday, m) for m in range(_minutes(hours.start), _minutes(hours.end), 30)}
        assert slots
        assert 1 <= hours.weekday <= 7
        assert not slots & taken
        taken |= slots
    assert taken
    assert ("24小时" not in team.availability_note) or len(taken) == 7 * 48


def test_the_orders_are_the_30() -> None:
    assert [order.number for order in DISTRICT.orders] == list(range(1, 31))
    names = [taxonomy.categories()[MENU[order.menu].category].name for order in DISTRICT.orders]
    assert names == CATEGORIES
    assert len({order.menu for order in DISTRICT.orders}) == 30
    stations = {org.code for org in DISTRICT.organisations if org.level == "station"}
    assert {order.organisation for order in DISTRICT.orders} == stations
    assert [order.number for order in DISTRICT.orders if MENU[order.menu].risk == "risky"] == [21, 30]
    assert [order.number for order in DISTRICT.orders if order.mode == "online"] == [12, 29]


@pytest.mark.parametrize("order", DISTRICT.orders, ids=lambda order: f"{order.number:02}")
def test_an_order_is_complete(order: Order) -> None:
    by, item, window = PEOPLE[order.by], MENU[order.menu], order.window
    assert order.mode == item.mode
    assert (order.mode == "online") == (order.lat is None) == (order.lon is None) == (order.address == "")
    assert order.detail.endswith("。")
    assert 15 <= len(order.detail) <= 1000
    assert (order.contact.name, order.contact.phone) == (by.name, by.phone)
    assert window.days_from_now_min >= 1, "never in the past, whenever the district is loaded"
    assert window.weekday in {None, 1, 2, 3, 4, 5, 6, 7}
    assert _minutes(window.end) - _minutes(window.start) >= item.duration_minutes
    assert order.people <= item.people
    staff = order.beneficiary is not None and order.beneficiary.relation == "staff"
    assert staff == any(grant.role == "grid_worker" for grant in by.roles)
    assert all(grant.organisation == order.organisation for grant in by.roles)
    if order.beneficiary is not None:
        assert order.beneficiary.kind
        assert order.beneficiary.consent.note
        assert order.beneficiary.phone is None or re.fullmatch(r"13800000\d{3}", order.beneficiary.phone)


def test_the_stories() -> None:
    told = Counter(order.story for order in DISTRICT.orders)
    assert told["declined_once"] in {2, 3}
    assert told["pool"] in {2, 3}
    assert [told[s] for s in ("cancelled", "rejected", "no_review", "low_rating")] == [1, 1, 2, 1]
    assert told.total() == 30
    for order in DISTRICT.orders:
        assert (order.reason is not None) == (order.story in {"declined_once", "cancelled", "rejected"})
        unrated = order.story in {"cancelled", "rejected", "no_review"} or order.gap is not None
        assert (order.review is None) == unrated
        if order.review is not None:
            r = order.review
            ratings = (r.timeliness, r.attitude, r.quality, r.resolution)
            assert all(1 <= rating <= 5 for rating in ratings)
            assert (sum(ratings) / 4 <= 2) == (order.story == "low_rating")
            assert r.comment.endswith("。")
        if order.story == "declined_once":
            assert all(len(teams) >= 2 for teams in _servers(order)), "somebody must be left to accept"
        if order.story in {"pool", "low_rating", "no_review", "cancelled"}:
            assert order.gap is None


def test_26_orders_can_be_served_and_the_rest_says_why_not() -> None:
    served = [order.number for order in DISTRICT.orders if all(_servers(order))]
    assert len(served) >= 26
    for order in DISTRICT.orders:
        if order.gap is None:
            assert order.number in served, f"{order.number}: no team can serve it on every possible day"
        else:
            assert not any(_servers(order)), f"{order.number}: its gap is closed, say so"


def test_a_third_of_the_orders_leaves_a_choice() -> None:
    chosen = [order.number for order in DISTRICT.orders if min(map(len, _servers(order))) >= 3]
    assert len(chosen) >= 10
    assert DISTRICT.orders[0].number in chosen, "also the first, although it wishes"


def test_how_those_who_are_served_live_and_what_they_wish() -> None:
    told = {order.number: order.circumstances for order in DISTRICT.orders if order.circumstances}
    assert told.keys() == {1, 2, 10, 11, 12, 26, 27, 28, 30}
    assert {code for codes in told.values() for code in codes} <= set(Circumstance)
    for order in DISTRICT.orders:
        assert len(set(order.circumstances)) == len(order.circumstances)
        if needs_two(order.circumstances) and order.mode == "on_site" and order.gap is None:
            assert order.people >= 2, "nobody visits alone"
    wishes = {order.number: order.wish for order in DISTRICT.orders if order.wish is not None}
    assert [number for number, wish in wishes.items() if wish.must] == [1]
    assert all(wish.gender or wish.language in taxonomy.languages() for wish in wishes.values())


def test_volunteers_say_who_they_are() -> None:
    serving = {key for team in DISTRICT.teams for key in (team.leader, *team.members)}
    for person in DISTRICT.people:
        assert (person.gender is not None) == bool(person.languages) == (person.key in serving)
        assert set(person.languages) <= taxonomy.languages().keys()
    spoken = Counter(code for person in DISTRICT.people for code in person.languages)
    assert spoken.keys() >= {"mandarin", "local_dialect", "sign", "english"}
    assert {person.gender for person in DISTRICT.people} == {None, *Gender}


def test_no_team_is_asked_for_more_at_once_than_it_can_bear() -> None:
    """Even if all orders that only one team can serve fell into the same week."""
    load_of: Counter[tuple[str, int, int]] = Counter()
    for order in DISTRICT.orders:
        days = [order.window.weekday] if order.window.weekday else list(range(1, 8))
        for day, teams in zip(days, _servers(order), strict=True):
            if len(teams) == 1:
                for minute in range(_minutes(order.window.start), _minutes(order.window.end), 30):
                    load_of[min(teams), day, minute] += 1
    assert all(count <= TEAMS[key].capacity for (key, _, _), count in load_of.items())
