"""`sidan verify` finds nothing after the house has done its work, and finds each damage by its own rule.

Damage is planted with the guards off, as a bug in a migration, a restore or an intruder would: SQLite without
foreign keys and CHECKs, PostgreSQL with its triggers asleep and the constraint dropped.
"""

import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from app import clock, migrations
from app.db import Database, create_engine
from app.domain.lifecycle import OrderStatus
from app.models.organisation import Organisation
from app.services.verify import FIXED, counted, doubt, verify
from app.services.verifying import constraints, credited, receipts, stays
from app.services.verifying.violations import SHOWN, Check, broken
from tests.conftest import ENGINES, built, client_of, new_url
from tests.factories import NOW
from tests.postgres import Server
from tests.stories import Story, tell


@dataclass
class Scene:
    """A story that is over, and a copy of its database to break."""

    story: Story
    database: Database

    @property
    def file(self) -> str:
        return self.database.engine.url.database or ""


@pytest.fixture(scope="module", params=ENGINES)
async def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Story, URL, Database]]:
    """The story, the address of its database, to which nobody is connected any more, and one for copies."""
    folder = tmp_path_factory.mktemp("told")
    url = new_url(request.param, request, folder)
    house = await built(url, folder)
    with clock.at(NOW):
        async with client_of(house) as client:
            story = await tell(house, client)
    await house.close()
    broken = Database(create_engine(new_url(request.param, request, folder), keyring=house.database.keyring))
    yield story, make_url(url), broken
    await broken.dispose()


@pytest.fixture
async def scene(told: tuple[Story, URL, Database], request: pytest.FixtureRequest) -> Scene:
    """Each test gets the story afresh, through one engine that has the statements compiled."""
    story, url, broken = told
    scene = Scene(story, broken)
    await broken.dispose()
    if broken.postgresql:
        server: Server = request.getfixturevalue("server")
        master = create_engine(server.url(), pool=1)
        async with master.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.exec_driver_sql(f"DROP DATABASE {scene.file}")
        await master.dispose()
        server.create(scene.file, template=url.database)
    else:
        for path in Path(scene.file).parent.glob(Path(scene.file).name + "*"):
            path.unlink()
        shutil.copy(url.database or "", scene.file)
    return scene


async def damage(scene: Scene, *sql: str) -> None:
    """Run these with every guard off that the engine lets one switch off."""
    if scene.database.postgresql:
        async with scene.database.engine.begin() as connection:
            await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement in sql:
                await connection.exec_driver_sql(statement)
        return
    with closing(sqlite3.connect(scene.file, timeout=0)) as raw, raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for statement in sql:
            raw.execute(statement)


async def test_a_center_at_work_is_sound(scene: Scene) -> None:
    assert await verify(scene.database) == []
    assert set(OrderStatus) <= set(scene.story.orders), "an order in every state was there to be doubted"
    async with scene.database.transaction() as session:
        states = await session.exec(text("SELECT DISTINCT status FROM service_order"))  # type: ignore[call-overload]
        assert {row[0] for row in states} == set(OrderStatus)
    sizes = await counted(scene.database)
    assert sizes["service_order"] == len(scene.story.orders) - 1
    assert sizes["points_entry"] == 2 * 2 * 3


DAMAGE: dict[str, list[str]] = {}
for line in (Path(__file__).parent / "damage.sql").read_text("utf-8").splitlines():
    if heading := re.fullmatch(r"-- (\w+)", line):
        DAMAGE[heading[1]] = []
    elif line and not line.startswith("--"):
        DAMAGE[list(DAMAGE)[-1]].append(line)


def sealed(story: Story) -> str:
    """A receipt that does not come out, as it would stand in the database."""
    database = story.district.house.database
    receipt = b'{"formula": "10f1", "weights_version": "10f1-0"}'
    kept = database.keyring.seal(receipt, b"offer.receipt").hex()
    return f"'\\x{kept}'" if database.postgresql else f"x'{kept}'"


def statements(story: Story, *rules: str) -> list[str]:
    """The SQL that breaks `rules`, about the people and orders of `story`."""
    district = story.district
    ids = {name: person.id.hex for name, person in district.people.items()} | story.orders
    ids |= {
        name: getattr(district, name).id.hex
        for name in ("team", "other_team", "station", "office", "cleaning", "rescue")
    }
    ids["nobody"] = uuid4().hex
    sql = "\n".join(line for rule in rules for line in DAMAGE[rule])
    meant = re.sub(
        r":([a-z_]+)", lambda found: f"'{ids[found[1]]}'" if found[1] in ids else sealed(story), sql
    )
    return meant.strip(";").split(";\n")


@pytest.fixture(scope="module")
async def ruins(
    told: tuple[Story, URL, Database],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[AsyncEngine]:
    """Connections to one more copy of the story, with the guards off: what is broken there is taken back."""
    story = told[1].database or ""
    if told[2].postgresql:
        url = request.getfixturevalue("server").create(f"{story}_ruins", template=story)
        engine = migrations.engine(url)
    else:
        copied = shutil.copy(story, tmp_path_factory.mktemp("ruins"))
        engine = migrations.engine(f"sqlite+aiosqlite:///{copied}")
        ignore = "PRAGMA ignore_check_constraints = ON"
        event.listen(engine.sync_engine, "connect", lambda connection, _: connection.execute(ignore))
    yield engine
    await engine.dispose()


@pytest.mark.parametrize("rule", DAMAGE)
async def test_damage_is_found_by_its_own_rule(
    told: tuple[Story, URL, Database], ruins: AsyncEngine, rule: str
) -> None:
    async with ruins.connect() as connection, AsyncSession(connection) as session:
        if ruins.dialect.name == "postgresql":
            await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            if rule.startswith("ck_"):
                await connection.exec_driver_sql(f"ALTER TABLE service_order DROP CONSTRAINT {rule}")
        for statement in statements(told[0], rule):
            await connection.exec_driver_sql(statement)
        found = await doubt(session)
        await connection.rollback()
    assert {violation.rule for violation in found} == {rule}, found
    assert all(violation.subject and violation.text for violation in found)


def test_every_rule_has_its_damage() -> None:
    written = {check.rule for check in (*FIXED, *credited.checks({}), *stays.checks({}))}
    assert written | {"policy_valid", receipts.RULE} == {
        rule for rule in DAMAGE if not rule.startswith(("fk_", "ck_", "uq_"))
    }


def test_every_promise_of_the_schema_is_a_rule() -> None:
    rules = [check.rule for check in constraints.checks()]
    assert len(rules) == len(set(rules))
    assert {
        "fk_media_order_id",
        "ck_attendance_proof_or_word",
        "uq_attendance_open",
        "uq_offer_accepted",
    } < set(rules)
    assert {rule[:3] for rule in rules} == {"fk_", "ck_", "uq_"}


async def test_a_ruin_is_counted_but_not_listed(scene: Scene) -> None:
    """Every event's actor at fault: SHOWN lines, then one that says how many more there are."""
    await damage(scene, "UPDATE order_event SET actor_role = 'auditor'")
    found = await verify(scene.database)
    assert len(found) == SHOWN + 1
    events = (await counted(scene.database))["order_event"]
    assert found[-1].subject == "order_event"
    assert found[-1].text == f"另有 {events - SHOWN} 处，未逐一列出"


async def test_a_raised_cap_and_a_raised_grace_are_heeded(scene: Scene) -> None:
    """What the policy of the place, or of one above it, allows is no violation."""
    await damage(scene, *statements(scene.story, "credit_cap", "minutes_verified"))
    broken = {violation.rule for violation in await verify(scene.database)}
    assert broken == {"credit_cap", "minutes_verified"}
    async with scene.database.transaction() as session:
        office = await session.get_one(Organisation, scene.story.district.office.id)
        office.policy = {"points": {"cap_per_order": 700}, "attendance": {"grace_minutes": 240}}
    assert await verify(scene.database) == []


async def test_verifying_looks_at_one_instant(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is broken while it looks is not seen by half: on PostgreSQL not at all, on SQLite it has to wait."""
    kept_out = []

    async def broken_late(session: AsyncSession, checks: Sequence[Check]) -> list[Check]:
        try:
            await damage(scene, *statements(scene.story, "balance_cached"))
        except sqlite3.OperationalError as error:
            kept_out.append(str(error))
        return await broken(session, checks)

    monkeypatch.setattr("app.services.verify.broken", broken_late)
    assert await verify(scene.database) == []
    monkeypatch.undo()
    after = [violation.rule for violation in await verify(scene.database)]
    assert (after, kept_out) == (
        (["balance_cached"], []) if scene.database.postgresql else ([], ["database is locked"])
    )
