"""A second center, because what matters most about scope is what lies outside it."""

import pytest

from app.house import House
from tests.factories import District, plant


@pytest.fixture
async def foreign(house: House) -> District:
    """Another center in the same database, with people, teams and a menu of its own."""
    return await plant(house)
