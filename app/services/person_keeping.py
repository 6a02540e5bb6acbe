"""What is kept of people, apart from any order: how they signed in, who looked, to what they agreed, and names."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.models.approval import Approval
from app.models.audit import Reveal
from app.models.consent import DataConsent
from app.models.person import Means, Person, SignIn
from app.models.volunteer import Volunteer
from app.services.batches import count, some
from app.services.emptying import LET_GO, NO_GUARDIAN, UNNUMBERED, unname
from app.services.terms import Whole

_people, _volunteers = table_of(Person), table_of(Volunteer)
_NO_WORDS: Final[dict[str, Any]] = {"wanted": {}, "wanted_hash": None, "reason": "", "note": ""}


async def sign_ins(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """From where, by what and until when: the trail names a sign-in, so that there was one is all that is left."""
    signs = table_of(SignIn)
    told = or_(
        func.length(signs.c.device) > 0,
        func.length(signs.c.address) > 0,
        signs.c.seen_at != signs.c.created_at,
        signs.c.means != Means.WECHAT,
    )
    ended = or_(signs.c.revoked_at < whole.trail, signs.c.seen_at < whole.trail)
    nothing = {"device": "", "address": "", "seen_at": signs.c.created_at, "means": Means.WECHAT}
    old = some(signs, limit, told, ended)
    return await count(session, update(signs).where(signs.c.id.in_(old)).values(nothing))


async def looks(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """Who had contacts shown whole."""
    seen = table_of(Reveal)
    old = some(seen, limit, seen.c.created_at < whole.trail)
    return await count(session, delete(seen).where(seen.c.id.in_(old)))


async def approvals(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """The words of what was asked for and decided; that it was, and by whom, stays: grants rest on it."""
    asked = table_of(Approval)
    told = or_(
        *(func.length(asked.c[name]) > 0 for name in ("wanted", "reason", "note")),
        asked.c.wanted_hash.is_not(None),
    )
    old = some(asked, limit, told, func.coalesce(asked.c.decided_at, asked.c.created_at) < whole.trail)
    return await count(session, update(asked).where(asked.c.id.in_(old)).values(_NO_WORDS))


async def guardians(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """Of consents withdrawn long ago, and of accounts that were closed while guardians still stayed behind."""
    consents = table_of(DataConsent)
    closed = select(_people.c.id).where(_people.c.closed_at.is_not(None))
    over = or_(consents.c.withdrawn_at < whole.trail, consents.c.person_id.in_(closed))
    old = some(consents, limit, consents.c.guardian_name.is_not(None), over)
    return await count(session, update(consents).where(consents.c.id.in_(old)).values(NO_GUARDIAN))


async def consents(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """What was agreed to and taken back so long ago proves nothing any more."""
    given = table_of(DataConsent)
    old = some(given, limit, given.c.withdrawn_at < whole.records)
    return await count(session, delete(given).where(given.c.id.in_(old)))


async def volunteers(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """Of accounts that were closed while what is wished of volunteers still stayed behind."""
    closed = select(_people.c.id).where(_people.c.closed_at.is_not(None))
    told = or_(
        _volunteers.c.gender.is_not(None),
        _volunteers.c.languages != [],
        _volunteers.c.id_number.is_not(None),
    )
    old = some(_volunteers, limit, told, _volunteers.c.person_id.in_(closed))
    return await count(session, update(_volunteers).where(_volunteers.c.id.in_(old)).values(LET_GO))


async def names(session: AsyncSession, whole: Whole, at: datetime, limit: int) -> int:
    """Ten years after the account was closed no record needs to say who it was."""
    numbered = select(_volunteers.c.id).where(
        _volunteers.c.person_id == _people.c.id, ~_volunteers.c.number.startswith(UNNUMBERED)
    )
    told = or_(func.length(_people.c.name) > 0, _people.c.birth_date.is_not(None), numbered.exists())
    old = some(_people, limit, _people.c.closed_at < whole.records, told)
    found = [row.id for row in await (await session.connection()).execute(old)]
    await unname(session, found)
    return len(found)
