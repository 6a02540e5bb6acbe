"""One cell of the measurement: a system, a route, a number of clients, a moment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path

from benchmarks import load, scene
from benchmarks.load import Latencies
from benchmarks.pgbench import Pgbench
from benchmarks.processes import Service, cpu_seconds, family
from benchmarks.scene import Scene
from benchmarks.stage import LEADERS, READERS, RESIDENTS, Plan, identity

ROUTES = ("create", "list", "accept")
WARM_SHARE = 0.15
"""The first part of each cell is load, but not counted."""

FASTEST_CREATE = 6000
FIRST_GUESS = 1500
"""Answers a second for which requests are rendered, or offers prepared, before anything was measured."""


@dataclass(frozen=True)
class Figure:
    """What one cell showed. Latencies in ms; CPU time in µs a request, of the service and of PostgreSQL."""

    route: str
    system: str
    clients: int
    turn: int
    rate: float
    p50: float
    p99: float
    service_us: float
    postgres_us: float


@dataclass
class Bench:
    """Everything a cell needs; `postmaster` is the process id of the server, 0 where unknown."""

    scene: Scene
    pgbench: Pgbench
    plans: dict[str, Plan]
    services: dict[str, Service]
    postmaster: int
    folder: Path
    cell_seconds: float
    _rates: dict[tuple[str, str, int], float] = field(default_factory=dict)
    _offered: int = 2
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        people = range(RESIDENTS + READERS + LEADERS)
        self._bearer = [f"Bearer {self.scene.token(person)}" for person in people]
        self._body = self.scene.body()

    async def measure(self, route: str, system: str, clients: int, turn: int) -> Figure:
        """Load one system on one route. Raises LoadFailed."""
        supply = await self._supply(system, clients) if route == "accept" else range(0)
        warm = self.cell_seconds * WARM_SHARE
        service = self.services.get(system)
        before = self._cpu(service)
        if service is None:
            found = await self._pgbench(route, system, clients, warm, supply)
        else:
            requests = self._requests(route, supply)
            found = await load.drive(service.port, requests, clients, warm, self.cell_seconds - warm)
        spent = [after - earlier for after, earlier in zip(self._cpu(service), before, strict=True)]
        answered = len(found.ms) * (1 + warm / found.seconds) if found.seconds else 1
        self._rates[route, system, clients] = found.rate
        service_us, postgres_us = (seconds / answered * 1e6 for seconds in spent)
        quantiles = found.quantile(0.5), found.quantile(0.99)
        return Figure(route, system, clients, turn, found.rate, *quantiles, service_us, postgres_us)

    def _cpu(self, service: Service | None) -> tuple[float, float]:
        of_service = service.cpu_seconds() if service else 0.0
        return of_service, cpu_seconds(family(self.postmaster)) if self.postmaster else 0.0

    async def _pgbench(self, route: str, system: str, clients: int, warm: float, supply: range) -> Latencies:
        plan = self.plans["create_three" if system == "pgbench 5" and route == "create" else route]
        first = supply.start if supply else next(self._numbers) * 100_000_000
        return await self.pgbench.drive(plan, first, clients, warm, self.cell_seconds - warm, len(supply))

    async def _supply(self, system: str, clients: int) -> range:
        """Open offers enough for one cell; the numbers of those that are left over are not used again."""
        guess = self._rates.get(("accept", system, clients), FIRST_GUESS if clients > 1 else FIRST_GUESS / 3)
        many = int(guess * 1.4 * self.cell_seconds) // clients * clients + clients
        numbers = range(self._offered, self._offered + many)
        self._offered = numbers.stop
        await scene.offer(self.scene, numbers)
        return numbers

    def _requests(self, route: str, supply: range) -> Iterable[bytes]:
        if route == "create":
            many = range(int(FASTEST_CREATE * self.cell_seconds))
            return [self._request("POST", "orders", n % RESIDENTS, self._body) for n in many]
        if route == "list":
            readers = range(RESIDENTS, RESIDENTS + READERS)
            return cycle([self._request("GET", "orders?mine=true&limit=20", n) for n in readers])
        first = RESIDENTS + READERS
        return [
            self._request("POST", f"offers/{identity('offer', n)}/accept", first + n % LEADERS, b"{}")
            for n in supply
        ]

    def _request(self, method: str, path: str, person: int, body: bytes = b"") -> bytes:
        headers = {"Authorization": self._bearer[person], "Accept-Encoding": "gzip, br"}
        if method == "POST":
            headers["Idempotency-Key"] = f"bench-{next(self._numbers):016x}"
        return load.render(method, f"/api/v1/{path}", headers, body)
