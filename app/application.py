"""FastAPI, where this service needs it to be other than it is."""

from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.middleware import RequestId
from app.openapi import completed
from app.problems import InProblems
from app.staleness import SaysStale


class Application(FastAPI):
    """Serves the completed document, and lets no answer out without a request id or in plain text.

    Both wrappers stand outside of the framework's own middleware, because it refuses too large a body and
    answers an unexpected error out there.
    """

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        stack: ASGIApp = InProblems(super().build_middleware_stack())
        return RequestId(SaysStale(stack) if self.state.house.database.has_replica else stack)
