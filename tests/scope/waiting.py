"""What waits at the desk of a corner: complaints, calls, decisions, plans, series and notices."""

from datetime import timedelta
from typing import Any

from app.domain.lifecycle import Action
from app.models.approval import Approval, ApprovalKind
from app.models.base import new_id
from app.models.block import TeamBlock
from app.models.content import ContentCheck, ContentKind, ContentState
from app.models.failing import Absence, Complaint, FollowUp, FollowUpCause
from app.models.notification import Notification
from app.models.order import Order
from app.models.plan import DispatchPlan
from app.models.recurring import OnHoliday, RecurringOrder, RecurringStatus
from app.models.webhook import Webhook
from app.models.whistle import Gap, Whistle
from tests.factories import NOW, SATURDAY_9
from tests.scope.corner import Corner

HOUR = timedelta(hours=1)


def waiting(made: Corner, orders: dict[str, Order]) -> None:
    at: dict[str, Any] = {"org_path": made.station.path}
    over: dict[str, Any] = {"order_id": orders["complained"].id, "due_at": NOW + HOUR, **at}
    made.keep("complaint", Complaint(made_by_id=made.owner.id, words=made.marker, **over))
    made.keep("follow_up", FollowUp(cause=FollowUpCause.LOW_RATING, **over))
    missed = orders["complained"]
    absence = Absence(
        order_id=missed.id, team_id=made.team.id, scheduled_start=NOW - HOUR, reason=made.marker, **at
    )
    made.keep("absence", absence)
    whistle = Whistle(
        order_id=orders["whistled"].id,
        handler_id=made.center.id,
        department_id=made.office.id,
        department_path=made.office.path,
        due_at=NOW + HOUR,
    )
    made.keep("whistle", whistle)
    made.keep(
        "gap", Gap(order_id=orders["twin"].id, category="care", specialty=made.name, reason="none", **at)
    )
    block = TeamBlock(
        team_id=made.spare.id,
        beneficiary_key=orders["blocked"].beneficiary_key,
        order_id=orders["blocked"].id,
        reason=made.marker,
        blocked_by_id=made.leader.id,
    )
    made.keep("block", block)
    hook = Webhook(
        organisation_id=made.station.id,
        url="https://hooks.example/sidan",
        secret="s" * 32,
        made_by_id=made.leader.id,
        next_at=NOW,
        active=False,
        **at,
    )
    made.keep("webhook", hook)
    plan = DispatchPlan(
        organisation_id=made.station.id, made_at=NOW, seconds=1, orders=0, teams=0, served=0, by_hand=0,
        objective=0, bound=0, proven=True, partial=False, **at,
    )  # fmt: skip
    made.keep("plan", plan)
    _asked(made)
    for name, status in (("series", RecurringStatus.ACTIVE), ("wish", RecurringStatus.REQUESTED)):
        made.keep(name, _series(made, status))
    for name, whose in (("notice", {"person_id": made.owner.id}), ("desk_notice", at)):
        told = {"audience": "resident", "title": made.marker, "reason": made.marker}
        kind = Action.APPROVE.value
        made.keep(
            name,
            Notification(
                kind=kind,
                data=told,
                dedupe_key=new_id().hex,
                order_id=orders["approved"].id,
                **whose,
            ),
        )


def _asked(made: Corner) -> None:
    """What waits for a second person."""
    about: dict[str, Any] = {"org_path": made.station.path, "reason": made.marker, "expires_at": NOW + HOUR}
    grant = {"person_id": str(made.member.id), "role": "org_admin", "organisation_id": str(made.station.id)}
    sheet = {"kind": "volunteers", "organisation_id": str(made.station.id), "reason": made.marker}
    wishes = (("approval", ApprovalKind.GRANT, grant), ("export", ApprovalKind.EXPORT, sheet))
    for name, kind, wanted in wishes:
        asked = Approval(
            kind=kind,
            subject_id=made.member.id,
            wanted=wanted,
            wanted_hash=f"{made.marker}{name}",
            asked_by_id=made.owner.id,
            **about,
        )
        made.keep(name, asked)
    held = ContentCheck(
        kind=ContentKind.ORDER,
        state=ContentState.HELD,
        subject_id=made.ids["submitted"],
        order_id=made.ids["submitted"],
        person_id=made.owner.id,
        org_path=made.station.path,
        found=["word"],
        next_at=NOW,
    )
    made.keep("check", held)


def _series(made: Corner, status: RecurringStatus) -> RecurringOrder:
    return RecurringOrder(
        organisation_id=made.station.id,
        org_path=made.station.path,
        placed_by_id=made.owner.id,
        title="家庭保洁",
        wanted={
            "organisation_id": str(made.station.id),
            "menu_item_id": str(made.item.id),
            "detail": made.marker,
            "address": made.marker,
            "location": {"lat": 28.2, "lon": 112.98},
            "contact": {"name": made.marker, "phone": made.phone},
            "title": "家庭保洁",
            "category": "care",
            "people": 1,
            "duration_minutes": 60,
        },
        rule="FREQ=WEEKLY;BYDAY=TH;COUNT=8",
        first_start=SATURDAY_9 - timedelta(days=2) + 5 * HOUR,
        window_minutes=180,
        time_zone="Asia/Shanghai",
        on_holiday=OnHoliday.KEEP,
        status=status,
        next_at=NOW + timedelta(days=1) if status is RecurringStatus.ACTIVE else None,
    )
