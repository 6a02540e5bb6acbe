"""The `sidan` command, called in this process: it does what it says, and every refusal is one sentence."""

import asyncio
import socket
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.clock import now
from app.db import Database, create_engine
from app.domain.sheet import mark
from app.migrations import Standing
from app.models.approval import Approval, ApprovalKind, ApprovalState
from app.models.base import new_id
from app.models.organisation import Organisation
from app.models.person import Person
from app.origin import Origin, origin
from app.services import auditing
from app.services.access import Actor
from app.settings import settings
from tests.command import Command, embedded, sidan

assert sidan
assert embedded

FIT = {
    "SIDAN_ENV": "production",
    "SIDAN_SECRET": "a secret for tests, long enough to be one",
    "SIDAN_DATA_KEY": "a key for tests that seals the personal data",
    "SIDAN_INDEX_KEY": "a key for tests by which sealed data is found",
    "SIDAN_WECHAT": "http",
    "SIDAN_WECHAT_APPID": "wx0000000000000000",
    "SIDAN_WECHAT_SECRET": "not a real one",
}


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "verify", "openapi"])
def test_unfit_settings_are_named_and_not_shown(embedded: Command, command: str) -> None:
    embedded.set(SIDAN_ENV="production", SIDAN_SECRET="too-short-to-be-secret")
    said = embedded.refused(command)
    assert "SIDAN_SECRET" in said
    assert "too-short" not in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SIDAN_TICK_SECONDS", "often"), ("SIDAN_DATABASE_POOL", "0"), ("SIDAN_WECHAT", "http")],
)
def test_each_variable_at_fault_is_named(embedded: Command, variable: str, value: str) -> None:
    embedded.set(**{variable: value})
    assert variable in embedded.refused("serve")


def test_an_address_that_is_none(embedded: Command) -> None:
    embedded.set(DATABASE_URL="my-database:secret")
    said = embedded.refused("serve")
    assert "DATABASE_URL" in said
    assert "secret" not in said


@pytest.mark.parametrize("command", ["worker", "migrate", "verify"])
def test_a_database_that_does_not_answer(embedded: Command, command: str) -> None:
    embedded.set(DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/nowhere", SIDAN_START_SECONDS="0")
    said = embedded.refused(command)
    assert "数据库连接不上" in said
    assert "secret" not in said


@pytest.mark.parametrize("command", ["serve", "worker", "verify"])
def test_production_never_migrates_by_itself(sidan: Command, command: str) -> None:
    sidan.set(**FIT)
    port = ["--port", "0"] if command == "serve" else []
    assert "sidan migrate" in sidan.refused(command, *port)
    assert sidan.standing() is Standing.EMPTY


def test_sqlite_has_one_process(embedded: Command) -> None:
    assert "PostgreSQL" in embedded.refused("serve", "--workers", "2")
    assert not Path(embedded.url.partition("///")[2]).exists()


def test_a_taken_port_is_known_before_anything_is_done(embedded: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in embedded.refused("serve", "--port", port)
    assert not Path(embedded.url.partition("///")[2]).exists()


def test_migrating_there_and_back(sidan: Command) -> None:
    for _ in range(2):
        assert sidan("migrate").exit_code == 0
        assert sidan.standing() is Standing.CURRENT
    assert sidan("verify").exit_code == 0
    assert sidan("migrate", "--down", answer="n\n").exit_code == 1
    assert sidan.standing() is Standing.CURRENT
    while sidan.standing() is not Standing.EMPTY:
        assert sidan("migrate", "--down", "--yes").exit_code == 0
        assert sidan.standing() in {Standing.BEHIND, Standing.EMPTY}


def test_the_demonstration_is_loaded_once_and_never_in_production(sidan: Command) -> None:
    assert "青禾区" in sidan("migrate", "--demo").stdout
    assert "青禾区" not in sidan("migrate", "--demo").stdout
    sidan.set(**FIT)
    assert "生产环境" in sidan.refused("migrate", "--demo")


FOUND = ["found", "xinxian", "新县中心", "--lat", "28.2", "--lon", "112.9", "--admin", "xinxian_admin"]
FOUND += ["--security", "xinxian_security", "--security-password", "Quite-long-2026"]
PASSWORD = "Long-enough-2026"


async def exported(url: str) -> UUID:
    """The id of a file that the only administrator asked for and fetched."""
    database = Database(create_engine(url, keyring=settings().keyring))
    async with database.transaction() as session:
        person = (await session.exec(select(Person).where(Person.username == "xinxian_admin"))).one()
        place = (await session.exec(select(Organisation))).one()
        wanted = {"kind": "volunteers", "organisation_id": str(place.id), "reason": "报送名册"}
        asked = Approval(
            kind=ApprovalKind.EXPORT,
            state=ApprovalState.SPARED,
            org_path=place.path,
            wanted=wanted,
            reason="报送名册",
            asked_by_id=person.id,
            expires_at=now(),
        )
        session.add(asked)
        origin.set(Origin("203.0.113.9"))
        auditing.record(session, Actor(person.id), "export_file_get", object_id=asked.id, data={"rows": 5})
    await database.dispose()
    return asked.id


def test_a_center_is_founded_from_the_terminal(sidan: Command) -> None:
    assert "sidan migrate" in sidan.refused(*FOUND, "--password", PASSWORD)
    sidan("migrate")
    assert sidan(*FOUND, answer="short\nshort\n").exit_code == 1
    founded = sidan(*FOUND, answer=f"{PASSWORD}\n{PASSWORD}\n")
    assert founded.exit_code == 0, founded.output
    assert "xinxian_admin" in founded.stdout
    assert "xinxian_security" in founded.stdout
    assert PASSWORD not in founded.output
    assert sidan("verify").exit_code == 0
    again = ("recover", "xinxian_admin", "--password")
    assert "xinxian_admin" in sidan(*again, "Another-one-2026").stdout
    assert "没有这个人" in sidan.refused("recover", "nobody", "--password", "Another-one-2026")
    assert "猜到" in sidan.refused(*again, "Passw0rd-2026")
    export = asyncio.run(exported(sidan.url))
    traced = sidan("mark", f"{mark(export.hex, 7)},张阿婆,13800000001")
    assert traced.exit_code == 0, traced.output
    for told in (export.hex, "/xinxian/", "报送名册", "203.0.113.9", "共 5 行，没有第 7 行"):
        assert told in traced.stdout
    assert "没有以此结尾" in sidan.refused("mark", mark(new_id().hex, 7))
    assert "没有导出标记" in sidan.refused("mark", "张阿婆,13800000001")
    assert sidan("verify").exit_code == 0
    assert "已有使用这个代码的中心" in sidan.refused(*FOUND, "--password", PASSWORD)
    assert "不在国内" in sidan.refused(*FOUND, "--password", PASSWORD, "--lat", "91")
    assert "code" in sidan.refused("found", "新县", *FOUND[2:], "--password", PASSWORD)


def test_verify_names_the_damage(sidan: Command) -> None:
    sidan("migrate", "--demo")
    assert sidan("verify").exit_code == 0
    asyncio.run(damage(sidan.url))
    result = sidan("verify")
    assert result.exit_code == 1
    assert "points_account" in result.stderr


async def damage(url: str) -> None:
    """Points that no entry of the ledger accounts for."""
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO points_account (id, created_at, center_id, person_id, balance)"
                " SELECT o.id, o.created_at, o.id, p.id, 5 FROM organisation o, person p"
                " WHERE o.parent_id IS NULL AND p.wechat_openid = 'demo-resident_zhang'"
            )
        )
    await engine.dispose()


@pytest.mark.parametrize("command", ["openapi", "lifecycle"])
def test_a_file_made_from_code_is_written_and_compared(
    embedded: Command, command: str, tmp_path: Path
) -> None:
    file = tmp_path / "made" / "file"
    assert "file" in embedded.refused(command, "--check", "--file", str(file))
    assert embedded(command, "--file", str(file)).exit_code == 0
    assert embedded(command, "--check", "--file", str(file)).exit_code == 0
    file.write_text(file.read_text("utf-8").replace("order", "Order", 1), "utf-8")
    assert "file" in embedded.refused(command, "--check", "--file", str(file))
