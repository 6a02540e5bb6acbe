"""What is told before anything is asked for, and what people agreed to."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.clock import now
from app.errors import Invalid, NotFound, Unauthenticated, Unavailable
from app.models.consent import Purpose
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import Caller, needs
from app.schemas.consent import ConsentIn, ConsentOut, PrivacyNoticeOut, WithdrawnOut
from app.services import consent_giving, privacy_notice
from app.services.consent_giving import GuardianNeeded, NoticeOutdated

router = APIRouter(tags=["我的"])
READ = (Unauthenticated, NotFound, Invalid, Unavailable)


@router.get(
    "/privacy-notice",
    operation_id="privacy_notice_get",
    summary="个人信息处理说明",
    openapi_extra=needs(Caller.ANYBODY),
    responses=documented(NotFound, Invalid, Unavailable),
)
async def get_privacy_notice(
    session: SessionDep, organisation_id: Annotated[UUID, Query()]
) -> PrivacyNoticeOut:
    """What a place keeps of whom, what for and how long: to be shown whole before a consent is asked for."""
    return PrivacyNoticeOut.model_validate(await privacy_notice.show(session, organisation_id))


@router.get(
    "/me/consents",
    operation_id="my_consents_list",
    summary="我的同意",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def list_my_consents(session: SessionDep, actor: ActorDep) -> list[ConsentOut]:
    """Every purpose, with the version of the words that were agreed to, if they were."""
    return [ConsentOut.model_validate(one) for one in await consent_giving.listing(session, actor)]


@router.put(
    "/me/consents/{purpose}",
    operation_id="consent_give",
    summary="同意",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(*READ, NoticeOutdated, GuardianNeeded),
)
async def give_consent(
    session: SessionDep, actor: ActorDep, purpose: Purpose, given: ConsentIn
) -> ConsentOut:
    """To the words in force at a place, one purpose at a time. Under fourteen the guardian is named."""
    return ConsentOut.model_validate(await consent_giving.give(session, actor, purpose, given, now()))


@router.delete(
    "/me/consents/{purpose}",
    operation_id="consent_withdraw",
    summary="撤回同意",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(*READ),
)
async def withdraw_consent(session: SessionDep, actor: ActorDep, purpose: Purpose) -> WithdrawnOut:
    """What rested on it stops at once; what was done until now stays lawful."""
    return WithdrawnOut.model_validate(await consent_giving.withdraw(session, actor, purpose, now()))
