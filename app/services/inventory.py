"""The inventory of personal data, made of what the columns say of themselves: docs/privacy.md (PIPL Art. 51)."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, Table
from sqlmodel import SQLModel

from app.domain.roles import GRANTS, Permission, Role
from app.domain.trust import RetentionPolicy
from app.models.personal import Personal
from app.sealing import Hashed, Sealed
from app.services.privacy_notice import CATEGORY_ZH, kept

TABLES_ZH: Final = {
    "absence": "爽约",
    "approval": "双人审批",
    "attendance": "签到签退",
    "audit_entry": "审计日志",
    "beneficiary": "代点单的服务对象",
    "complaint": "反映的问题",
    "content_check": "内容审核",
    "crew_member": "服务名单",
    "data_consent": "个人信息同意书",
    "delivery": "结项",
    "follow_up": "回访",
    "idempotency_record": "网络中断时的备份回答",
    "media": "图片",
    "notification": "消息",
    "offer": "派单",
    "order_event": "订单进展",
    "person": "人员",
    "points_account": "积分账户",
    "points_entry": "积分明细",
    "recovery_code": "二次验证的备用码",
    "recurring_exception": "长期点单的例外",
    "recurring_order": "长期点单",
    "refresh_token": "登录凭证",
    "reveal": "查看联系方式的记录",
    "review": "评价",
    "role_grant": "角色",
    "service_order": "订单",
    "sign_in": "登录的设备",
    "sign_in_attempt": "猜测密码的次数",
    "subscription": "微信消息订阅",
    "team_block": "不再派给",
    "team_member": "队伍成员",
    "team_specialty": "队伍的专长",
    "volunteer": "志愿者",
    "volunteer_specialty": "志愿者的专长",
    "webhook": "对外推送",
    "whistle": "吹哨",
}
ROLES_ZH: Final = {
    Role.RESIDENT: "居民（自己的订单）",
    Role.VOLUNTEER: "志愿者（自己参加的服务）",
    Role.TEAM_LEADER: "队长（本队的订单）",
    Role.GRID_WORKER: "网格员",
    Role.DISPATCHER: "调度员",
    Role.ORG_ADMIN: "系统管理员",
    Role.SUPERVISOR: "督导",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDITOR: "审计员",
}
SEEN_ZH: Final = {
    Permission.ORDERS_READ: "订单（联系方式遮盖）",
    Permission.CONTACTS_READ: "完整联系方式（写明理由，留痕）",
    Permission.PEOPLE_READ: "查找人员",
    Permission.CONTENT_REVIEW: "待审的文字",
    Permission.POINTS_READ: "积分",
    Permission.EXPORTS_MAKE: "导出（双人审批）",
    Permission.AUDIT_READ: "审计日志",
}
PLAIN_WHY: Final = (
    ("标题、类别、所需专长", "列表、消息和实时推送都要用；标题里不得填写电话或身份证号，系统会拒绝。"),
    ("微信 openid、unionid，用户名", "登录时按它查人，且须唯一；openid 只在本小程序内有意义。日志里不出现。"),
    ("密码", "只存 Argon2id 摘要，无人能还原；登录凭证、备用码只存摘要。"),
    ("志愿者的性别、语言、专长，居民对此的希望", "配单时由数据库筛选。"),
    ("服务时间、时长、评分、积分、签到的时刻与偏差标记", "由数据库统计、核对；签到的位置是加密的。"),
    ("订单进展中的附加数据", "只有编号、时间和数量；写下的理由另列，是加密的。"),
    (
        "图片",
        "文件在媒体目录，不在数据库；上传时除去拍摄位置等附加信息，目录所在磁盘应由主机加密；一个月没有用于订单的即删除。",
    ),
    ("服务对象的识别码", "带密钥的摘要，只能认出是不是同一人。"),
)


def page() -> str:
    """Markdown, in Chinese: for the people concerned and for whoever answers for their data."""
    return "\n".join([*_opening(), *_tables(), *_plain(), *_seen(), ""])


def personal_columns(table: Table) -> list[tuple[Column[Any], Personal]]:
    """Those that tell of a person, in the order of the table."""
    return [(column, column.info["personal"]) for column in table.columns if "personal" in column.info]


def kept_as(column: Column[Any]) -> str:
    match column.type:
        case Sealed():
            return "加密"
        case Hashed():
            return "带密钥的摘要"
    return (
        "摘要" if column.name in {"digest", "password_hash", "beneficiary_key", "key", "sha256"} else "明文"
    )


def _opening() -> Iterator[str]:
    yield "# 个人信息清单"
    yield ""
    yield "本页由 `sidan privacy` 按数据库各列的说明写出，不要手工修改。它告诉服务对象、志愿者和工作人员：系统里"
    yield "有哪些关于您的信息，为什么要有，保存多久，怎样保存，谁看得见（个人信息保护法第 6、17、19、51 条）。"
    yield ""
    yield "- **加密**：AES-256-GCM，逐项加密；没有密钥，偷走数据库或备份也读不到。换密钥用 `sidan keys rotate`。"
    yield "- **带密钥的摘要**：HMAC-SHA256，只能用来查“是不是同一个”，不能还原。"
    yield "- **敏感个人信息**（健康与生活状况、行踪、证件）须单独同意，可以随时撤回。"
    yield "- 日期为默认值，县级中心可以在规定的范围内另定；法律要求保存的服务记录，注销后封存，不作他用。"
    yield "- **到期**：由每天的任务清空或删除，是否真的清除由自动测试逐列核对。备份里的副本随备份过期而消失"
    yield "  （至多再留一年）；从备份恢复后，当天的任务会再清除一次。"


def _tables() -> Iterator[str]:
    for name, zh in sorted(TABLES_ZH.items(), key=lambda one: one[1] != "人员"):
        columns = personal_columns(SQLModel.metadata.tables[name])
        yield from ("", f"## {zh} `{name}`", "", "| 列 | 类别 | 用途 | 保存多久 | 保存方式 |")
        yield "| --- | --- | --- | --- | --- |"
        for column, told in columns:
            until, sort = kept(told.kept, RetentionPolicy(), RetentionPolicy()), CATEGORY_ZH[told.category]
            yield f"| `{column.name}` | {sort} | {told.purpose} | {until} | {kept_as(column)} |"


def _plain() -> Iterator[str]:
    yield from ("", "## 没有加密的，和原因", "")
    for what, why in PLAIN_WHY:
        yield f"- **{what}**：{why}"


def _seen() -> Iterator[str]:
    yield from ("", "## 谁看得见什么", "")
    yield "每个角色只在自己的组织及其下级、自己的队伍或自己的订单范围内；看见完整联系方式只在接单之后、办结之前，"
    yield "每次都写明理由、留下记录，点单人看得到谁看过。"
    yield ""
    yield f"| 角色 | {' | '.join(SEEN_ZH.values())} |"
    yield f"| --- |{' --- |' * len(SEEN_ZH)}"
    for role, zh in ROLES_ZH.items():
        marks = ("是" if permission in GRANTS[role] else "" for permission in SEEN_ZH)
        yield f"| {zh} | {' | '.join(marks)} |"
