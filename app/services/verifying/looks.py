"""Who looked is written down once an hour, and a yes is for what was looked at (services/revealing.py)."""

from typing import Any

from sqlalchemy import ColumnElement, and_, extract, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.models.approval import Approval, ApprovalKind, ApprovalState
from app.models.audit import Reveal
from app.services.verifying.violations import Check, plain, subject

HOUR, BLINK = 3600, 1
"""Seconds; SQLite forgets the fractions."""

_again = aliased(Reveal)


def _twice(rule: str, column: Any, again: Any) -> Check:
    return Check(
        rule,
        "reveal",
        "同一人一小时内查看同一联系方式，记了两次",
        select(subject(Reveal.id))
        .join(_again, and_(again == column, col(_again.person_id) == Reveal.person_id))
        .where(
            col(_again.id) != Reveal.id,
            col(_again.created_at) >= Reveal.created_at,
            _seconds(_again.created_at) - _seconds(Reveal.created_at) < HOUR - BLINK,
        ),
    )


def _seconds(at: Any) -> ColumnElement[int]:
    return extract("epoch", at)


CHECKS = (
    _twice("look_twice", Reveal.order_id, _again.order_id),
    _twice("series_look_twice", Reveal.recurring_id, _again.recurring_id),
    Check(
        "look_approved",
        "reveal",
        "查看联系方式所凭的同意不是给这个人、这一单的",
        select(subject(Reveal.id))
        .join(Approval, col(Approval.id) == Reveal.approval_id)
        .where(
            or_(
                plain(Approval.kind) != ApprovalKind.MINOR.value,
                plain(Approval.state) != ApprovalState.APPROVED.value,
                col(Approval.asked_by_id) != Reveal.person_id,
                col(Approval.subject_id).is_distinct_from(
                    func.coalesce(Reveal.order_id, Reveal.recurring_id)
                ),
            )
        ),
    ),
)
