"""How long the trail is kept: one chain holds the entries of all places, so the most careful decides for all."""

from datetime import datetime, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.policy import effective
from app.domain.trust import RetentionPolicy
from app.models.organisation import Organisation
from app.services.access import ancestors
from app.services.columns import columns


async def oldest(session: AsyncSession, at: datetime) -> datetime:
    """What is older may go at `at`: never what is younger than half a year (网络安全法 Art. 21)."""
    found = await columns(session, select(Organisation.path, Organisation.policy))
    policies = {row.path: row.policy for row in found}
    asking = [path for path, policy in policies.items() if policy or path.count("/") == 2]
    days = [
        effective(policies.get(above, {}) for above in ancestors(path)).retention.audit_days
        for path in asking
    ]
    return at - timedelta(days=max(days, default=RetentionPolicy().audit_days))
