"""四眼原则: what one person may not do alone is asked for here, and decided by another.

A yes is compare-and-set, and never by who asked, nor by whom it is about, in whatever role or from whatever
sign-in: the condition names persons. What was asked is kept in the shape of the call, so that nothing else can be
done with it; a role is granted with the yes itself, after everything was looked at again as it is now.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.db import insert_new
from app.domain.reminders import Reminder
from app.domain.roles import Permission, Role
from app.errors import Conflict, Forbidden, NotFound
from app.models.approval import Approval, ApprovalKind, ApprovalState
from app.models.person import RoleGrant
from app.schemas.approval import ApprovalFilter
from app.services import auditing, grants, organisations, people
from app.services.access import SYSTEM, Actor, require_at
from app.services.actors import person_of
from app.services.approval_notices import tell
from app.services.holders import holders
from app.services.keyset import newest_first
from app.services.policies import policy_at
from app.services.scope import DECIDES, visible


class AlreadyAsked(Conflict):
    code, title = "already_asked", "同样的申请正在等待审批"
    title_en = "The same is waiting for a decision already"


class NotYours(Forbidden):
    """Neither who asked nor whom it is about decides."""

    code, title = "decided_by_another", "申请人和当事人不能审批，须由他人决定"
    title_en = "Somebody else has to decide this"


class Decided(Conflict):
    """Decided meanwhile, or too late to decide."""

    code, title = "approval_decided", "该申请已有决定，或已过期"
    title_en = "Decided already, or lapsed"


class AskerGone(Conflict):
    """Who asked may not do it any more: nor does a yes."""

    code, title = "asker_gone", "申请人已无此权限，申请不再成立"
    title_en = "Who asked has lost the permission meanwhile"


async def ask(
    session: AsyncSession,
    actor: Actor,
    kind: ApprovalKind,
    *,
    org_path: str,
    subject_id: UUID | None,
    wanted: dict[str, Any],
    reason: str,
    at: datetime,
    spared: bool = False,
) -> Approval:
    """Written, and told to all who may decide. Raises AlreadyAsked. The caller knows that `actor` may ask, and says
    whether policy has `spared` a second person here: then it holds at once.

    `wanted` is JSON in the shape of the call; `org_path` says whose deciders are asked.
    """
    policy = await policy_at(session, org_path)
    told = orjson.dumps([kind, org_path, str(subject_id), wanted], option=orjson.OPT_SORT_KEYS).decode()
    asked = Approval(
        created_at=at,
        kind=kind,
        state=ApprovalState.SPARED if spared else ApprovalState.ASKED,
        org_path=org_path,
        subject_id=subject_id,
        wanted=wanted,
        wanted_hash=told,
        reason=reason,
        asked_by_id=person_of(actor),
        expires_at=at + timedelta(hours=policy.approvals.hours),
    )
    await _lapse(
        session, col(Approval.asked_by_id) == asked.asked_by_id, col(Approval.wanted_hash) == told, at=at
    )
    if not await insert_new(session, asked):
        raise AlreadyAsked
    auditing.about(session, "approval", asked.id, kind=kind.value, wanted=wanted)
    if spared:
        return asked
    deciders = [one for one in await holders(session, DECIDES[kind], org_path) if one != asked.asked_by_id]
    await tell(session, asked, Reminder.APPROVAL_ASKED, deciders)
    return asked


async def granted(
    session: AsyncSession, actor: Actor, kind: ApprovalKind, subject_id: UUID, at: datetime
) -> Approval | None:
    """The newest yes that `actor` asked for, about `subject_id`, that still holds at `at`."""
    found = visible(Approval, SYSTEM).where(
        col(Approval.kind) == kind,
        col(Approval.subject_id) == subject_id,
        col(Approval.asked_by_id) == person_of(actor),
        col(Approval.state) == ApprovalState.APPROVED,
        col(Approval.expires_at) > at,
    )
    return (await session.exec(found.order_by(col(Approval.id).desc()).limit(1))).first()


async def get(session: AsyncSession, actor: Actor, approval_id: UUID) -> Approval:
    """One's own, or one that is the caller's to decide. Raises NotFound."""
    found = await session.exec(visible(Approval, actor).where(col(Approval.id) == approval_id))
    approval = found.first()
    if approval is None:
        raise NotFound("没有这项申请")
    return approval


async def listing(session: AsyncSession, actor: Actor, wanted: ApprovalFilter) -> Sequence[Approval]:
    """Newest first; one more than `limit` when there is a next page."""
    found = visible(Approval, actor)
    for name, value in wanted.model_dump(exclude={"cursor", "limit"}, exclude_none=True).items():
        found = found.where(col(getattr(Approval, name)) == value)
    return (await session.exec(newest_first(found, Approval, wanted))).all()


async def decide(
    session: AsyncSession, actor: Actor, approval_id: UUID, yes: bool, note: str, at: datetime
) -> Approval:
    """Yes or no, once; a yes holds from now for the hours of the policy.

    Raises NotFound, Forbidden, NotYours, Decided, and for a role AskerGone and what grants.give raises: then
    nothing is decided, and a no is still possible.
    """
    seen = await get(session, actor, approval_id)
    me = person_of(actor)
    if me in (seen.asked_by_id, seen.subject_id):
        raise NotYours
    require_at(actor, DECIDES[seen.kind], seen.org_path)
    policy = await policy_at(session, seen.org_path)
    decided = await session.exec(
        update(Approval)
        .where(
            col(Approval.id) == seen.id,
            col(Approval.state) == ApprovalState.ASKED,
            col(Approval.expires_at) > at,
            col(Approval.asked_by_id) != me,
        )
        .values(
            state=ApprovalState.APPROVED if yes else ApprovalState.REFUSED,
            decided_by_id=me,
            decided_at=at,
            note=note,
            expires_at=at + timedelta(hours=policy.approvals.hours),
        )
        .returning(Approval)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    approval: Approval | None = decided.scalar_one_or_none()
    if approval is None:
        raise Decided
    if yes and approval.kind is ApprovalKind.GRANT:
        await _grant(session, approval)
    auditing.about(session, "approval", approval.id, kind=approval.kind.value, wanted=approval.wanted)
    kind = Reminder.APPROVAL_GIVEN if yes else Reminder.APPROVAL_REFUSED
    await tell(session, approval, kind, [approval.asked_by_id])
    return approval


async def _grant(session: AsyncSession, approval: Approval) -> RoleGrant:
    """In the name of who asked, if they may still do it to whom and where they asked for."""
    wanted = approval.wanted
    place = await organisations.get(session, UUID(wanted["organisation_id"]))
    if approval.asked_by_id not in await holders(session, Permission.GRANTS_MANAGE, place.path):
        raise AskerGone
    person = await people.existing(session, UUID(wanted["person_id"]))
    asker = Actor(approval.asked_by_id)
    return await grants.give(session, asker, person.id, Role(wanted["role"]), place)


def undecided(at: datetime) -> SelectOfScalar[Approval]:
    """What nobody has decided in its time."""
    return visible(Approval, SYSTEM).where(
        col(Approval.state) == ApprovalState.ASKED, col(Approval.expires_at) <= at
    )


async def lapse(session: AsyncSession, at: datetime, limit: int) -> int:
    """Write off at most `limit` of them, and tell who asked; how many."""
    due = undecided(at).order_by(col(Approval.expires_at)).limit(limit)
    ids = due.with_only_columns(col(Approval.id)).with_for_update(skip_locked=True)
    lapsed = await _lapse(session, col(Approval.id).in_(ids), at=at)
    for approval in lapsed:
        await tell(session, approval, Reminder.APPROVAL_LAPSED, [approval.asked_by_id])
    return len(lapsed)


async def _lapse(session: AsyncSession, *where: Any, at: datetime) -> list[Approval]:
    lapsed = await session.exec(
        update(Approval)
        .where(col(Approval.state) == ApprovalState.ASKED, col(Approval.expires_at) <= at, *where)
        .values(state=ApprovalState.LAPSED)
        .returning(Approval)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return list(lapsed.scalars())
