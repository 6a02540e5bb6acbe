"""Who may do what to a planted row: GRANTS, the need that the contract names, and what the caller is to the row.

It is told from the planting, not from the code: a corner's owner ordered what is there, its leader leads its team,
its crew serves on its staffed orders, and a role granted at an office holds for the corners below that office.
"""

from enum import StrEnum

from app.domain.roles import GRANTS, Permission, Role
from app.routers.needs import Caller
from tests.scope.caller import Answer
from tests.scope.filling import Operation
from tests.scope.furniture import STATES
from tests.scope.world import Actor, World

OWNED = {*STATES, "approval", "device", "export", "notice", "picture", "series", "wish"}
"""Rows whose owner meets them by being signed in."""
ORDERED = {*STATES, "complaint", "picture", "series", "wish"}
"""Rows that are orders or belong to one: who placed it is its resident."""
STAFFED = {"accepted", "begun", "in_service", "delivered", "complained"}
OF_THE_TEAM = {"team", "offer", "offered", "released", "absence", *STAFFED}
PUBLIC = {"station", "center", "item"}
"""The tree and the menu are for everybody to read: that one of them exists is told to all."""
BY_BODY = {
    "grant_create": "station",
    "menu_item_create": "center",
    "export_create": "station",
    "org_create": "station",
    "plan_make": "station",
    "staff_create": "station",
    "team_create": "station",
    "volunteer_create": "station",
    "webhook_create": "station",
    "order_claim": "claimed",
}
"""Where what is done is named in the body."""
OF_A_CENTER = {"ledgers_list": "center"}
ON_THE_CREW = {"attendance_check_in", "attendance_check_out"}
"""For who is on the crew, whatever else they may."""
BY_OWN_HAND = dict.fromkeys(("order_reveal", "recurring_order_reveal"), Permission.ORDERS_PLACE_FOR_STAFF)
"""A permission that reaches only what one placed oneself."""
OF_A_KIND = {
    "approval_approve": Permission.GRANTS_APPROVE,
    "approval_get": Permission.GRANTS_APPROVE,
    "approval_refuse": Permission.GRANTS_APPROVE,
    "export_create": Permission.EXPORTS_MAKE,
}
"""Which of the needed permissions it takes for what is planted: a grant that is asked for, a file of orders."""
WHO_ASKED = {"export_file_get"}
"""For who asked for it and still holds the permission; here a resident had asked, who never held it."""
TOLD = {"order_matches_list": ("team", "spare")}
"""Rows of the same center that an answer names on purpose: a dispatcher chooses among all its teams."""
WALKS = {"audit_entries_list"}
"""Names the ids that were tried, by those whom the auditor watches; that is what it is for."""
BUT_FOR = {
    "account_close": {409},
    "approval_approve": {409},
    "password_sign_in": {401},
    "tokens_refresh": {401},
    "my_password_change": {401, 409, 422},
    "my_recovery_codes_renew": {409},
    "my_second_factor_begin": {409},
    "my_second_factor_confirm": {409},
    "my_second_factor_remove": {409},
}
"""Who may do it meets something else: open orders, an asker without the right, no password, no such token."""


class Expected(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    NOTHING_THERE = "nothing there"
    """The same answer as for an id that nothing has."""


def served(name: str, answer: Answer) -> bool:
    """Whether somebody who may do it got what they asked for."""
    return 200 <= answer.status < 300 or answer.status in BUT_FOR.get(name, ())


def subject(operation: Operation) -> str:
    """The row that decides; empty when there is none."""
    named = BY_BODY.get(operation.name) or OF_A_CENTER.get(operation.name)
    return named or (operation.named[0] if operation.named else "")


def expected(world: World, operation: Operation, actor: Actor, scope: str) -> Expected:
    """What must come of this actor's call about the rows of that corner."""
    row = subject(operation)
    held = roles_on(world, actor, scope, row)
    deciding = held & {Role.VOLUNTEER} if operation.name in ON_THE_CREW else held
    permitted = {permission.value for role in deciding for permission in GRANTS[role]}
    needed = set(operation.needs) - {BY_OWN_HAND.get(operation.name)}
    if operation.name in OF_A_KIND:
        needed = {OF_A_KIND[operation.name].value, *(needed & {Caller.SIGNED_IN.value})}
    if operation.name in WHO_ASKED:
        needed = set()
    if Caller.ANYBODY in operation.needs or permitted & needed:
        return Expected.DONE
    if Caller.SIGNED_IN in operation.needs and (not row or row in PUBLIC or _own(actor, scope, row)):
        return Expected.DONE
    known = row in PUBLIC or not row or held or _own(actor, scope, row)
    return Expected.REFUSED if known else Expected.NOTHING_THERE


def roles_on(world: World, actor: Actor, scope: str, row: str) -> set[Role]:
    """In which roles the actor stands to the row; without a row, in which they stand to anything."""
    held: set[Role] = set()
    made = world.corners[scope]
    path = {"center": made.center.path, "item": made.center.path}.get(row, made.station.path)
    if actor.role is not None and (not row or path.startswith(actor.path)):
        held.add(actor.role)
    if not row or actor.of != scope:
        return held
    if actor.part == "owner" and row in ORDERED:
        held.add(Role.RESIDENT)
    if actor.part == "leader" and row in {*OF_THE_TEAM, "claimed", "volunteer"}:
        held.add(Role.TEAM_LEADER)
    if actor.part == "crew" and row in STAFFED:
        held.add(Role.VOLUNTEER)
    return held


def _own(actor: Actor, scope: str, row: str) -> bool:
    if actor.of != scope:
        return False
    if row == "team":
        return actor.part in ("leader", "member", "crew")
    if row == "volunteer":
        return actor.part == "crew"
    return actor.part == "owner" and row in OWNED
