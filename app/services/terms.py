"""Until when what is kept is kept: the numbers of each center, and of what belongs to none.

They are the center's alone (domain/policy.py OF_CENTER). Who signed in, who looked, and the one chain of the audit
trail belong to no center: there the most careful of all decides. Nothing asks for old notices: the shortest does.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.policy import Policy, effective
from app.domain.trust import RetentionPolicy
from app.models.organisation import Organisation
from app.services.access import ancestors, center_of
from app.services.columns import columns

YEAR = timedelta(days=365.25)


@dataclass(frozen=True, slots=True)
class Center:
    """One center, and since when its rows are too old at the instant of the run."""

    path: str
    contacts: datetime
    notices: datetime
    records: datetime


@dataclass(frozen=True, slots=True)
class Whole:
    """The same of what belongs to no center. `trail` is never younger than half a year (网络安全法 Art. 21)."""

    notices: datetime
    trail: datetime
    records: datetime


async def centers(session: AsyncSession, at: datetime) -> list[Center]:
    """Every center, by its path."""
    decided = await _policies(session)
    return [_center(path, _own(decided[path]), at) for path in sorted(decided)]


async def whole(session: AsyncSession, at: datetime) -> Whole:
    """That of all centers together."""
    days = _whole([_own(policies) for policies in (await _policies(session)).values()])
    return Whole(
        notices=at - timedelta(days=days.notice_days),
        trail=at - timedelta(days=days.audit_days),
        records=at - days.record_years * YEAR,
    )


async def numbers(session: AsyncSession, center: str) -> tuple[RetentionPolicy, RetentionPolicy]:
    """The numbers of the center with this path, and those of what belongs to none."""
    own = {path: _own(policies) for path, policies in (await _policies(session)).items()}
    return own[center], _whole(list(own.values()))


async def _policies(session: AsyncSession) -> dict[str, list[Policy]]:
    """By center, its own first: of every place that changes something."""
    found = await columns(session, select(Organisation.path, Organisation.policy))
    set_at = {row.path: row.policy for row in found}
    decided: dict[str, list[Policy]] = defaultdict(list)
    for path in sorted(set_at):
        center = center_of(path)
        if set_at[path] or path == center:
            decided[center].append(effective(set_at.get(above, {}) for above in ancestors(path)))
    return decided


def _own(policies: Sequence[Policy]) -> RetentionPolicy:
    """Contacts stay as long as an order of any of its places may still be reopened, whatever the center says."""
    kept = policies[0].retention
    reopened = max(policy.times.reopen_days + 1 for policy in policies)
    return kept.model_copy(update={"contact_days": max(kept.contact_days, reopened)})


def _whole(own: Sequence[RetentionPolicy]) -> RetentionPolicy:
    all_of_them = own or [RetentionPolicy()]
    return RetentionPolicy(
        notice_days=min(one.notice_days for one in all_of_them),
        audit_days=max(one.audit_days for one in all_of_them),
        record_years=max(one.record_years for one in all_of_them),
    )


def _center(path: str, kept: RetentionPolicy, at: datetime) -> Center:
    return Center(
        path=path,
        contacts=at - timedelta(days=kept.contact_days),
        notices=at - timedelta(days=kept.notice_days),
        records=at - kept.record_years * YEAR,
    )
