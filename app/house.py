"""What one process holds: settings and the handles to the database, WeChat and the media store.

Nothing in here is state that another process would miss: a second process builds its own and agrees. The
catalogue is a cache whose staleness the database itself refuses.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db import Database, create_engine
from app.services.catalogue import Catalogue
from app.services.live import Live
from app.services.tokens import Tokens
from app.settings import Settings
from app.sms.client import HttpSms
from app.sms.fake import FakeSms
from app.sms.port import Sms
from app.storage.local import LocalStore
from app.storage.port import MediaStore
from app.webhooks.client import Hooks
from app.wechat.client import HttpWeChat
from app.wechat.fake import FakeWeChat
from app.wechat.port import WeChat


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    database: Database
    tokens: Tokens
    catalogue: Catalogue
    live: Live
    wechat: WeChat
    sms: Sms | None
    hooks: Hooks
    store: MediaStore

    async def close(self) -> None:
        await self.live.aclose()
        await self.wechat.aclose()
        if self.sms is not None:
            await self.sms.aclose()
        await self.database.dispose()


def build(settings: Settings) -> House:
    """No connection is opened here: an engine and a client connect when first used."""
    database = Database(*_engines(settings))
    return House(
        settings=settings,
        database=database,
        tokens=Tokens(settings),
        catalogue=Catalogue(database),
        live=Live(database, settings.duties),
        wechat=_wechat(settings),
        sms=_sms(settings),
        hooks=Hooks(inside=settings.webhooks_inside),
        store=LocalStore(settings.media_root),
    )


def _engines(settings: Settings) -> Iterator[AsyncEngine]:
    """That of the database, and that of its standby if there is one."""
    for url in filter(None, (settings.database_url, settings.replica_url)):
        yield create_engine(url, settings.database_pool, settings.keyring, settings.patience)


def _wechat(settings: Settings) -> WeChat:
    if settings.wechat == "fake":
        return FakeWeChat()
    secret = settings.wechat_secret.get_secret_value()
    return HttpWeChat(settings.wechat_appid, secret, settings.wechat_url, httpx.AsyncClient())


def _sms(settings: Settings) -> Sms | None:
    match settings.sms:
        case "off":
            return None
        case "fake":
            return FakeSms()
        case "http":
            return HttpSms(settings.sms_url, settings.sms_secret.get_secret_value())
