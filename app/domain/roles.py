"""Who may do what: roles, permissions and the grant of one to the other.

A permission names an act on a resource, `resource:act`. Whether a role applies to a given row (its own
order, its own team, its own subtree of organisations) is decided once, in app/services/access.py.
"""

from enum import StrEnum


class Permission(StrEnum):
    AUDIT_READ = "audit:read"
    CHANNELS_MANAGE = "channels:manage"
    CONTACTS_READ = "contacts:read"
    CONTENT_REVIEW = "content:review"
    EXPORTS_APPROVE = "exports:approve"
    EXPORTS_MAKE = "exports:make"
    GRANTS_APPROVE = "grants:approve"
    GRANTS_MANAGE = "grants:manage"
    MENU_MANAGE = "menu:manage"
    MINORS_APPROVE = "minors:approve"
    OFFERS_ANSWER = "offers:answer"
    ORDERS_APPROVE = "orders:approve"
    ORDERS_ATTEND = "orders:attend"
    ORDERS_CANCEL = "orders:cancel"
    ORDERS_CLOSE = "orders:close"
    ORDERS_COMPLAIN = "orders:complain"
    ORDERS_CORRECT = "orders:correct"
    ORDERS_CREW = "orders:crew"
    ORDERS_DELIVER = "orders:deliver"
    ORDERS_DISPATCH = "orders:dispatch"
    ORDERS_ESCALATE = "orders:escalate"
    ORDERS_FOLLOW_UP = "orders:follow_up"
    ORDERS_LAPSE = "orders:lapse"
    ORDERS_MISS = "orders:miss"
    ORDERS_PLACE_FOR_STAFF = "orders:place_for_staff"
    ORDERS_POSTPONE = "orders:postpone"
    ORDERS_PROMOTE = "orders:promote"
    ORDERS_READ = "orders:read"
    ORDERS_REOPEN = "orders:reopen"
    ORDERS_REPORT = "orders:report"
    ORDERS_RESCHEDULE = "orders:reschedule"
    ORDERS_REVIEW = "orders:review"
    ORDERS_URGE = "orders:urge"
    ORGS_MANAGE = "orgs:manage"
    PEOPLE_MANAGE = "people:manage"
    PEOPLE_READ = "people:read"
    POINTS_READ = "points:read"
    POLICIES_MANAGE = "policies:manage"
    SIGN_INS_REVOKE = "sign_ins:revoke"
    TEAMS_MANAGE = "teams:manage"
    TEAMS_READ = "teams:read"
    TEAMS_SCHEDULE = "teams:schedule"


class Role(StrEnum):
    """The first two follow from a relation to the row, the last is the clock itself; the rest are granted.

    `org_admin` sets up the place, `security_admin` decides who may rule it, `auditor` reads what both did: nobody
    is two of them at once (等保 三员分立, GB/T 22239-2019 8.1.5).
    """

    RESIDENT = "resident"
    VOLUNTEER = "volunteer"
    TEAM_LEADER = "team_leader"
    GRID_WORKER = "grid_worker"
    DISPATCHER = "dispatcher"
    ORG_ADMIN = "org_admin"
    SUPERVISOR = "supervisor"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    SYSTEM = "system"


TEAM_ROLES = frozenset({Role.TEAM_LEADER})
APART = frozenset({Role.ORG_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""Nobody holds two of these: 三员分立."""
RULING = APART | {Role.SUPERVISOR}
"""Granted only with the consent of a second person, where the place says so (policy `approvals.grants`)."""
ORG_ROLES = RULING | {Role.GRID_WORKER, Role.DISPATCHER}

_P = Permission

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.RESIDENT: frozenset(
        {
            _P.CONTACTS_READ,
            _P.ORDERS_CANCEL,
            _P.ORDERS_COMPLAIN,
            _P.ORDERS_CORRECT,
            _P.ORDERS_MISS,
            _P.ORDERS_READ,
            _P.ORDERS_RESCHEDULE,
            _P.ORDERS_REVIEW,
            _P.ORDERS_URGE,
        }
    ),
    Role.VOLUNTEER: frozenset({_P.CONTACTS_READ, _P.ORDERS_ATTEND, _P.ORDERS_READ}),
    Role.TEAM_LEADER: frozenset(
        {
            _P.CONTACTS_READ,
            _P.OFFERS_ANSWER,
            _P.ORDERS_ATTEND,
            _P.ORDERS_CREW,
            _P.ORDERS_DELIVER,
            _P.ORDERS_POSTPONE,
            _P.ORDERS_READ,
            _P.PEOPLE_READ,
            _P.TEAMS_READ,
            _P.TEAMS_SCHEDULE,
        }
    ),
    Role.GRID_WORKER: frozenset({_P.ORDERS_PLACE_FOR_STAFF}),
    Role.DISPATCHER: frozenset(
        {
            _P.CONTACTS_READ,
            _P.CONTENT_REVIEW,
            _P.ORDERS_APPROVE,
            _P.ORDERS_CANCEL,
            _P.ORDERS_COMPLAIN,
            _P.ORDERS_DISPATCH,
            _P.ORDERS_ESCALATE,
            _P.ORDERS_FOLLOW_UP,
            _P.ORDERS_MISS,
            _P.ORDERS_PLACE_FOR_STAFF,
            _P.ORDERS_POSTPONE,
            _P.ORDERS_READ,
            _P.ORDERS_REOPEN,
            _P.ORDERS_REPORT,
            _P.ORDERS_RESCHEDULE,
            _P.PEOPLE_READ,
            _P.TEAMS_READ,
        }
    ),
    Role.ORG_ADMIN: frozenset(
        {
            _P.CHANNELS_MANAGE,
            _P.EXPORTS_MAKE,
            _P.GRANTS_MANAGE,
            _P.MENU_MANAGE,
            _P.ORDERS_READ,
            _P.ORGS_MANAGE,
            _P.PEOPLE_MANAGE,
            _P.PEOPLE_READ,
            _P.POINTS_READ,
            _P.POLICIES_MANAGE,
            _P.TEAMS_MANAGE,
            _P.TEAMS_READ,
            _P.TEAMS_SCHEDULE,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            _P.EXPORTS_MAKE,
            _P.MINORS_APPROVE,
            _P.ORDERS_READ,
            _P.PEOPLE_READ,
            _P.POINTS_READ,
            _P.TEAMS_READ,
        }
    ),
    Role.SECURITY_ADMIN: frozenset(
        {_P.EXPORTS_APPROVE, _P.GRANTS_APPROVE, _P.MINORS_APPROVE, _P.SIGN_INS_REVOKE}
    ),
    Role.AUDITOR: frozenset({_P.AUDIT_READ}),
    Role.SYSTEM: frozenset(
        {
            _P.ORDERS_APPROVE,
            _P.ORDERS_CLOSE,
            _P.ORDERS_DISPATCH,
            _P.ORDERS_ESCALATE,
            _P.ORDERS_LAPSE,
            _P.ORDERS_MISS,
            _P.ORDERS_PROMOTE,
            _P.ORDERS_READ,
        }
    ),
}
