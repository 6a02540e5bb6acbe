"""A center's own past in the lab: its orders as they were placed, its teams, and people as they answered."""

from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from app import clock
from app.domain.lifecycle import OrderStatus
from app.domain.matching.score import Weights
from app.errors import NotFound
from app.lab.comparison import Trial
from app.lab.habits import Habits
from app.lab.history import NoHistory, Past, past
from app.lab.lineup import POLICIES
from app.settings import settings
from app.simulate import lab
from app.upkeep import prepare
from tests.conftest import settings_for
from tests.factories import NOW, PLACE, District, plant
from tests.stages import Stage


async def read(district: District, days: int = 30, code: str = "") -> Past:
    async with district.house.database.reading() as session:
        return await past(session, code or district.center.code, days)


async def test_it_is_what_was_ordered(client: httpx.AsyncClient, district: District) -> None:
    await Stage(client, district).reach(OrderStatus.CLOSED)
    with clock.at(NOW + timedelta(hours=26)):
        await Stage(client, district).reach(OrderStatus.APPROVED)
    for unwanted in (OrderStatus.SUBMITTED, OrderStatus.REJECTED, OrderStatus.CANCELLED):
        await Stage(client, district).reach(unwanted)
    await Stage(client, await plant(district.house)).reach(OrderStatus.APPROVED)
    with clock.at(NOW + timedelta(days=3)):
        county = (await read(district)).county
    demand = county.demand
    assert (demand.size, county.teams, county.days) == (2, 2, 2)
    assert demand.placed.tolist() == [9 * 60, 24 * 60 + 11 * 60]
    assert demand.first.tolist() == [5 * 48 + 18] * 2, "Saturday, 9:00"
    assert (demand.slots.tolist(), demand.duration.tolist()) == ([6, 6], [4, 4])
    assert demand.needs[0].place == (PLACE["lat"], PLACE["lon"])
    assert county.offices == (demand.needs[0].handler,)
    assert not demand.needs[0].declined, "every policy begins anew"
    assert not demand.needs[0].served


async def test_only_the_days_asked_for(client: httpx.AsyncClient, district: District) -> None:
    await Stage(client, district).reach(OrderStatus.APPROVED)
    with clock.at(NOW + timedelta(days=20)):
        assert (await read(district, days=21)).county.demand.size == 1
        with pytest.raises(NoHistory):
            await read(district, days=19)


async def test_a_center_without_orders_or_that_is_none(district: District) -> None:
    with pytest.raises(NoHistory):
        await read(district)
    with pytest.raises(NotFound):
        await read(district, code="nowhere")


async def test_people_are_as_they_answered(client: httpx.AsyncClient, district: District) -> None:
    for _ in range(3):
        await Stage(client, district).reach(OrderStatus.ACCEPTED)
    keen = await read(district)
    for _ in range(3):
        stage = await Stage(client, district).reach(OrderStatus.OFFERED)
        await stage.do("leader", "POST", f"/offers/{stage.offer_id}/decline", {"reason": "当天没有人手"})
    cold = await read(district)
    asked = keen.county.index.row_of(district.team.id)
    other = keen.county.index.row_of(district.other_team.id)
    assert asked is not None
    assert other is not None
    assert keen.eager[asked] > keen.eager[other] == pytest.approx(0)
    assert cold.eager[asked] < keen.eager[asked]
    assert cold.habits.willing < keen.habits.willing
    assert cold.habits.unread < Habits().unread, "nobody let an offer lapse"


async def test_it_is_replayed_under_the_weights_in_force_and_under_others(
    client: httpx.AsyncClient, district: District
) -> None:
    for _ in range(2):
        await Stage(client, district).reach(OrderStatus.APPROVED)
    found = await read(district)
    assert found.weights == Weights()
    trial = Trial(
        found.county, found.habits, 1, tuple(POLICIES), found.weights, Weights(location=1), found.eager
    )
    runs = list(trial.runs())
    assert len(runs) == len(POLICIES) + 2
    assert all(run.measures.orders == 2 for run in runs)
    eager = Trial(found.county, found.habits, 1, ("rank",), found.weights, None, np.full(2, 50.0))
    served = next(iter(eager.runs())).measures.served
    assert served > 0


def test_the_command_reads_a_real_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/sidan.db"
    monkeypatch.setenv("DATABASE_URL", url)

    def refused(*options: str) -> str:
        settings.cache_clear()
        result = CliRunner().invoke(lab, options)
        settings.cache_clear()
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        return result.stderr

    assert "sidan migrate" in refused("--history", "qinghe")
    prepare(settings_for(url, tmp_path / "media"))
    assert "没有可用的订单" in refused("--history", "qinghe")
    assert refused("--history", "nowhere").count("\n") == 1
