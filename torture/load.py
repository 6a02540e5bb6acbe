"""Everybody at once: each person looks, does something, and looks again after a while."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from uuid import UUID

from torture.people import dispatcher, leader, resident, volunteer
from torture.phone import Network, Phone
from torture.scene import Scene

LOOK_SECONDS = 0.2
LEAST_WRITES = 20
LONGEST_SECONDS = 60.0
Life = Callable[[Phone, Scene, int], Awaitable[None]]
PAUSES: dict[Life, tuple[float, float]] = {
    resident.live: (0.8, 3.0),
    dispatcher.live: (0.1, 0.5),
    leader.live: (0.6, 2.0),
    volunteer.live: (1.0, 3.0),
}
"""Seconds between two looks, from and to."""


def people(scene: Scene) -> Iterator[tuple[Life, UUID]]:
    yield from ((resident.live, one) for one in scene.residents)
    yield from ((dispatcher.live, one) for one in scene.dispatchers)
    yield from ((leader.live, one) for one in scene.leads)
    yield from ((volunteer.live, one) for one in itertools.chain.from_iterable(scene.members.values()))


async def load(network: Network, scene: Scene, seconds: float, enough: Callable[[], bool]) -> None:
    """Let everybody live for so long, or until it is `enough`, and then let each finish the write in hand.

    It goes on while hardly anything was written, at most LONGEST_SECONDS: who did nothing has tried nothing.
    """
    async with asyncio.TaskGroup() as group:
        for number, (life, person_id) in enumerate(people(scene)):
            phone = Phone(network, person_id, scene.sign_ins[person_id])
            group.create_task(_live(life, phone, scene, number))
        while not enough() and (network.at < seconds or _idle(network)):  # noqa: ASYNC110  (nobody tells)
            await asyncio.sleep(LOOK_SECONDS)
        network.ending = True


def _idle(network: Network) -> bool:
    return len(network.history.entries) < LEAST_WRITES and network.at < LONGEST_SECONDS


async def _live(life: Life, phone: Phone, scene: Scene, number: int) -> None:
    shortest, longest = PAUSES[life]
    while not phone.network.ending:
        await asyncio.sleep(phone.chance.uniform(shortest, longest) * phone.network.pause)
        if not phone.network.ending:
            await life(phone, scene, number)
