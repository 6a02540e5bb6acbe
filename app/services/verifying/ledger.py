"""The ledger: what was issued and what is held are the same points (app/services/points.py)."""

from sqlalchemy import func, or_, select
from sqlmodel import col

from app.models.points import PointsAccount, PointsEntry, PointsTransfer
from app.services.verifying.violations import Check, subject

_entries = func.count(col(PointsEntry.id))
_sum = func.coalesce(func.sum(PointsEntry.amount), 0)
_of_account = col(PointsEntry.account_id) == PointsAccount.id
_person = col(PointsAccount.person_id)

CHECKS = (
    Check(
        "transfer_balanced",
        "points_transfer",
        "应有两笔且相抵，实有 {entries} 笔，合计 {total}",
        select(subject(PointsTransfer.id), _entries.label("entries"), _sum.label("total"))
        .outerjoin(PointsEntry, col(PointsEntry.transfer_id) == PointsTransfer.id)
        .group_by(col(PointsTransfer.id))
        .having(or_(_entries != 2, _sum != 0)),
    ),
    Check(
        "center_balanced",
        "organisation",
        "本中心全部积分流水合计应为 0，实为 {total}",
        select(subject(PointsAccount.center_id), _sum.label("total"))
        .join(PointsEntry, _of_account)
        .group_by(col(PointsAccount.center_id))
        .having(_sum != 0),
    ),
    Check(
        "balance_cached",
        "points_account",
        "余额记为 {balance}，流水合计为 {total}",
        select(subject(PointsAccount.id), col(PointsAccount.balance), _sum.label("total"))
        .outerjoin(PointsEntry, _of_account)
        .where(_person.is_not(None))
        .group_by(col(PointsAccount.id), col(PointsAccount.balance))
        .having(col(PointsAccount.balance) != _sum),
    ),
    Check(
        "issuer_balance",
        "points_account",
        "发行账户不记余额，却记为 {balance}",
        select(subject(PointsAccount.id), col(PointsAccount.balance)).where(
            _person.is_(None), col(PointsAccount.balance) != 0
        ),
    ),
)
