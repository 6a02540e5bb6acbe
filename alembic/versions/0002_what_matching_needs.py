"""What matching needs to know: of teams, volunteers and orders, of what was, and of the queue as a whole.

SQLite can neither drop a default nor add a CHECK: there a changed table is written anew, from the shape it is to
have. Nothing here follows the models when they move on: types, names and conditions are spelt out.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.naming import conv

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.Uuid()
AT = sa.DateTime(timezone=True)
WORD = sa.String(32)
KEY = sa.String(64)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PATH = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")

Parts = Sequence[sa.schema.SchemaItem]

ADDED: Mapping[str, Mapping[str, tuple[sa.types.TypeEngine, str | None]]] = {
    "organisation": {"tallied_at": (AT, None)},
    "team": {"area_ids": (JSON, "'[]'"), "travel": (WORD, "'ebike'"), "lends": (sa.Boolean(), "true")},
    "volunteer": {"gender": (WORD, None), "languages": (JSON, "'[]'")},
    "menu_item": {"required_levels": (JSON, "'{}'")},
    "service_order": {
        "beneficiary_key": (KEY, "''"),
        "circumstances": (JSON, "'[]'"),
        "required_levels": (JSON, "'{}'"),
        "wish_gender": (WORD, None),
        "wish_language": (sa.String(40), None),
        "wish_must": (sa.Boolean(), "false"),
    },
}
"""What each table gains, and what a row that was there before holds then; None is nothing at all."""

ADDED_CHECKS: Mapping[str, Mapping[str, str]] = {
    "organisation": {},
    "team": {"travelmode_known": "travel IN ('walk', 'ebike', 'car')"},
    "volunteer": {"gender_known": "gender IN ('female', 'male')"},
    "menu_item": {},
    "service_order": {
        "beneficiary_key_64": "length(beneficiary_key) = 64",
        "must_of_wish": "NOT wish_must OR wish_gender IS NOT NULL OR wish_language IS NOT NULL",
        "wish_gender_known": "wish_gender IN ('female', 'male')",
    },
}

KEYS = r"""
UPDATE service_order SET beneficiary_key = encode(sha256(convert_to(
  CASE WHEN who.id IS NULL THEN E'person\n' || replace(one.placed_by_id::text, '-', '')
       WHEN who.phone <> '' THEN concat(E'phone\n/', split_part(one.org_path, '/', 2), E'/\n', who.phone)
       ELSE concat(E'home\n/', split_part(one.org_path, '/', 2), E'/\n',
                   translate(normalize(who.name, NFKC), E' \t\n', ''), E'\n',
                   translate(normalize(one.address, NFKC), E' \t\n', ''))
  END, 'UTF8')), 'hex')
FROM service_order one LEFT JOIN beneficiary who ON who.id = one.beneficiary_id
WHERE one.id = service_order.id
"""
"""Who is served, for orders that were there before; `keys_one_by_one` says the same."""


def upgrade() -> None:
    online = not op.get_context().as_sql
    for name, columns in ADDED.items():
        for column, (kind, before) in columns.items():
            default = None if before is None else sa.text(_literal(before))
            op.add_column(name, sa.Column(column, kind, nullable=before is None, server_default=default))
    if not _sqlite():
        op.execute(KEYS)
    elif online:
        keys_one_by_one(op.get_bind())
    for name in ADDED:
        if _sqlite():
            _write_anew(name, ADDED[name], ADDED_CHECKS[name])
            continue
        for column, (_, before) in ADDED[name].items():
            if before is not None:
                op.alter_column(name, column, server_default=None)
        for said, check in ADDED_CHECKS[name].items():
            op.create_check_constraint(conv(f"ck_{name}_{said}"), name, check)
    op.create_index("ix_service_order_beneficiary_key", "service_order", ["beneficiary_key"])
    _make()


def downgrade() -> None:
    for name in reversed(MADE):
        op.drop_table(name)
    op.drop_index("ix_service_order_beneficiary_key", "service_order")
    for name, columns in ADDED.items():
        if _sqlite():
            _write_anew(name, {}, {})
            continue
        for column in columns:
            op.drop_column(name, column)


def keys_one_by_one(rows: sa.Connection) -> None:
    """SQLite has no sha256."""
    asked = "SELECT one.id, placed_by_id, one.org_path, address, name, phone FROM service_order one"
    keys = []
    for id_, person, path, address, name, phone in rows.exec_driver_sql(
        asked + " LEFT JOIN beneficiary who ON who.id = beneficiary_id"
    ):
        center = f"/{path.split('/')[1]}/"
        home = (unicodedata.normalize("NFKC", text or "") for text in (name, address))
        if name is None:
            parts = ["person", person]
        elif phone:
            parts = ["phone", center, phone]
        else:
            parts = ["home", center, *(text.translate(dict.fromkeys(map(ord, " \t\n"))) for text in home)]
        keys.append((sha256("\n".join(parts).encode()).hexdigest(), id_))
    if keys:
        rows.exec_driver_sql("UPDATE service_order SET beneficiary_key = ? WHERE id = ?", keys)


def _sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _literal(value: str) -> str:
    """SQLite knows the words true and false as numbers only in some places."""
    return {"true": "1", "false": "0"}.get(value, value) if _sqlite() else value


def _write_anew(
    name: str, columns: Mapping[str, tuple[sa.types.TypeEngine, str | None]], checks: Mapping[str, str]
) -> None:
    """With the columns and conditions it had before these migrations, and with the given ones."""
    more = [sa.Column(column, kind, nullable=before is None) for column, (kind, before) in columns.items()]
    conditions = [sa.CheckConstraint(check, name=f"ck_{name}_{said}") for said, check in checks.items()]
    wanted = sa.Table(name, sa.MetaData(), *_before(name), *more, *conditions)
    with op.batch_alter_table(name, copy_from=wanted, recreate="always"):
        pass


def _holds(name: str, kind: sa.types.TypeEngine, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


def _refers(table: str, name: str, parent: str, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{parent}.id", name=conv(f"fk_{table}_{name}"))
    return sa.Column(name, ID, key, nullable=nullable)


def _before(name: str) -> Parts:
    return {
        "organisation": _organisation,
        "team": _team,
        "volunteer": _volunteer,
        "menu_item": _menu_item,
        "service_order": _service_order,
    }[name]()


def _organisation() -> Parts:
    return [
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("organisation", "parent_id", "organisation", nullable=True),
        _holds("code", sa.String(32)),
        _holds("name", sa.String(60)),
        _holds("level", WORD),
        _holds("path", PATH),
        _holds("lat", sa.Float()),
        _holds("lon", sa.Float()),
        _holds("address", sa.String(200)),
        _holds("phone", sa.String(20)),
        _holds("policy", JSON),
        _holds("revision", sa.Integer()),
        _holds("active", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name=conv("pk_organisation")),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (level = 'center')", name=conv("ck_organisation_center_is_root")
        ),
        sa.CheckConstraint(
            "level IN ('center', 'office', 'station', 'point', 'base')",
            name=conv("ck_organisation_orglevel_known"),
        ),
        sa.UniqueConstraint("path", name=conv("uq_organisation_path")),
    ]


def _team() -> Parts:
    return [
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("team", "organisation_id", "organisation"),
        _holds("org_path", PATH),
        _holds("name", sa.String(60)),
        _holds("kind", sa.String(40)),
        _holds("title", sa.String(20)),
        _holds("lat", sa.Float()),
        _holds("lon", sa.Float()),
        _holds("address", sa.String(200)),
        _holds("radius_km", sa.Float()),
        _holds("capacity", sa.Integer()),
        _holds("weekly", sa.String(84)),
        _holds("adults_only", sa.Boolean()),
        _holds("insured_until", sa.Date(), nullable=True),
        _holds("active", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name=conv("pk_team")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 100", name=conv("ck_team_capacity_1_100")),
        sa.CheckConstraint("radius_km > 0", name=conv("ck_team_radius_positive")),
        sa.CheckConstraint("length(weekly) = 84", name=conv("ck_team_weekly_84")),
        sa.UniqueConstraint("organisation_id", "name", name=conv("uq_team_organisation_id_name")),
        sa.Index("ix_team_org_path", "org_path"),
    ]


def _volunteer() -> Parts:
    return [
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("volunteer", "person_id", "person"),
        _holds("number", sa.String(20)),
        _refers("volunteer", "organisation_id", "organisation"),
        _holds("org_path", PATH),
        _holds("insured_until", sa.Date(), nullable=True),
        _holds("active", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name=conv("pk_volunteer")),
        sa.UniqueConstraint("number", name=conv("uq_volunteer_number")),
        sa.UniqueConstraint("person_id", name=conv("uq_volunteer_person_id")),
        sa.Index("ix_volunteer_org_path", "org_path"),
    ]


def _menu_item() -> Parts:
    return [
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("menu_item", "center_id", "organisation"),
        _holds("code", sa.String(40)),
        _holds("title", sa.String(60)),
        _holds("category", sa.String(40)),
        _holds("programme", sa.String(40), nullable=True),
        _holds("platform", sa.String(40), nullable=True),
        _holds("description", sa.String(500)),
        _holds("duration_minutes", sa.Integer()),
        _holds("people", sa.Integer()),
        _holds("required_specialties", JSON),
        _holds("risk", WORD),
        _holds("mode", WORD),
        _holds("active", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name=conv("pk_menu_item")),
        sa.CheckConstraint("duration_minutes BETWEEN 15 AND 720", name=conv("ck_menu_item_duration_15_720")),
        sa.CheckConstraint("mode IN ('on_site', 'online')", name=conv("ck_menu_item_mode_known")),
        sa.CheckConstraint("people BETWEEN 1 AND 200", name=conv("ck_menu_item_people_1_200")),
        sa.CheckConstraint("risk IN ('none', 'risky')", name=conv("ck_menu_item_risk_known")),
        sa.UniqueConstraint("center_id", "code", name=conv("uq_menu_item_center_id_code")),
    ]


def _service_order() -> Parts:
    return [
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("service_order", "organisation_id", "organisation"),
        _refers("service_order", "handler_id", "organisation"),
        _holds("org_path", PATH),
        _refers("service_order", "menu_item_id", "menu_item", nullable=True),
        _refers("service_order", "placed_by_id", "person"),
        _refers("service_order", "beneficiary_id", "beneficiary", nullable=True),
        _holds("title", sa.String(60)),
        _holds("category", sa.String(40)),
        _holds("detail", sa.String(1000)),
        _holds("required_specialties", JSON),
        _holds("risk", WORD),
        _holds("urgency", WORD),
        _holds("people", sa.Integer()),
        _holds("mode", WORD),
        _holds("address", sa.String(200)),
        _holds("lat", sa.Float(), nullable=True),
        _holds("lon", sa.Float(), nullable=True),
        _holds("contact_name", sa.String(40)),
        _holds("contact_phone", sa.String(20)),
        _holds("window_start", AT),
        _holds("window_end", AT),
        _holds("duration_minutes", sa.Integer()),
        _holds("status", WORD),
        _holds("status_at", AT),
        _holds("due_at", AT, nullable=True),
        _holds("version", sa.Integer()),
        _refers("service_order", "team_id", "team", nullable=True),
        _holds("scheduled_start", AT, nullable=True),
        _holds("scheduled_end", AT, nullable=True),
        _holds("urged_times", sa.Integer()),
        _holds("urged_at", AT, nullable=True),
        _holds("escalated_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=conv("pk_service_order")),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 15 AND 720", name=conv("ck_service_order_duration_15_720")
        ),
        sa.CheckConstraint("mode IN ('on_site', 'online')", name=conv("ck_service_order_mode_known")),
        sa.CheckConstraint(
            "status IN ('submitted', 'approved', 'offered', 'pooled', 'accepted', "
            "'in_service', 'delivered', 'closed', 'rejected', 'cancelled', 'unmet')",
            name=conv("ck_service_order_orderstatus_known"),
        ),
        sa.CheckConstraint("people BETWEEN 1 AND 200", name=conv("ck_service_order_people_1_200")),
        sa.CheckConstraint(
            "(lat IS NULL) = (mode = 'online')", name=conv("ck_service_order_place_when_on_site")
        ),
        sa.CheckConstraint("risk IN ('none', 'risky')", name=conv("ck_service_order_risk_known")),
        sa.CheckConstraint("scheduled_end > scheduled_start", name=conv("ck_service_order_schedule_forward")),
        sa.CheckConstraint(
            "(scheduled_start IS NULL) = (team_id IS NULL)", name=conv("ck_service_order_schedule_with_team")
        ),
        sa.CheckConstraint(
            "(team_id IS NOT NULL) = (status IN ('accepted', 'closed', 'delivered', 'in_service'))",
            name=conv("ck_service_order_team_when_staffed"),
        ),
        sa.CheckConstraint(
            "urgency IN ('normal', 'urgent', 'emergency')",
            name=conv("ck_service_order_urgency_known"),
        ),
        sa.CheckConstraint("window_end > window_start", name=conv("ck_service_order_window_forward")),
        sa.Index("ix_service_order_due", "status", "due_at"),
        sa.Index("ix_service_order_org_path", "org_path", "id"),
        sa.Index("ix_service_order_placed_by", "placed_by_id", "id"),
        sa.Index("ix_service_order_team", "team_id", "id"),
    ]


MADE = ("team_block", "team_standing", "team_price", "reservation", "dispatch_plan", "dispatch_plan_item")


def _make() -> None:
    op.create_table(
        "team_block",
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("team_block", "team_id", "team"),
        _holds("beneficiary_key", KEY),
        _refers("team_block", "order_id", "service_order"),
        _holds("reason", sa.String(200)),
        _refers("team_block", "blocked_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=conv("pk_team_block")),
        sa.UniqueConstraint("team_id", "beneficiary_key", name=conv("uq_team_block_team_id_beneficiary_key")),
    )
    op.create_index("ix_team_block_beneficiary_key", "team_block", ["beneficiary_key"])
    op.create_table(
        "team_standing",
        _refers("team_standing", "team_id", "team"),
        _holds("asked", sa.Integer()),
        _holds("accepted", sa.Integer()),
        _holds("due", sa.Integer()),
        _holds("on_time", sa.Integer()),
        _holds("served", sa.Integer()),
        _holds("released", sa.Integer()),
        _holds("rating_sum", sa.Integer()),
        _holds("ratings", sa.Integer()),
        _holds("recent", sa.Integer()),
        _holds("reliability", sa.Integer()),
        _holds("updated_at", AT),
        sa.PrimaryKeyConstraint("team_id", name=conv("pk_team_standing")),
        sa.CheckConstraint(
            "asked >= 0 AND accepted >= 0 AND due >= 0 AND on_time >= 0 AND served >= 0"
            " AND released >= 0 AND rating_sum >= 0 AND ratings >= 0 AND recent >= 0",
            name=conv("ck_team_standing_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "reliability BETWEEN 0 AND 10000", name=conv("ck_team_standing_reliability_0_10000")
        ),
    )
    op.create_table(
        "team_price",
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("team_price", "team_id", "team"),
        _holds("day", sa.Date()),
        _holds("permille", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=conv("pk_team_price")),
        sa.CheckConstraint("permille BETWEEN 0 AND 10000", name=conv("ck_team_price_permille_0_10000")),
        sa.UniqueConstraint("team_id", "day", name=conv("uq_team_price_team_id_day")),
    )
    op.create_table(
        "reservation",
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("reservation", "team_id", "team"),
        _refers("reservation", "order_id", "service_order"),
        _holds("starts_at", AT),
        _holds("ends_at", AT),
        _holds("permille", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=conv("pk_reservation")),
        sa.CheckConstraint("permille BETWEEN 0 AND 10000", name=conv("ck_reservation_permille_0_10000")),
        sa.CheckConstraint("ends_at > starts_at", name=conv("ck_reservation_time_forward")),
        sa.UniqueConstraint("order_id", name=conv("uq_reservation_order_id")),
    )
    op.create_index("ix_reservation_team", "reservation", ["team_id", "starts_at"])
    op.create_table(
        "dispatch_plan",
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("dispatch_plan", "organisation_id", "organisation"),
        _holds("org_path", PATH),
        _refers("dispatch_plan", "made_by_id", "person", nullable=True),
        _holds("made_at", AT),
        _holds("seconds", sa.Float()),
        _holds("orders", sa.Integer()),
        _holds("teams", sa.Integer()),
        _holds("served", sa.Integer()),
        _holds("by_hand", sa.Integer()),
        _holds("objective", sa.BigInteger()),
        _holds("bound", sa.BigInteger()),
        _holds("proven", sa.Boolean()),
        _holds("partial", sa.Boolean()),
        _holds("applied_at", AT, nullable=True),
        _refers("dispatch_plan", "applied_by_id", "person", nullable=True),
        sa.PrimaryKeyConstraint("id", name=conv("pk_dispatch_plan")),
    )
    op.create_index("ix_dispatch_plan_org_path", "dispatch_plan", ["org_path"])
    op.create_table(
        "dispatch_plan_item",
        _holds("id", ID),
        _holds("created_at", AT),
        _refers("dispatch_plan_item", "plan_id", "dispatch_plan"),
        _refers("dispatch_plan_item", "order_id", "service_order"),
        _holds("version", sa.Integer()),
        _refers("dispatch_plan_item", "team_id", "team", nullable=True),
        _refers("dispatch_plan_item", "first_choice_id", "team", nullable=True),
        _holds("starts_at", AT, nullable=True),
        _holds("score", sa.Integer(), nullable=True),
        _holds("reason", sa.String(40)),
        _holds("outcome", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name=conv("pk_dispatch_plan_item")),
        sa.CheckConstraint(
            "(team_id IS NULL) = (starts_at IS NULL)", name=conv("ck_dispatch_plan_item_time_with_team")
        ),
        sa.UniqueConstraint("plan_id", "order_id", name=conv("uq_dispatch_plan_item_plan_id_order_id")),
    )
