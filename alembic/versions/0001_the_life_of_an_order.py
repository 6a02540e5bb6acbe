"""The life of an order: the whole model as the service first knew it, the same on both engines.

Nothing here follows the models when they move on: types, names and conditions are spelt out.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.Uuid()
AT = sa.DateTime(timezone=True)
WORD = sa.String(32)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PATH = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


def holds(name: str, kind: sa.types.TypeEngine, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


def refers(name: str, parent: str, nullable: bool = False) -> sa.Column:
    """A column that holds the id of a row of `parent`."""
    return sa.Column(name, ID, nullable=nullable, info={"parent": parent})


def table(
    name: str,
    *columns: sa.Column,
    key: Sequence[str] = (),
    unique: Sequence[Sequence[str]] = (),
    checks: Mapping[str, str] = {},
) -> None:
    """Without a `key` of its own a table begins with `id`, which sorts by time, and `created_at`."""
    first = () if key else (holds("id", ID), holds("created_at", AT))
    op.create_table(
        name,
        *first,
        *columns,
        sa.PrimaryKeyConstraint(*(key or ["id"]), name=op.f(f"pk_{name}")),
        *(
            sa.ForeignKeyConstraint([c.name], [f"{c.info['parent']}.id"], name=op.f(f"fk_{name}_{c.name}"))
            for c in columns
            if c.info
        ),
        *(sa.UniqueConstraint(*keys, name=op.f(f"uq_{name}_{'_'.join(keys)}")) for keys in unique),
        *(sa.CheckConstraint(check, name=op.f(f"ck_{name}_{said}")) for said, check in checks.items()),
    )


def index(
    table: str, name: str, columns: Sequence[str], unique: bool = False, where: str | None = None
) -> None:
    """`where` keeps an index to the rows that its promise is about."""
    condition = sa.text(where) if where else None
    name = f"{'uq' if unique else 'ix'}_{table}_{name}"
    op.create_index(
        op.f(name), table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def upgrade() -> None:
    table(
        "beneficiary",
        holds("org_path", PATH),
        holds("name", sa.String(40)),
        holds("phone", sa.String(20)),
        holds("kind", sa.String(20)),
        holds("relation", WORD),
        holds("consent", WORD),
        holds("consent_note", sa.String(200)),
        checks={
            "consent_known": "consent IN ('verbal', 'written', 'recorded')",
            "relation_known": "relation IN ('family', 'neighbour', 'staff')",
        },
    )
    index("beneficiary", "org_path", ["org_path"])

    table(
        "idempotency_record",
        holds("person_id", ID),
        holds("key", sa.String(64)),
        holds("created_at", AT),
        holds("digest", sa.String(64)),
        holds("status_code", sa.Integer()),
        holds("body", sa.LargeBinary()),
        key=["person_id", "key"],
    )
    index("idempotency_record", "created", ["created_at"])

    table(
        "organisation",
        refers("parent_id", "organisation", nullable=True),
        holds("code", sa.String(32)),
        holds("name", sa.String(60)),
        holds("level", WORD),
        holds("path", PATH),
        holds("lat", sa.Float()),
        holds("lon", sa.Float()),
        holds("address", sa.String(200)),
        holds("phone", sa.String(20)),
        holds("policy", JSON),
        holds("revision", sa.Integer()),
        holds("active", sa.Boolean()),
        unique=[["path"]],
        checks={
            "center_is_root": "(parent_id IS NULL) = (level = 'center')",
            "orglevel_known": "level IN ('center', 'office', 'station', 'point', 'base')",
        },
    )

    table(
        "person",
        holds("name", sa.String(40)),
        holds("phone", sa.String(20)),
        holds("birth_date", sa.Date(), nullable=True),
        holds("wechat_openid", sa.String(64), nullable=True),
        holds("wechat_unionid", sa.String(64), nullable=True),
        holds("username", sa.String(40), nullable=True),
        holds("password_hash", sa.String(200), nullable=True),
        holds("failed_signins", sa.Integer()),
        holds("locked_until", AT, nullable=True),
        holds("active", sa.Boolean()),
        unique=[["username"], ["wechat_openid"]],
    )
    index("person", "phone", ["phone"])

    table(
        "menu_item",
        refers("center_id", "organisation"),
        holds("code", sa.String(40)),
        holds("title", sa.String(60)),
        holds("category", sa.String(40)),
        holds("programme", sa.String(40), nullable=True),
        holds("platform", sa.String(40), nullable=True),
        holds("description", sa.String(500)),
        holds("duration_minutes", sa.Integer()),
        holds("people", sa.Integer()),
        holds("required_specialties", JSON),
        holds("risk", WORD),
        holds("mode", WORD),
        holds("active", sa.Boolean()),
        unique=[["center_id", "code"]],
        checks={
            "duration_15_720": "duration_minutes BETWEEN 15 AND 720",
            "mode_known": "mode IN ('on_site', 'online')",
            "people_1_200": "people BETWEEN 1 AND 200",
            "risk_known": "risk IN ('none', 'risky')",
        },
    )

    table(
        "points_account",
        refers("center_id", "organisation"),
        refers("person_id", "person", nullable=True),
        holds("balance", sa.Integer()),
        checks={"balance_not_negative": "balance >= 0"},
    )
    index("points_account", "person_id", ["person_id"])
    index("points_account", "issuer", ["center_id"], unique=True, where="person_id IS NULL")
    index("points_account", "person", ["center_id", "person_id"], unique=True, where="person_id IS NOT NULL")

    table("sign_in", refers("person_id", "person"), holds("revoked_at", AT, nullable=True))
    index("sign_in", "person_id", ["person_id"])

    table(
        "team",
        refers("organisation_id", "organisation"),
        holds("org_path", PATH),
        holds("name", sa.String(60)),
        holds("kind", sa.String(40)),
        holds("title", sa.String(20)),
        holds("lat", sa.Float()),
        holds("lon", sa.Float()),
        holds("address", sa.String(200)),
        holds("radius_km", sa.Float()),
        holds("capacity", sa.Integer()),
        holds("weekly", sa.String(84)),
        holds("adults_only", sa.Boolean()),
        holds("insured_until", sa.Date(), nullable=True),
        holds("active", sa.Boolean()),
        unique=[["organisation_id", "name"]],
        checks={
            "capacity_1_100": "capacity BETWEEN 1 AND 100",
            "radius_positive": "radius_km > 0",
            "weekly_84": "length(weekly) = 84",
        },
    )
    index("team", "org_path", ["org_path"])

    table(
        "volunteer",
        refers("person_id", "person"),
        holds("number", sa.String(20)),
        refers("organisation_id", "organisation"),
        holds("org_path", PATH),
        holds("insured_until", sa.Date(), nullable=True),
        holds("active", sa.Boolean()),
        unique=[["number"], ["person_id"]],
    )
    index("volunteer", "org_path", ["org_path"])

    table(
        "refresh_token",
        refers("sign_in_id", "sign_in"),
        holds("digest", sa.String(64)),
        holds("expires_at", AT),
        holds("spent_at", AT, nullable=True),
        unique=[["digest"]],
    )
    index("refresh_token", "expires_at", ["expires_at"])
    index("refresh_token", "sign_in_id", ["sign_in_id"])

    table(
        "role_grant",
        refers("person_id", "person"),
        holds("role", WORD),
        refers("organisation_id", "organisation", nullable=True),
        refers("team_id", "team", nullable=True),
        refers("granted_by_id", "person", nullable=True),
        checks={
            "leader_of_team": "(role = 'team_leader') = (team_id IS NOT NULL)",
            "one_scope": "(organisation_id IS NULL) <> (team_id IS NULL)",
            "role_known": (
                "role IN ('resident', 'volunteer', 'team_leader', 'grid_worker', "
                "'dispatcher', 'org_admin', 'supervisor', 'auditor', 'system')"
            ),
        },
    )
    index("role_grant", "organisation_id", ["organisation_id"])
    index("role_grant", "person_id", ["person_id"])
    index("role_grant", "team_id", ["team_id"])
    index(
        "role_grant",
        "organisation",
        ["person_id", "role", "organisation_id"],
        unique=True,
        where="organisation_id IS NOT NULL",
    )
    index("role_grant", "team", ["person_id", "role", "team_id"], unique=True, where="team_id IS NOT NULL")

    table(
        "service_order",
        refers("organisation_id", "organisation"),
        refers("handler_id", "organisation"),
        holds("org_path", PATH),
        refers("menu_item_id", "menu_item", nullable=True),
        refers("placed_by_id", "person"),
        refers("beneficiary_id", "beneficiary", nullable=True),
        holds("title", sa.String(60)),
        holds("category", sa.String(40)),
        holds("detail", sa.String(1000)),
        holds("required_specialties", JSON),
        holds("risk", WORD),
        holds("urgency", WORD),
        holds("people", sa.Integer()),
        holds("mode", WORD),
        holds("address", sa.String(200)),
        holds("lat", sa.Float(), nullable=True),
        holds("lon", sa.Float(), nullable=True),
        holds("contact_name", sa.String(40)),
        holds("contact_phone", sa.String(20)),
        holds("window_start", AT),
        holds("window_end", AT),
        holds("duration_minutes", sa.Integer()),
        holds("status", WORD),
        holds("status_at", AT),
        holds("due_at", AT, nullable=True),
        holds("version", sa.Integer()),
        refers("team_id", "team", nullable=True),
        holds("scheduled_start", AT, nullable=True),
        holds("scheduled_end", AT, nullable=True),
        holds("urged_times", sa.Integer()),
        holds("urged_at", AT, nullable=True),
        holds("escalated_at", AT, nullable=True),
        checks={
            "duration_15_720": "duration_minutes BETWEEN 15 AND 720",
            "mode_known": "mode IN ('on_site', 'online')",
            "orderstatus_known": (
                "status IN ('submitted', 'approved', 'offered', 'pooled', 'accepted', "
                "'in_service', 'delivered', 'closed', 'rejected', 'cancelled', 'unmet')"
            ),
            "people_1_200": "people BETWEEN 1 AND 200",
            "place_when_on_site": "(lat IS NULL) = (mode = 'online')",
            "risk_known": "risk IN ('none', 'risky')",
            "schedule_forward": "scheduled_end > scheduled_start",
            "schedule_with_team": "(scheduled_start IS NULL) = (team_id IS NULL)",
            "team_when_staffed": (
                "(team_id IS NOT NULL) = (status IN ('accepted', 'closed', 'delivered', 'in_service'))"
            ),
            "urgency_known": "urgency IN ('normal', 'urgent', 'emergency')",
            "window_forward": "window_end > window_start",
        },
    )
    index("service_order", "due", ["status", "due_at"])
    index("service_order", "org_path", ["org_path", "id"])
    index("service_order", "placed_by", ["placed_by_id", "id"])
    index("service_order", "team", ["team_id", "id"])

    table(
        "team_exception",
        refers("team_id", "team"),
        holds("day", sa.Date()),
        holds("free", sa.String(12)),
        unique=[["team_id", "day"]],
        checks={"free_12": "length(free) = 12"},
    )

    table(
        "team_member",
        refers("team_id", "team"),
        refers("person_id", "person"),
        unique=[["team_id", "person_id"]],
    )
    index("team_member", "person_id", ["person_id"])

    table(
        "team_specialty",
        refers("team_id", "team"),
        holds("specialty", sa.String(40)),
        holds("level", sa.Integer()),
        holds("proof_no", sa.String(60), nullable=True),
        holds("proof_until", sa.Date(), nullable=True),
        unique=[["team_id", "specialty"]],
        checks={"level_1_3": "level BETWEEN 1 AND 3"},
    )

    table(
        "volunteer_specialty",
        refers("volunteer_id", "volunteer"),
        holds("specialty", sa.String(40)),
        holds("level", sa.Integer()),
        holds("proof_no", sa.String(60), nullable=True),
        holds("proof_until", sa.Date(), nullable=True),
        unique=[["volunteer_id", "specialty"]],
        checks={"level_1_3": "level BETWEEN 1 AND 3"},
    )

    table(
        "attendance",
        refers("order_id", "service_order"),
        refers("person_id", "person"),
        holds("client_id", ID),
        holds("check_in_at", AT, nullable=True),
        holds("check_in_received_at", AT, nullable=True),
        holds("check_in_lat", sa.Float(), nullable=True),
        holds("check_in_lon", sa.Float(), nullable=True),
        holds("check_in_accuracy_m", sa.Float(), nullable=True),
        holds("check_out_at", AT, nullable=True),
        holds("check_out_received_at", AT, nullable=True),
        holds("check_out_lat", sa.Float(), nullable=True),
        holds("check_out_lon", sa.Float(), nullable=True),
        holds("check_out_accuracy_m", sa.Float(), nullable=True),
        holds("verified_minutes", sa.Integer()),
        holds("declared_minutes", sa.Integer()),
        refers("declared_by_id", "person", nullable=True),
        holds("declared_reason", sa.String(200)),
        holds("marks", JSON),
        unique=[["client_id"]],
        checks={
            "minutes_positive": "verified_minutes >= 0 AND declared_minutes >= 0",
            "proof_or_word": "check_in_at IS NOT NULL OR declared_minutes > 0",
        },
    )
    index("attendance", "order_id", ["order_id"])
    index("attendance", "person_id", ["person_id"])
    index("attendance", "declared", ["order_id", "person_id"], unique=True, where="check_in_at IS NULL")
    index(
        "attendance",
        "open",
        ["order_id", "person_id"],
        unique=True,
        where="check_in_at IS NOT NULL AND check_out_at IS NULL",
    )

    table(
        "crew_member",
        refers("order_id", "service_order"),
        refers("person_id", "person"),
        unique=[["order_id", "person_id"]],
    )
    index("crew_member", "person_id", ["person_id"])

    table(
        "delivery",
        refers("order_id", "service_order"),
        refers("delivered_by_id", "person"),
        holds("summary", sa.String(1000)),
        holds("people_served", sa.Integer()),
    )
    index("delivery", "order_id", ["order_id"])

    table(
        "media",
        refers("owner_id", "person"),
        refers("order_id", "service_order", nullable=True),
        holds("stage", WORD, nullable=True),
        holds("storage_key", sa.String(80)),
        holds("content_type", sa.String(40)),
        holds("size", sa.Integer()),
        holds("width", sa.Integer()),
        holds("height", sa.Integer()),
        holds("sha256", sa.String(64)),
        unique=[["storage_key"]],
        checks={"mediastage_known": "stage IN ('order', 'consent', 'delivery')"},
    )
    index("media", "order_id", ["order_id"])
    index("media", "owner_id", ["owner_id"])

    table(
        "notification",
        refers("person_id", "person", nullable=True),
        holds("org_path", PATH, nullable=True),
        refers("order_id", "service_order", nullable=True),
        holds("kind", sa.String(40)),
        holds("data", JSON),
        holds("dedupe_key", sa.String(120)),
        holds("read_at", AT, nullable=True),
        unique=[["dedupe_key"]],
        checks={"one_recipient": "(person_id IS NULL) <> (org_path IS NULL)"},
    )
    index("notification", "org_path", ["org_path", "id"])
    index("notification", "person", ["person_id", "id"])

    table(
        "offer",
        refers("order_id", "service_order"),
        refers("team_id", "team"),
        holds("status", WORD),
        holds("expires_at", AT),
        holds("answered_at", AT, nullable=True),
        refers("answered_by_id", "person", nullable=True),
        holds("reason", sa.String(200)),
        holds("receipt", JSON),
        checks={
            "offerstatus_known": (
                "status IN ('open', 'accepted', 'declined', 'lapsed', 'recalled', 'released')"
            )
        },
    )
    index("offer", "due", ["status", "expires_at"])
    index("offer", "order_id", ["order_id"])
    index("offer", "team", ["team_id", "id"])
    index("offer", "accepted", ["order_id"], unique=True, where="status = 'accepted'")
    index(
        "offer",
        "never_again",
        ["order_id", "team_id"],
        unique=True,
        where="status IN ('accepted', 'declined', 'open', 'released')",
    )

    table(
        "order_event",
        refers("order_id", "service_order"),
        holds("seq", sa.Integer()),
        holds("action", WORD),
        holds("from_status", WORD, nullable=True),
        holds("to_status", WORD),
        refers("actor_id", "person", nullable=True),
        holds("actor_role", WORD),
        holds("reason", sa.String(200)),
        holds("data", JSON),
        unique=[["order_id", "seq"]],
        checks={
            "action_known": (
                "action IN ('submit', 'approve', 'reject', 'dispatch', 'open_pool', "
                "'escalate', 'give_up', 'accept', 'decline', 'lapse', 'recall', "
                "'claim', 'name_crew', 'start', 'release', 'reassign', 'deliver', "
                "'review', 'close', 'reopen', 'cancel', 'urge')"
            ),
            "from_status_known": (
                "from_status IN ('submitted', 'approved', 'offered', 'pooled', "
                "'accepted', 'in_service', 'delivered', 'closed', 'rejected', "
                "'cancelled', 'unmet')"
            ),
            "role_known": (
                "actor_role IN ('resident', 'volunteer', 'team_leader', 'grid_worker', "
                "'dispatcher', 'org_admin', 'supervisor', 'auditor', 'system')"
            ),
            "to_status_known": (
                "to_status IN ('submitted', 'approved', 'offered', 'pooled', "
                "'accepted', 'in_service', 'delivered', 'closed', 'rejected', "
                "'cancelled', 'unmet')"
            ),
        },
    )

    table(
        "points_transfer",
        holds("cause", WORD),
        holds("reference", ID),
        refers("order_id", "service_order", nullable=True),
        unique=[["cause", "reference"]],
        checks={"pointscause_known": "cause IN ('service')"},
    )
    index("points_transfer", "order_id", ["order_id"])

    table(
        "points_entry",
        refers("transfer_id", "points_transfer"),
        refers("account_id", "points_account"),
        holds("amount", sa.Integer()),
        unique=[["transfer_id", "account_id"]],
        checks={"amount_not_zero": "amount <> 0"},
    )
    index("points_entry", "account", ["account_id", "id"])

    table(
        "review",
        refers("order_id", "service_order"),
        refers("delivery_id", "delivery"),
        refers("reviewed_by_id", "person"),
        holds("timeliness", sa.Integer()),
        holds("attitude", sa.Integer()),
        holds("quality", sa.Integer()),
        holds("resolution", sa.Integer()),
        holds("comment", sa.String(500)),
        unique=[["delivery_id"]],
        checks={
            "ratings_1_5": (
                "timeliness BETWEEN 1 AND 5 AND attitude BETWEEN 1 AND 5 AND quality "
                "BETWEEN 1 AND 5 AND resolution BETWEEN 1 AND 5"
            )
        },
    )
    index("review", "order_id", ["order_id"])


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


TABLES = (
    "beneficiary",
    "idempotency_record",
    "organisation",
    "person",
    "menu_item",
    "points_account",
    "sign_in",
    "team",
    "volunteer",
    "refresh_token",
    "role_grant",
    "service_order",
    "team_exception",
    "team_member",
    "team_specialty",
    "volunteer_specialty",
    "attendance",
    "crew_member",
    "delivery",
    "media",
    "notification",
    "offer",
    "order_event",
    "points_transfer",
    "points_entry",
    "review",
)
