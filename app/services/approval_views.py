"""What was asked and decided, as it is shown: with whose names, masked."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.discretion import masked_name
from app.models.approval import Approval
from app.schemas.approval import ApprovalOut
from app.services import people


async def shown(session: AsyncSession, rows: Sequence[Approval]) -> list[ApprovalOut]:
    ids = {one for row in rows for one in (row.asked_by_id, row.decided_by_id) if one is not None}
    names = {one.id: masked_name(one.name) for one in (await people.by_id(session, ids)).values()}
    return [
        ApprovalOut(
            **row.model_dump(exclude={"wanted_hash"}),
            asked_by=names[row.asked_by_id],
            decided_by=names[row.decided_by_id] if row.decided_by_id else None,
        )
        for row in rows
    ]
