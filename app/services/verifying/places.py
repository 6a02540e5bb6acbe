"""Scope is a prefix of a path, so a path that lies shows rows to the wrong people."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.db import table_of
from app.models.failing import Absence, Complaint, FollowUp
from app.models.menu import MenuItem
from app.models.notification import Notification
from app.models.order import Beneficiary, Order
from app.models.organisation import Organisation, OrgLevel
from app.models.plan import DispatchPlan
from app.models.points import PointsAccount
from app.models.recurring import RecurringOrder
from app.models.team import Team
from app.models.volunteer import Volunteer
from app.models.webhook import Webhook
from app.models.whistle import Gap
from app.services.verifying.violations import Check, Rows, plain, subject

_parent = aliased(Organisation)
_base = func.coalesce(col(_parent.path), "/")


def starts_with(path: Any, above: Any) -> Any:
    return func.substr(path, 1, func.length(above)) == above


_Placed = Order | Team | Volunteer | DispatchPlan | RecurringOrder | Webhook


def _misplaced(model: type[_Placed]) -> Check:
    rows: Rows = (
        select(subject(model.id), col(model.org_path), col(Organisation.path))
        .join(Organisation, col(Organisation.id) == model.organisation_id)
        .where(col(model.org_path) != Organisation.path)
    )
    return Check("org_path", table_of(model).name, "所属路径记为 {org_path}，其组织的路径是 {path}", rows)


def _strayed(model: type[Absence | Complaint | FollowUp | Gap]) -> Check:
    rows: Rows = (
        select(subject(model.id), col(model.org_path), col(Order.org_path).label("path"))
        .join(Order, col(Order.id) == model.order_id)
        .where(col(model.org_path) != Order.org_path)
    )
    return Check(
        "path_of_order", table_of(model).name, "所属路径记为 {org_path}，其订单的路径是 {path}", rows
    )


def _off_center(model: type[MenuItem] | type[PointsAccount]) -> Check:
    rows: Rows = (
        select(subject(model.id), plain(Organisation.level).label("level"))
        .join(Organisation, col(Organisation.id) == model.center_id)
        .where(plain(Organisation.level) != OrgLevel.CENTER.value)
    )
    return Check("of_center", table_of(model).name, "应属于中心，却属于 {level}", rows)


def _beneficiaries() -> Rows:
    return (
        select(subject(Beneficiary.id))
        .outerjoin(Order, col(Order.beneficiary_id) == Beneficiary.id)
        .where(or_(col(Order.id).is_(None), col(Order.org_path) != Beneficiary.org_path))
    )


CHECKS = (
    Check(
        "organisation_path",
        "organisation",
        "路径 {path} 应为 {base}{code}/",
        select(
            subject(Organisation.id),
            col(Organisation.path),
            col(Organisation.code),
            _base.label("base"),
        )
        .outerjoin(_parent, col(_parent.id) == Organisation.parent_id)
        .where(col(Organisation.path) != _base + Organisation.code + "/"),
    ),
    *(_misplaced(model) for model in (Order, Team, Volunteer, DispatchPlan, RecurringOrder, Webhook)),
    *(_strayed(model) for model in (Absence, Complaint, FollowUp, Gap)),
    *(_off_center(model) for model in (MenuItem, PointsAccount)),
    Check("beneficiary_of_order", "beneficiary", "服务对象没有订单，或路径与订单不同", _beneficiaries()),
    Check(
        "handler_above",
        "service_order",
        "负责组织 {path} 不在订单所属组织的上级链中",
        select(subject(Order.id), col(Organisation.path))
        .join(Organisation, col(Organisation.id) == Order.handler_id)
        .where(~starts_with(Order.org_path, Organisation.path)),
    ),
    Check(
        "menu_of_center",
        "service_order",
        "所点菜单属于别的中心 {path}",
        select(subject(Order.id), col(Organisation.path))
        .join(MenuItem, col(MenuItem.id) == Order.menu_item_id)
        .join(Organisation, col(Organisation.id) == MenuItem.center_id)
        .where(~starts_with(Order.org_path, Organisation.path)),
    ),
    Check(
        "notice_path",
        "notification",
        "消息发往不存在的组织 {org_path}",
        select(subject(Notification.id), col(Notification.org_path))
        .outerjoin(Organisation, col(Organisation.path) == Notification.org_path)
        .where(col(Notification.org_path).is_not(None), col(Organisation.id).is_(None)),
    ),
)
