"""One order as one SQL statement: every hard condition, all ten factors, the top by score and id.

Each statement is made for the shape of an order, so that what an order does not ask costs nothing. `OFFSET 0`
keeps the planner from computing a distance or a window twice. Subqueries that follow a CASE run for the few teams
that have a dated day, a promise or a price.
"""

from typing import Any, Final

from app.domain.geo import EARTH_KM
from app.domain.hours import DAY_SLOTS, WEEK_SLOTS
from app.domain.matching.features import Need, Wish
from benchmarks.matching.brute import related
from benchmarks.matching.formulas import CIRCLE_MINUTES, SCARCITY, SHARES
from benchmarks.matching.scene import Scene
from benchmarks.matching.tables import NONE, mask
from benchmarks.matching.teams import TODAY

KEPT: Final = (
    "id, team, radius, organisation, speed, parking, capacity, languages, reliability, recent, level, kin, besides,"
    " women, men, dated, priced, held, week"
)


class Query:
    """Text and arguments of one order, gathered together."""

    def __init__(self, scene: Scene, need: Need) -> None:
        self.scene, self.need = scene, need
        self.arguments: list[str] = []
        self._known: dict[tuple[str, str], str] = {}
        self.tree = scene.terrain.tree

    def given(self, value: Any, kind: str) -> str:
        """A placeholder for a value; the same one for the same value."""
        listed = isinstance(value, list | tuple)
        text = "{" + ",".join(map(str, value)) + "}" if listed else str(value)
        if (text, kind) not in self._known:
            self.arguments.append(text)
            self._known[text, kind] = f"${len(self.arguments)}::{kind}"
        return self._known[text, kind]

    def text(self, near: str, limit: int, source: str = "post") -> str:
        """The whole statement; `near` is a condition on `p` that keeps at least those who reach the place, and
        `source` the rows it is asked of."""
        return f"""
SELECT team FROM (SELECT c.id, c.team, {self._score()} AS score FROM (
  SELECT b.*, w.open_work, CASE WHEN w.booked THEN {self._starts_left()} ELSE b.starts END AS starts_left
  FROM (SELECT f.*, bit_count({self._runs("f.free")}) AS starts
        FROM (SELECT r.*, {self._free()} AS free FROM ({self._reached(near, source)}) r OFFSET 0) f OFFSET 0) b
  JOIN work w ON w.team = b.team WHERE b.starts > 0 OFFSET 0) c
WHERE c.starts_left > 0) s ORDER BY score DESC, id LIMIT {limit}"""

    def _reached(self, near: str, source: str) -> str:
        if self.need.place is None:
            return f"SELECT {self._columns()}, 0 AS metres FROM {self._sources()} WHERE {self._static()}"
        measured = f"SELECT {self._columns()}, {self._metres()} AS metres FROM"
        above = self.given(self.tree.above(self.need.organisation), "int4[]")
        named = f"p.team IN (SELECT a.team FROM area a WHERE a.organisation = ANY ({above}))"
        sources, static = self._sources(source), self._static()
        return f"""
SELECT * FROM ({measured} {sources} WHERE {static} AND {near} OFFSET 0) n WHERE metres <= radius
UNION ALL
SELECT * FROM ({measured} {self._sources()} WHERE {static} AND {named} OFFSET 0) n WHERE metres > radius"""

    def _columns(self) -> str:
        kept = ", ".join(f"p.{name.strip()}" for name in KEPT.split(","))
        return kept.replace("p.level", "p.level + q.level AS level") if len(self.need.required) > 1 else kept

    def _sources(self, source: str = "post") -> str:
        return f"{source} p" if len(self.need.required) < 2 else f"{source} p JOIN post q ON q.team = p.team"

    def _static(self) -> str:
        need, day = self.need, self.given(self.need.day, "int4")
        conditions = [f"p.specialty = {self.given(need.required[0] if need.required else NONE, 'int2')}"]
        if len(need.required) > 1:
            conditions.append(f"q.specialty = {self.given(need.required[1], 'int2')}")
        for alias, least, proof in zip("pq", need.levels, need.needs_proof, strict=False):
            conditions += [f"{alias}.level >= {least}"] if least > 1 else []
            conditions += [f"{alias}.until >= {day}"] if proof else []
        conditions += ["p.active"]
        conditions += ["p.adults_only", f"p.insured_until >= {day}"] if need.risky else []
        conditions += ["p.two"] if need.two else []
        conditions += self._wishes() if need.wish_must else []
        if need.handler:
            above = self.given(self.tree.above(need.organisation), "int4[]")
            scopes = (
                self._within(need.handler),
                self._within(self._station()),
                f"p.organisation = ANY ({above})",
            )
            conditions.append(f"(p.lends OR {' OR '.join(scopes)})")
        refused = sorted(need.declined | need.blocked)
        conditions += [f"p.team <> ALL ({self.given(refused, 'int4[]')})"] if refused else []
        return " AND ".join(conditions)

    def _wishes(self) -> list[str]:
        wishes = []
        if self.need.gender is not Wish.NONE:
            wishes.append("p.women" if self.need.gender is Wish.FEMALE else "p.men")
        if self.need.language >= 0:
            wishes.append(f"(p.languages & {1 << self.need.language}) <> 0")
        return wishes

    def _station(self) -> int:
        above = self.tree.above(self.need.organisation)
        return above[1] if self.tree.levels[above[0]] == "point" else above[0]

    def _within(self, row: int, alias: str = "p") -> str:
        subtree = self.tree.below(row)
        first, last = self.given(subtree.start, "int4"), self.given(subtree.stop - 1, "int4")
        return f"{alias}.organisation BETWEEN {first} AND {last}"

    def _metres(self) -> str:
        assert self.need.place is not None
        lat, lon = (self.given(repr(float(one)), "float8") for one in self.need.place)
        north, east = f"sin(radians(p.lat - {lat}) / 2)", f"sin(radians(p.lon - {lon}) / 2)"
        chord = f"{north} * {north} + cos(radians({lat})) * cos(radians(p.lat)) * {east} * {east}"
        return f"round({2000 * EARTH_KM}::float8 * asin(sqrt(least(1, {chord}))))::int4"

    def _free(self) -> str:
        """The window's bits of the week, or of the days one by one where some have a date of their own."""
        need = self.need
        first = (need.first_day - TODAY) % 7 * DAY_SLOTS + need.first_slot
        week = "r.week" if first + need.slots <= WEEK_SLOTS else "(r.week || r.week)"
        plain = f"substring({week} from {self.given(first + 1, 'int4')} for {self._slots()})"
        days = [
            f"coalesce((SELECT e.bits FROM dated e WHERE e.team = r.team AND e.day = {self.given(day, 'int4')}),"
            f" substring(r.week from {self.given((day - TODAY) % 7 * DAY_SLOTS + 1, 'int4')} for {DAY_SLOTS}))"
            for day in need.days
        ]
        return f"CASE WHEN r.dated THEN {self._cut(days)} ELSE {plain}::varbit END"

    def _slots(self) -> str:
        return self.given(self.need.slots, "int4")

    def _cut(self, days: list[str]) -> str:
        begin = self.given(self.need.first_slot + 1, "int4")
        return (
            f"substring(({' || '.join(f'({day})::varbit' for day in days)}) from {begin} for {self._slots()})"
        )

    def _runs(self, bits: str) -> str:
        shifted = [bits if not by else f"({bits} << {by})" for by in range(self.need.duration_slots)]
        return " & ".join(shifted)

    def _starts_left(self) -> str:
        full = [
            f"coalesce((SELECT y.full_then FROM busy y WHERE y.team = b.team"
            f" AND y.day = {self.given(day - TODAY, 'int4')}), repeat('0', {DAY_SLOTS})::bit({DAY_SLOTS}))"
            for day in self.need.days
        ]
        left = f"SELECT b.free & ~{self._cut(full)} AS bits OFFSET 0"
        return f"(SELECT bit_count({self._runs('l.bits')}) FROM ({left}) l)"

    def _score(self) -> str:
        possible = self.given(float(max(1, self.need.possible)), "float8")
        values = [
            self._specialty(),
            f"{CIRCLE_MINUTES}::float8 / ({CIRCLE_MINUTES} + CASE WHEN c.metres = 0 THEN 0"
            " ELSE (c.metres * 78 + c.speed - 1) / c.speed + c.parking END)",
            f"c.starts_left / {possible}",
            "c.capacity::float8 / (c.capacity + c.open_work)",
            "c.reliability::float8 / 10000",
            self._continuity(),
            f"(3 - {self._ring()})::float8 / 3",
            f"{self._mean()} / ({self._mean()} + 1000 * c.recent)",
            self._wish(),
        ]
        if self.need.place is None:
            values[1] = "1"
        summed = " + ".join(
            f"{share!r}::float8 * ({value})" for share, value in zip(SHARES, values, strict=True)
        )
        return f"{summed} - {SCARCITY}::float8 * ({self._price()}::float8 / 1000)"

    def _specialty(self) -> str:
        many = len(self.need.required)
        if not many:
            return "1"
        kin = "c.kin"
        if many > 1:
            relatives = mask(related(self.need.required, self.scene.parents), len(self.scene.parents))
            bits = "".join(f"{byte:08b}" for byte in relatives)
            kin = f"bit_count(c.held & {self.given(bits, f'bit({len(bits)})')})"
        depth = f"0.75::float8 * (c.level::float8 / {3 * many})"
        besides = f"0.10::float8 * (least(c.besides - {many - 1}, 3)::float8 / 3)"
        return f"{depth} + 0.15::float8 * (least({kin}, 3)::float8 / 3) + {besides}"

    def _continuity(self) -> str:
        if not self.need.served:
            return "0"
        teams = self.given(list(self.need.served), "int4[]")
        liked = [repr(stars / (5 * times)) for times, stars in self.need.served.values()]
        told = f"unnest({teams}, {self.given(liked, 'float8[]')}) AS u(team, liked)"
        return f"CASE WHEN c.team = ANY ({teams}) THEN (SELECT liked FROM {told} WHERE u.team = c.team) ELSE 0 END"

    def _ring(self) -> str:
        above = self.tree.above(self.need.organisation)
        office = self.given([row for row in above if self.tree.levels[row] == "office"], "int4[]")
        center = self.given([row for row in above if self.tree.levels[row] == "center"], "int4[]")
        own = self._within(self._station(), "c")
        return (
            f"CASE WHEN {own} THEN 0 WHEN c.organisation = ANY ({office}) THEN 1"
            f" WHEN c.organisation = ANY ({center}) THEN 2 ELSE 3 END"
        )

    def _mean(self) -> str:
        return self.given(float(self.scene.mean_recent + 1000), "float8")

    def _wish(self) -> str:
        if not self.need.wishes:
            return "1"
        met = " + ".join(f"({one.replace('p.', 'c.')})::int4" for one in self._wishes())
        return f"({met})::float8 / {self.need.wishes}"

    def _price(self) -> str:
        days = ", ".join(
            f"coalesce((SELECT x.permille FROM price x WHERE x.team = c.team"
            f" AND x.day = {self.given(day, 'int4')}), 0)"
            for day in self.need.days
        )
        return f"CASE WHEN c.priced THEN least(1000, {days}) ELSE 0 END"
