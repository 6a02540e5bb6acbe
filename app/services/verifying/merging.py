"""A merged order points to one that lives: of the same center, and not merged itself."""

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.domain.lifecycle import OrderStatus
from app.models.order import Order
from app.models.organisation import Organisation, OrgLevel
from app.services.verifying.places import starts_with
from app.services.verifying.violations import Check, plain, subject

_kept = aliased(Order)
_center = and_(
    plain(Organisation.level) == OrgLevel.CENTER.value, starts_with(col(Order.org_path), Organisation.path)
)

CHECKS = (
    Check(
        "merged_into_living",
        "service_order",
        "并入的订单 {kept} 本身已并入他单，或属于别的中心",
        select(subject(Order.id), col(_kept.id).label("kept"))
        .join(_kept, col(_kept.id) == Order.merged_into_id)
        .join(Organisation, _center)
        .where(
            or_(
                plain(_kept.status) == OrderStatus.MERGED.value,
                not_(starts_with(col(_kept.org_path), Organisation.path)),
            )
        ),
    ),
)
