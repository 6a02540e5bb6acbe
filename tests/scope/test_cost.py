"""Scope is a condition of the statement that reads the row: it takes no statement of its own."""

import pytest
from fastapi import FastAPI
from sqlalchemy import ColumnElement, true

from app.models.media import Media
from app.models.offer import Offer
from app.models.order import Beneficiary, Order
from app.services import scope
from app.services.access import Actor as Asking
from tests.scope.caller import Call, call
from tests.scope.counting import statements
from tests.scope.world import World


def _everything(_: Asking) -> ColumnElement[bool]:
    return true()


async def test_the_scope_check_adds_no_statement(
    world: World, undone: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = world.corners["own"].ids
    calls = {
        "a placer reads an order": ("resident", Call("GET", f"/api/v1/orders/{ids['accepted']}")),
        "a desk reads an order": ("dispatcher", Call("GET", f"/api/v1/orders/{ids['accepted']}")),
        "a desk reads its list": ("dispatcher", Call("GET", "/api/v1/orders")),
        "a team accepts": ("team_leader", Call("POST", f"/api/v1/offers/{ids['offer']}/accept", {})),
    }

    async def counted() -> dict[str, int]:
        found = {}
        for name, (who, wanted) in calls.items():
            with statements(world.house) as sent:
                answer = await call(undone, world.actors[who].token, wanted)
            assert answer.status == 200, (name, answer.short)
            found[name] = len(sent)
        return found

    await counted()
    scoped = await counted()
    for model in (Beneficiary, Media, Offer, Order):
        monkeypatch.setitem(scope._RULES, model, _everything)
    assert scoped == await counted()
