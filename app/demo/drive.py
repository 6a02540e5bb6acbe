"""`sidan demo`: thirty orders and twenty-five teams, acted through HTTP by those who would."""

import asyncio
from typing import Final

import httpx

from app.demo.acts import Act, Tell
from app.demo.cast import Cast
from app.demo.district import District, load
from app.demo.figures import Figures, figures
from app.demo.phone import Unexpected
from app.demo.tidying import tidy

BASE: Final = "/api/v1/"
HANDS: Final = 6
"""Orders that are under way at once."""

PATIENCE: Final = 30


def line_to(url: str) -> httpx.AsyncClient:
    """A client for the server at `url`, past any proxy of the environment."""
    return httpx.AsyncClient(base_url=url.rstrip("/") + BASE, timeout=PATIENCE, trust_env=False)


async def drive(http: httpx.AsyncClient, tell: Tell) -> Figures:
    """Act every order of the district on the server behind `http`, and ask what came of it.

    What goes wrong with one order is a fault in the figures and stops no other. Raises NoDistrict,
    Unexpected (the figures cannot be had) and httpx.TransportError (the server is away).
    """
    district = load()
    cast = await Cast(http, district).gather()
    await tidy(cast, district)
    acts, faults = await _play(cast, district, tell)
    return await figures(cast, acts, faults)


async def _play(cast: Cast, district: District, tell: Tell) -> tuple[list[Act], list[str]]:
    free = asyncio.Semaphore(HANDS)
    faults: list[str] = []

    async def play(act: Act) -> None:
        async with free:
            try:
                await act.play()
            except (Unexpected, LookupError) as error:
                faults.append(f"#{act.order.number} {error!r}")

    acts = [Act(cast, order, tell) for order in district.orders]
    await asyncio.gather(*(play(act) for act in acts))
    return acts, faults
