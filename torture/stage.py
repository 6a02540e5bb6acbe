"""What a run stands on: a database of its own, WeChat on a socket, the moved clock, and the environment of all."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import text

from app import migrations
from app.house import House, build
from app.settings import Settings
from tests.postgres import Server
from tests.wechat.imitation import APPID
from tests.wechat.imitation import SECRET as APP_SECRET
from torture.checks.messages import PAGE, TEMPLATE_IDS
from torture.offset import Offset
from torture.wechat import BadLine

SECRET = "a secret for the fault test, long enough to be one"
TICK_SECONDS = 0.5
TEMPLATE = "torture_migrated"


@dataclass
class Stage:
    house: House
    offset: Offset
    wechat: BadLine
    environment: dict[str, str]


async def migrate(server: Server) -> None:
    """Make the empty database, migrated as an installation is, of which each run gets a copy."""
    await migrations.upgrade(server.create(TEMPLATE))


@asynccontextmanager
async def staged(server: Server, folder: Path, wechat: BadLine, sql: str = "") -> AsyncIterator[Stage]:
    """A migrated database, in which `sql` was run, and what a process needs to work on it. After `migrate`."""
    url = server.create(f"torture_{uuid4().hex}", template=TEMPLATE)
    house = build(Settings(DATABASE_URL=url, secret=SecretStr(SECRET), media_root=folder / "media"))
    offset = Offset(folder / "clock")
    async with wechat:
        try:
            async with house.database.engine.begin() as connection:
                for statement in filter(None, sql.split(";")):
                    await connection.execute(text(statement))
            environment = {
                "DATABASE_URL": url,
                "SIDAN_ENV": "development",
                "SIDAN_SECRET": SECRET,
                "SIDAN_MEDIA_ROOT": str(folder / "media"),
                "SIDAN_WORKER_INSIDE": "false",
                "SIDAN_TICK_SECONDS": str(TICK_SECONDS),
                "SIDAN_CLOCK_FILE": str(offset.file),
                "SIDAN_RATES": "off",
                "SIDAN_WECHAT": "http",
                "SIDAN_WECHAT_APPID": APPID,
                "SIDAN_WECHAT_SECRET": APP_SECRET,
                "SIDAN_WECHAT_TEMPLATES": json.dumps(TEMPLATE_IDS),
                "SIDAN_WECHAT_PAGE": PAGE,
                "SIDAN_WECHAT_URL": wechat.url,
            }
            yield Stage(house, offset, wechat, environment)
        finally:
            await house.close()
            offset.close()
