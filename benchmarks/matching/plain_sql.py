"""PostgreSQL without extensions: bands of latitude and a range of longitude in one btree, distance in SQL."""

from math import asin, cos, degrees, floor, radians, sin

from app.domain.geo import EARTH_KM
from app.domain.matching.features import Need
from benchmarks.matching.database import Prepared
from benchmarks.matching.query import Query
from benchmarks.matching.scene import Scene
from benchmarks.matching.tables import BAND

INDEX = "CREATE INDEX post_band ON post (specialty, band, lon)"


class PlainSql:
    """The tables of tables.py behind one prepared connection."""

    def __init__(self, scene: Scene, url: str) -> None:
        self.scene, self.database = scene, Prepared(url)
        self._written: dict[tuple[int, int], tuple[str, list[str]]] = {}
        self.farthest_m = int(-(-scene.teams.radius_m.max() // 10) * 10) + 1

    def top(self, need: Need, limit: int) -> list[int]:
        """The best teams by their row in the scene, best first.

        The statement of an order is written down when it is first asked for: an application has its texts ready.
        """
        key = id(need), limit
        if key not in self._written:
            query = Query(self.scene, need)
            self._written[key] = self.text(query, limit), query.arguments
        return [int(row[0] or 0) for row in self.database.fetch(*self._written[key])]

    def text(self, query: Query, limit: int) -> str:
        return query.text(self.near(query), limit)

    def near(self, query: Query) -> str:
        """Every band that a team might come from, and in it a range of longitudes."""
        if query.need.place is None:
            return "true"
        lat, lon = query.need.place
        reach = self.farthest_m / (1000 * EARTH_KM)
        north = degrees(reach)
        wide = degrees(asin(sin(reach) / cos(radians(lat))))
        bands = list(range(floor((lat - north) / BAND), floor((lat + north) / BAND) + 1))
        west, east = (query.given(repr(one), "float8") for one in (lon - wide, lon + wide))
        return f"p.band = ANY ({query.given(bands, 'int2[]')}) AND p.lon BETWEEN {west} AND {east}"
