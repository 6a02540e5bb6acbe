"""What the staff reads about its center as a whole."""

from pydantic import ConfigDict

from app.schemas.base import Output
from app.schemas.me import PlaceName


class LedgerOut(Output):
    """`issued` is summed from the ledger, `held` from the volunteers' balances: `difference` must be 0."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "center": {
                        "id": "0192f3c0-0000-7000-8000-000000000001",
                        "name": "青禾区新时代文明实践中心",
                        "level": "center",
                    },
                    "issued": 1280,
                    "held": 1280,
                    "difference": 0,
                }
            ]
        }
    )

    center: PlaceName
    issued: int
    held: int
    difference: int
