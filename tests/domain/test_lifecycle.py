"""The lifecycle as a graph: every state can be reached, every state can be left, and nothing else happens."""

from app.domain.lifecycle import ENDED, MOVES, OFFER_MOVES, STAFFED, STATUS_ZH, Action, OrderStatus
from app.domain.notices import NOTICES
from app.domain.roles import GRANTS, ORG_ROLES, TEAM_ROLES, Permission, Role


def reachable(start: OrderStatus) -> set[OrderStatus]:
    found, frontier = {start}, [start]
    while frontier:
        status = frontier.pop()
        for move in MOVES.values():
            if status in move.sources and move.target and move.target not in found:
                found.add(move.target)
                frontier.append(move.target)
    return found


def test_every_state_is_reached_from_a_new_order() -> None:
    assert reachable(OrderStatus.SUBMITTED) == set(OrderStatus)


def test_every_state_leads_to_an_end() -> None:
    assert all(reachable(status) & ENDED for status in OrderStatus)


def test_an_ended_order_stays_ended_but_for_a_complaint() -> None:
    leaving = {action for action, move in MOVES.items() if move.sources & ENDED and move.target}
    assert leaving == {Action.REOPEN}


def test_only_submit_has_no_source() -> None:
    assert set(Action) - set(MOVES) == {Action.SUBMIT}


def test_nobody_can_be_made_to_serve() -> None:
    """志愿服务条例 Art. 25: a team staffs an order itself, or is taken at its word to stand by."""
    staffing = {a for a, m in MOVES.items() if m.target in STAFFED and not m.sources & STAFFED}
    assert {MOVES[a].permission for a in (staffing - {Action.PROMOTE}) | {Action.STAND_BY}} == {
        Permission.OFFERS_ANSWER
    }
    assert OFFER_MOVES[Action.PROMOTE][0] == {OFFER_MOVES[Action.STAND_BY][1]}
    assert [role for role in Role if Permission.OFFERS_ANSWER in GRANTS[role]] == [Role.TEAM_LEADER]


def test_supervisor_and_auditor_change_nothing() -> None:
    """监督 reads and inspects, never changes; what it decides or takes along takes a second person."""
    with_another = {Permission.EXPORTS_MAKE, Permission.MINORS_APPROVE}
    for role in (Role.SUPERVISOR, Role.AUDITOR):
        assert all(permission.value.endswith(":read") for permission in GRANTS[role] - with_another)
    assert GRANTS[Role.AUDITOR] == {Permission.AUDIT_READ}


def test_every_role_has_its_permissions_and_every_permission_its_role() -> None:
    assert set(GRANTS) == set(Role)
    assert set().union(*GRANTS.values()) == set(Permission)
    assert not TEAM_ROLES & ORG_ROLES


def test_every_action_says_who_hears_of_it_and_every_state_has_a_name() -> None:
    assert set(NOTICES) == set(Action)
    assert set(STATUS_ZH) == set(OrderStatus)
    assert set(OFFER_MOVES) <= set(MOVES)
