"""create_app(): the house, middleware, routers, problems. Nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI, Request, Response
from starlette_compress import CompressMiddleware, remove_compress_type

from app import heap, problems
from app.application import Application
from app.farewell import told_to_leave
from app.house import House, build
from app.routers import (
    absences,
    appointments,
    approvals,
    audit,
    auth,
    blocks,
    complaints,
    consents,
    content_checks,
    contract,
    dispatching,
    duplicates,
    exports,
    follow_ups,
    grants,
    health,
    inbox,
    me,
    media,
    members,
    menu,
    metrics,
    my_password,
    my_phone,
    my_points,
    my_second_factor,
    offers,
    orders,
    orgs,
    people,
    plans,
    policies,
    recurring_orders,
    recurring_reveals,
    reports,
    reveals,
    sendings,
    service,
    sign_ins,
    stream,
    subscriptions,
    sync,
    taxonomy,
    teams,
    volunteers,
    webhooks,
    whistles,
)
from app.routers.keyed import Answered
from app.routers.stream import EventStream
from app.settings import settings
from app.worker import ticking

BASE = "/api/v1"
MAX_BODY = 256 * 1024
ONE_PACKET = 1400
"""Bytes that reach a phone in one packet whether compressed or not."""
BUSIEST_FIRST = (
    orders,
    offers,
    service,
    appointments,
    reveals,
    inbox,
    me,
    sync,
    subscriptions,
    dispatching,
    duplicates,
    media,
    my_points,
    consents,
    menu,
    orgs,
    taxonomy,
    auth,
    teams,
    members,
    people,
    volunteers,
    grants,
    policies,
    reports,
    plans,
    recurring_orders,
    recurring_reveals,
    stream,
    blocks,
    whistles,
    complaints,
    content_checks,
    follow_ups,
    absences,
    webhooks,
    sendings,
    my_password,
    my_phone,
    my_second_factor,
    sign_ins,
    approvals,
    exports,
    audit,
)
"""Routes are tried one after the other: behind sixty others, finding one cost more than answering it."""
TITLE = "四单 · Sidan"
DESCRIPTION = """
新时代文明实践中心的开放后台：群众点单、中心派单、志愿接单、群众评单、多元买单。

Errors are `application/problem+json` (RFC 9457) with a stable `code`. Every POST takes an
`Idempotency-Key`. Lists are keyset pages, newest first. Times carry an offset; coordinates are GCJ-02.
While only a standby of the database answers, a GET bears `Sidan-Stale: true` and everything else is a 503.
"""


def create_app(house: House | None = None) -> Application:
    """The application around `house`, or around one built from the environment.

    Raises pydantic.ValidationError when the environment is not fit to start with (app/settings.py).
    """
    held = house or build(settings())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        heap.settle()
        try:
            with told_to_leave(held.live.close):
                async with ticking(held) if held.settings.worker_inside else nullcontext():
                    yield
        finally:
            await app.counts.aclose()
            await held.close()

    app = Application(
        held,
        title=TITLE,
        version="1.0.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=MAX_BODY,
    )
    app.include_router(orders.placing_router, prefix=BASE)
    for room in BUSIEST_FIRST:
        app.include_router(room.router, prefix=BASE)
    app.include_router(health.router)
    app.include_router(metrics.router)
    if held.settings.contract != "off":
        app.include_router(contract.router)
    app.add_exception_handler(Answered, _answered)
    problems.install(app)
    remove_compress_type(EventStream.media_type)  # it would keep a dictionary for every listener
    app.add_middleware(CompressMiddleware, minimum_size=ONE_PACKET)
    return app


async def _answered(_: Request, answered: Exception) -> Response:
    assert isinstance(answered, Answered)  # noqa: S101
    return answered.response
