"""FastAPI, where this service needs it to be other than it is."""

from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.doors import Doors
from app.house import House
from app.middleware import RequestId
from app.openapi import completed
from app.problems import InProblems
from app.rates import Counts, Rates
from app.staleness import SaysStale

ASKED_WITH = [
    *("Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("Last-Event-ID", "X-Request-ID"),
]
ANSWERED_WITH = ["ETag", "Idempotency-Replayed", "Retry-After", "Sidan-Stale", "X-Request-ID"]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Application(FastAPI):
    """Serves the completed document, and lets no answer out without a request id or in plain text.

    The wrappers stand outside of the framework's own middleware, because it refuses too large a body and
    answers an unexpected error out there.
    """

    def __init__(self, house: House, **options: Any) -> None:
        super().__init__(**options)
        self.state.house = house
        self.house, self.counts = house, Counts(house.settings)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        settings = self.house.settings
        app = super().build_middleware_stack()
        if settings.rates == "on":
            app = Rates(app, self.house.tokens, self.counts)
        app = InProblems(app)
        if self.house.database.has_replica:
            app = SaysStale(app)
        if settings.cors_origins:
            app = CORSMiddleware(
                app, settings.cors_origins, METHODS, ASKED_WITH, expose_headers=ANSWERED_WITH
            )
        return RequestId(Doors(app, settings.body_seconds, production=settings.production))
