"""A block without its order could be neither explained nor undone, and one across centers would mean nobody."""

from sqlalchemy import and_, not_, or_, select
from sqlmodel import col

from app.models.block import TeamBlock
from app.models.order import Order
from app.models.organisation import Organisation, OrgLevel
from app.models.team import Team
from app.services.verifying.violations import Check, plain, subject

_center = and_(
    plain(Organisation.level) == OrgLevel.CENTER.value,
    col(Order.org_path).startswith(col(Organisation.path)),
)

CHECKS = (
    Check(
        "block_of_order",
        "team_block",
        "与所据订单的服务对象不符，或队伍不在同一中心",
        select(subject(TeamBlock.id))
        .join(Order, col(Order.id) == TeamBlock.order_id)
        .join(Team, col(Team.id) == TeamBlock.team_id)
        .join(Organisation, _center)
        .where(
            or_(
                col(TeamBlock.beneficiary_key) != Order.beneficiary_key,
                not_(col(Team.org_path).startswith(col(Organisation.path))),
            )
        ),
    ),
)
