"""A small county for all tests of the lab, generated once."""

import pytest

from app.lab.county import County, generate
from app.lab.habits import Habits

SEED = 7
DEFAULT_SEED = 1


@pytest.fixture(scope="session")
def small() -> County:
    """Five townships, two weeks."""
    return generate(SEED, orders=150, teams=200, days=14)


@pytest.fixture(scope="session")
def whole() -> County:
    """The seeds' county-year, as the command runs it unless told otherwise."""
    return generate(DEFAULT_SEED)


@pytest.fixture
def habits() -> Habits:
    return Habits()
