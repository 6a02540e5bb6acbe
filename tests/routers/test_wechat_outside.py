"""WeChat is asked while nobody waits for it: no connection of the database is taken meanwhile."""

from dataclasses import replace

from app.db import Database
from app.house import House
from app.models.base import new_id
from app.wechat.fake import FakeWeChat
from app.wechat.port import WeChatIdentity
from tests.conftest import client_of
from tests.factories import District


class Watching(FakeWeChat):
    """The development double, counting the connections in use at each question."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.taken: list[str] = []

    async def code_to_session(self, code: str) -> WeChatIdentity:
        self.taken.append(self.database.engine.pool.status())
        return await super().code_to_session(code)

    async def phone_number(self, code: str) -> str:
        self.taken.append(self.database.engine.pool.status())
        return await super().phone_number(code)


async def test_no_transaction_waits_for_wechat(house: House, district: District) -> None:
    wechat = Watching(house.database)
    headers = district.as_("resident", key=new_id().hex)
    async with client_of(replace(house, wechat=wechat)) as client:
        assert (await client.post("/auth/wechat", json={"code": f"demo:{new_id().hex}"})).status_code == 200
        for _ in range(2):
            answer = await client.post("/me/phone", json={"code": "phone:13911112222"}, headers=headers)
            assert answer.status_code == 200
    assert len(wechat.taken) == 2, "a repeated call must not spend WeChat's code again"
    assert all("Current Checked out connections: 0" in taken for taken in wechat.taken), wechat.taken
