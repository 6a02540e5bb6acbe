"""Who must decide is told that something waits, and who asked what came of it: in the inbox, and on the phone.

A notice names the kind of thing, and neither person nor reason: a phone shows it to whoever looks over a shoulder.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.models.approval import Approval, ApprovalKind
from app.models.notification import Notification

TITLES = {
    ApprovalKind.GRANT: "授予管理角色",
    ApprovalKind.EXPORT: "导出个人信息",
    ApprovalKind.MINOR: "查看未成年人联系方式",
}


async def tell(session: AsyncSession, approval: Approval, kind: Reminder, people: Iterable[UUID]) -> None:
    """`kind` to each of `people`, once."""
    at = now()
    for person_id in people:
        notice = Notification(
            created_at=at,
            due_at=at,
            send_at=at,
            person_id=person_id,
            kind=kind.value,
            data={"title": TITLES[approval.kind], "reason": "", "audience": Audience.STAFF.value},
            dedupe_key=f"{approval.id.hex}:{kind}:{person_id.hex}",
        )
        await insert_new(session, notice)
