"""The audit trail fits link by link: walked through, not asked of the database."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.services import audit_chain
from app.services.verifying.violations import Violation

RULE = "audit_chain"


async def broken(session: AsyncSession) -> list[Violation]:
    """The first entry that was changed, removed, inserted or moved; what follows it proves nothing any more."""
    found = await audit_chain.check(session)
    if found is None:
        return []
    named = f"audit_entry {found.entry_id}" if found.entry_id else "audit_entry"
    return [Violation(RULE, named, f"审计链第 {found.seq} 条：{found.text}")]
