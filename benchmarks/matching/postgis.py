"""PostGIS: a GiST index on the specialty and the ground each team covers, all conditions and factors in SQL.

A query point within the box of a team's own circle is more selective than teams within the widest radius. The
nearest hundred (KNN) are fast at any size and are the wrong hundred: their recall is told, and no ratio.
"""

from benchmarks.matching.plain_sql import PlainSql
from benchmarks.matching.query import Query
from benchmarks.matching.tables import NONE

POINT = "ST_MakePoint(p.lon, p.lat)"
DEGREES_A_METRE = "9e-6::float8"
"""A little more than there are, so that a box holds its circle."""
REACH = (
    f"ST_Expand({POINT}, p.radius * {DEGREES_A_METRE} / cos(radians(p.lat)), p.radius * {DEGREES_A_METRE})"
)
EXTENSIONS = ("btree_gist", "postgis")
INDEX = f"CREATE INDEX post_reach ON post USING gist (specialty, ({REACH.replace('p.', '')}))"
NEAREST_INDEX = (
    f"CREATE INDEX post_place ON post USING gist (specialty, ({POINT.replace('p.', '')}::geography))"
)
NEAREST = 100


class PostGis(PlainSql):
    """Found by the boxes of the teams' circles."""

    def near(self, query: Query) -> str:
        return f"{REACH} && {self._point(query)}" if query.need.place else "true"

    def _point(self, query: Query) -> str:
        assert query.need.place is not None
        lat, lon = (query.given(repr(one), "float8") for one in query.need.place)
        return f"ST_MakePoint({lon}, {lat})"


class Nearest(PostGis):
    """The nearest hundred with the specialty, and then all conditions: what one would try first."""

    def text(self, query: Query, limit: int) -> str:
        return (
            query.text("true", limit, self._nearest(query)) if query.need.place else query.text("true", limit)
        )

    def _nearest(self, query: Query) -> str:
        specialty = query.given(query.need.required[0] if query.need.required else NONE, "int2")
        order = f"{POINT}::geography <-> {self._point(query)}::geography"
        return f"(SELECT * FROM post p WHERE p.specialty = {specialty} ORDER BY {order} LIMIT {NEAREST})"
