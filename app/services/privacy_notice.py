"""告知: what is agreed to, in the words of a place, made of what the columns say of themselves (PIPL Art. 17)."""

from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.trust import RetentionPolicy
from app.models.consent import Purpose
from app.models.organisation import Organisation
from app.models.personal import Category, Kept, Personal
from app.services import organisations, terms
from app.services.access import center_of
from app.services.consent_keeping import PURPOSE_ZH
from app.services.policies import policy_at

CATEGORY_ZH = {
    Category.IDENTITY: "身份信息",
    Category.CONTACT: "联系方式",
    Category.PLACE: "地址与位置",
    Category.SENSITIVE: "敏感个人信息",
    Category.ACCOUNT: "账号信息",
    Category.CONDUCT: "操作记录",
    Category.WORDS: "所写的文字",
}
WHEN_REFUSED = {
    Purpose.SERVICE: "不同意则不能点单",
    Purpose.SENSITIVE: "不同意仍可点单，只是不能填写本人的情形",
    Purpose.LOCATION: "不同意仍可服务，时长由队长补录",
    Purpose.PUBLICITY: "不同意不影响任何服务",
}
RIGHTS = (
    "查看与导出：GET /me/export，包括谁看过您的联系方式",
    "更正：PATCH /me；订单办结前可更正联系人和地址",
    "撤回同意：DELETE /me/consents/{purpose}，此前已做的处理不受影响",
    "注销账号：DELETE /me；服务记录依法保存，此外不再使用",
    "自动排序：派单时的队伍排序由程序给出建议，可以要求说明，也可以请工作人员决定",
)


async def show(session: AsyncSession, organisation_id: UUID) -> dict[str, Any]:
    """The shape of schemas.consent.PrivacyNoticeOut. Raises NotFound."""
    place = await organisations.get(session, organisation_id)
    center = center_of(place.path)
    handler = (await session.exec(select(Organisation).where(col(Organisation.path) == center))).one()
    policy, days = await policy_at(session, place.path), await terms.numbers(session, center)
    return {
        "organisation_id": place.id,
        "version": policy.privacy.version,
        "handler": handler.name,
        "handler_phone": handler.phone,
        "purposes": [
            {
                "purpose": one,
                "text": PURPOSE_ZH[one],
                "needed": one is Purpose.SERVICE and policy.privacy.consent_needed,
                "when_refused": WHEN_REFUSED[one],
            }
            for one in Purpose
        ],
        "data": [
            {"category": CATEGORY_ZH[one.category], "purpose": one.purpose, "kept": kept(one.kept, *days)}
            for one in inventory()
        ],
        "rights": list(RIGHTS),
    }


def inventory() -> list[Personal]:
    """Every category and purpose once, in the order of their categories."""
    told = {
        column.info["personal"]
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if "personal" in column.info
    }
    ranked = list(Category)
    return sorted(told, key=lambda one: (ranked.index(one.category), one.purpose, one.kept))


def kept(until: Kept, days: RetentionPolicy, whole: RetentionPolicy) -> str:
    """Until when: in the numbers of a center, and of what belongs to none (services/terms.py)."""
    years = whole.record_years
    return {
        Kept.ACCOUNT: "至注销账号",
        Kept.NAMED: f"至注销账号；服务过的，注销后再存{years}年",
        Kept.SERVICE: f"作为服务记录长期保存；本人注销满{years}年后不再写明是谁",
        Kept.CONTACT: f"订单结束后{days.contact_days}天",
        Kept.RECORD: f"订单结束后{days.record_years}年",
        Kept.PROOF: f"队伍停用或资格失效后{years}年，撤下该专长即删除",
        Kept.WITHDRAWN: f"撤回后{years}年（注销即撤回）",
        Kept.NOTICE: f"{days.notice_days}天",
        Kept.ANSWER: "48小时",
        Kept.GUESS: "1天",
        Kept.TOKEN: "失效后30天",
        Kept.SECURITY: f"{whole.audit_days}天",
        Kept.INSTALLED: "至撤销该项推送",
    }[until]
