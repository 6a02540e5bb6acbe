"""The numbers of a policy as SQL: what was allowed where an order stands.

No history of policies is kept, and a center may lower its numbers after an order was closed under them. So
the bound is the number in force now or the default, whichever is larger: a lowered default raises no alarm.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, String, case, cast, literal
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.policy import Policy, effective
from app.models.organisation import Organisation
from app.services.access import ancestors
from app.services.verifying.violations import Violation

Policies = Mapping[str, Policy]
"""The policy in force at each path that changes something; below it, the same until the next such path."""

POLICY_VALID = "policy_valid"


async def changed(session: AsyncSession) -> tuple[Policies, list[Violation]]:
    """The policies, and those stored changes that make none (their places count as unchanged)."""
    rows = await session.exec(
        select(Organisation.path, Organisation.policy)
        .where(cast(col(Organisation.policy), String) != "{}")
        .order_by(col(Organisation.path))
    )
    changes = {path: policy for path, policy in rows if policy}
    found: dict[str, Policy] = {}
    broken: list[Violation] = []
    for path in changes:
        try:
            found[path] = effective(changes[above] for above in ancestors(path) if above in changes)
        except (ValidationError, TypeError, AttributeError):
            broken.append(Violation(POLICY_VALID, f"organisation {path}", "保存的规则无法读懂"))
    return found, broken


def allowed(policies: Policies, org_path: Any, number: Callable[[Policy], int]) -> ColumnElement[int]:
    """The largest value of `number` that the place of `org_path` (a column) has or had by default."""
    default = number(Policy())
    deepest_first = sorted(policies, key=len, reverse=True)
    arms = [
        (col(org_path).startswith(path, autoescape=True), max(default, number(policies[path])))
        for path in deepest_first
    ]
    return case(*arms, else_=default) if arms else literal(default)
