"""What trust needs: personal data sealed, consents, approvals, the trail, second factors, checks of content.

Rows are read, sealed and written by this process, some hundred at a time, in the one transaction of the migration;
the keys are those of the settings (SIDAN_DATA_KEY, SIDAN_INDEX_KEY). Printed with `--sql` it makes the same tables,
of an empty database only. Nothing here follows the models; the lines are those of app/schema_lines.py. Only the
guards of the trail are those of today (app/models/audit_guard.py): a migration that changes them makes them anew.

Taken back, what was sealed is plain again, security administrators lose their role, and consents, approvals, the
trail, second factors, content checks, corrections and what policy says of them are gone. Whom an order serves is
said again by the older release's digest; an order whose contacts were emptied keeps the newer one, and is nobody's
double.
"""

from collections.abc import Callable, Iterator
from math import floor
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op
from app.domain.beneficiary import own_key, proxy_key
from app.models.audit_guard import GUARDS, UNGUARDED
from app.schema_lines import Tables
from app.sealing import Keyring, Sealed, keys_of
from app.services.access import center_of

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 500
ACTIONS = (
    "'submit', 'approve', 'reject', 'reschedule', 'merge', 'join', 'automate', 'suggest', 'take_over', "
    "'dispatch', 'widen', 'open_pool', 'widen_pool', 'escalate', 'report', 'unreported', 'give_up', 'overdue', "
    "'accept', 'decline', 'lapse', 'recall', 'claim', 'ask_standby', 'stand_by', 'stand_down', 'confirm', "
    "'name_crew', 'start', 'postpone', 'release', 'miss', 'relieve', 'promote', 'reassign', 'deliver', 'review', "
    "'close', 'complain', 'reopen', 'cancel', 'urge'"
)
ROLES = "'resident', 'volunteer', 'team_leader', 'grid_worker', 'dispatcher', 'org_admin', 'supervisor', "
MORE_ROLES = ROLES + "'security_admin', 'auditor', 'system'"
ROLES += "'auditor', 'system'"

SEALED = {
    "absence": "reason text200; appeal text200; decision text200",
    "attendance": """
        check_in_lat number ?; check_in_lon number ?; check_out_lat number ?; check_out_lon number ?
        declared_reason text200
    """,
    "beneficiary": "name text40; phone text20; kind text20; consent_note text200",
    "complaint": "words text500; answer text500",
    "delivery": "summary text1000",
    "follow_up": "note text500",
    "idempotency_record": "body bytes",
    "notification": "data object",
    "offer": "reason text200; receipt object",
    "order_event": "reason text200",
    "person": "name text40; phone text20; birth_date date ?",
    "recurring_exception": "reason text200",
    "recurring_order": "wanted object; reason text200",
    "review": "comment text500",
    "service_order": """
        circumstances list; detail text1000; address text200; lat number ?; lon number ?
        contact_name text40; contact_phone text20
    """,
    "team_block": "reason text200",
    "team_specialty": "proof_no text60 ?",
    "volunteer_specialty": "proof_no text60 ?",
    "webhook": "secret text100",
    "whistle": "note text200",
}
"""What was plain, with the kind it had: text of some length, or a kind of app/sealing.py."""

CHANGED = {
    "absence": "CHECK appeal_has_words (appealed_at IS NULL) = (length(appeal) = 0)",
    "order_event": f"""
        CHECK role_known actor_role IN ({MORE_ROLES})
        CHECK action_known action IN ({ACTIONS}, 'correct')
    """,
    "person": """
        name_hash text64 ?; phone_hash text64 ?; password_changed_at at ?; totp_secret sealed ?
        totp_confirmed_at at ?; totp_step bigint ?; closed_at at ?
        INDEX ix_name_hash (name_hash)
        INDEX ix_phone_hash (phone_hash)
    """,
    "recurring_order": "contacts_emptied_at at ?",
    "role_grant": f"CHECK role_known role IN ({MORE_ROLES})",
    "service_order": """
        cell_hash text64 ?; contact_hash text64 ?;
        contacts_emptied_at at ? = CASE WHEN length(contact_name) = 0 THEN status_at END
        CHECK place_when_on_site (lat IS NULL) = (mode = 'online')
    """,
    "sign_in": """
        means word = 'wechat'; strong boolean = FALSE; seen_at at = created_at
        device sealed = {nothing}; address sealed = {nothing}
        CHECK means_known means IN ('wechat', 'password')
    """,
    "volunteer": "id_number sealed ?; id_number_hash text64 ?; UNIQUE id_number_hash",
}
BEFORE = {
    "absence": "CHECK appeal_has_words (appealed_at IS NULL) = (appeal = '')",
    "order_event": f"""
        CHECK role_known actor_role IN ({ROLES})
        CHECK action_known action IN ({ACTIONS})
    """,
    "person": """
        failed_signins integer = 0; locked_until at ?
        INDEX ix_phone (phone)
    """,
    "role_grant": f"CHECK role_known role IN ({ROLES})",
    "service_order": "CHECK place_when_on_site (lat IS NULL) = (mode = 'online')",
}
"""What is replaced, as it was."""

MADE = {
    "recovery_code": """
        person_id -> person; digest text64; spent_at at ?
        UNIQUE digest
        INDEX ix_person_id (person_id)
    """,
    "sign_in_attempt": """
        key text64; failures integer; tried_at at; locked_until at ?
        KEY "key"
        CHECK failures_not_negative failures >= 0
        INDEX ix_tried_at (tried_at)
    """,
    "data_consent": """
        person_id -> person; purpose word; version text20; guardian_name sealed ?; guardian_phone sealed ?
        guardian_relation sealed ?; withdrawn_at at ?
        CHECK guardian_named (guardian_name IS NULL) = (guardian_phone IS NULL)
        CHECK purpose_known purpose IN ('service', 'sensitive', 'location', 'publicity')
        INDEX ix_person_id (person_id)
        INDEX uq_in_force (person_id, purpose) WHERE withdrawn_at IS NULL
    """,
    "approval": """
        kind word; state word; org_path path; subject_id id ?; wanted sealed; wanted_hash text64 ?; reason sealed
        asked_by_id -> person; expires_at at; decided_by_id ? -> person; decided_at at ?; note sealed
        CHECK decided_by_another decided_by_id <> asked_by_id
        CHECK decided_by_somebody (decided_by_id IS NULL) = (decided_at IS NULL)
        CHECK decided_when_decided (decided_at IS NULL) = (state IN ('asked', 'lapsed', 'spared'))
        CHECK approvalkind_known kind IN ('grant', 'export', 'minor')
        CHECK approvalstate_known state IN ('asked', 'approved', 'refused', 'lapsed', 'spared')
        INDEX ix_org_path (org_path, id)
        INDEX ix_subject (subject_id, kind)
        INDEX ix_asked_by_id (asked_by_id)
        INDEX ix_asked (expires_at) WHERE state = 'asked'
        INDEX uq_asked (asked_by_id, wanted_hash) WHERE state = 'asked'
    """,
    "audit_entry": """
        actor_id ? -> person; sign_in_id ? -> sign_in; act text60; result text60; org_path path
        object_kind text40; object_id id ?; reason sealed; address sealed; data sealed; request_id text64
        seq bigint ?; chain text64 ?
        UNIQUE seq
        CHECK chained_when_numbered (seq IS NULL) = (chain IS NULL)
        INDEX ix_unchained (id) WHERE seq IS NULL
        INDEX ix_org_path (org_path, id)
        INDEX ix_actor (actor_id, id)
        INDEX ix_object (object_id, id)
    """,
    "audit_chain": """
        id smallint; last bigint; last_chain text64; forgotten bigint; forgotten_chain text64
        KEY id
    """,
    "reveal": """
        order_id -> service_order; person_id -> person; role text32; approval_id ? -> approval; reason sealed
        INDEX ix_order (order_id, id)
        INDEX ix_person_id (person_id)
    """,
    "content_check": """
        kind word; state word; subject_id id; order_id -> service_order; person_id -> person; org_path path
        found json; next_at at; attempts integer; decided_by_id ? -> person; decided_at at ?; note sealed
        UNIQUE kind, subject_id
        CHECK decided_by_people (decided_at IS NULL) = (state NOT IN ('cleared', 'refused'))
        CHECK attempts_not_negative attempts >= 0
        CHECK contentkind_known kind IN ('order', 'review', 'complaint')
        CHECK contentstate_known state IN ('pending', 'passed', 'held', 'cleared', 'refused')
        INDEX ix_order_id (order_id)
        INDEX ix_pending (next_at) WHERE state = 'pending'
        INDEX ix_held (org_path, id) WHERE state = 'held'
    """,
}

NOTHING = {"sqlite": "x''", "postgresql": r"'\x'::bytea"}
FORGET = """
DELETE FROM role_grant WHERE role = 'security_admin';
UPDATE order_event SET actor_role = 'org_admin' WHERE actor_role = 'security_admin';
DELETE FROM order_event WHERE action = 'correct';
UPDATE order_event SET seq = -told.number FROM
  (SELECT id, row_number() OVER (PARTITION BY order_id ORDER BY seq) AS number FROM order_event) told
  WHERE told.id = order_event.id;
UPDATE order_event SET seq = -seq;
UPDATE service_order SET version =
  (SELECT coalesce(max(seq), service_order.version) FROM order_event WHERE order_id = service_order.id)
"""
"""What the older release has no word for; timelines are numbered anew without it."""
RULES = ("approvals", "privacy", "retention", "content", "spam")
"""What no policy said before."""

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
PLAIN: dict[str, Any] = {
    "number": sa.Float(),
    "date": sa.Date(),
    "list": JSON,
    "object": JSON,
    "bytes": sa.LargeBinary(),
}
WAS = {"number": "float", "list": "json", "object": "json", "bytes": "sealed"}
"""The kind of a plain column in the lines, where it is another word."""


def upgrade() -> None:
    tables = Tables(op, down_revision)
    for name in sorted({*SEALED, *CHANGED}):
        sealed = {column: "sealed ?" if null else "sealed" for column, _, null in _sealed(name)}
        _turn(tables, name, sealed, (BEFORE, CHANGED), _seal)
    for name, text in MADE.items():
        tables.make(name, text)
    op.execute("INSERT INTO audit_chain VALUES (1, 0, '', 0, '')")
    for guards in GUARDS[op.get_context().dialect.name].values():
        for guard in guards:
            op.execute(guard)


def downgrade() -> None:
    tables = Tables(op, down_revision)
    _name_served()
    for statement in FORGET.split(";\n"):
        op.execute(statement)
    for rule in RULES:
        less = f"json_remove(policy, '$.{rule}')" if tables.sqlite else f"policy #- '{{{rule}}}'"
        op.execute(f"UPDATE organisation SET policy = {less}")
    for statement in () if tables.sqlite else UNGUARDED:
        op.execute(statement)
    for name in reversed(MADE):
        op.execute(f"DROP TABLE {name}")
    for name in sorted({*SEALED, *CHANGED}):
        plain = {
            column: f"{WAS.get(kind, kind)}{' ?' if null else ''}" for column, kind, null in _sealed(name)
        }
        _turn(tables, name, plain, (CHANGED, BEFORE), _open)


def _sealed(table: str) -> Iterator[tuple[str, str, bool]]:
    """Column, kind, and whether it may be null."""
    for line in filter(None, map(str.strip, SEALED.get(table, "").replace("\n", ";").split(";"))):
        column, kind, *null = line.split()
        yield column, kind, bool(null)


Turn = Callable[[Keyring, Sealed, Any], Any]


def _turn(
    tables: Tables,
    table: str,
    kinds: dict[str, str],
    said: tuple[dict[str, str], dict[str, str]],
    turn: Turn,
) -> None:
    """Give the columns of a table the other kind, and the lines that were `said` before those of after."""
    nothing = NOTHING[op.get_context().dialect.name]
    gone, come = (tables.shape(table, text.get(table, "").replace("{nothing}", nothing)) for text in said)
    lines = tables.shape(table, "; ".join(f"{column} {kind}" for column, kind in kinds.items())).lines
    turned = {column: f"{column}__turned" for column in kinds}
    for column, line in lines.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {turned[column]} {line.removesuffix(' NOT NULL')}")
    _rewrite(table, turned, turn)
    gone.lines.update(lines)
    come.lines.update({column: line for column, line in lines.items() if column not in come.lines})
    tables.change(table, gone, come, turned)
    if turn is _seal:
        _hash(table)


def _rewrite(table: str, turned: dict[str, str], turn: Turn) -> None:
    """Every row's columns, as the other kind, into the columns beside them."""
    if not turned:
        return
    kinds = {column: _kind(kind) for column, kind, _ in _sealed(table)}
    held = {column: Sealed(f"{table}.{column}", kind) for column, kind in kinds.items()}
    plain = {column: PLAIN.get(kind, sa.String()) for column, kind in kinds.items()}
    reads, writes = (plain, sa.LargeBinary()) if turn is _seal else ({}, None)
    columns = {column: sa.column(column, reads.get(column, sa.LargeBinary())) for column in turned}
    for rows, keys in _batches(table, columns):
        update = sa.update(sa.table(table, *(sa.column(name) for name in (*keys, *turned.values()))))
        for key in keys:
            update = update.where(sa.column(key) == sa.bindparam(f"key_{key}"))
        update = update.values(
            {new: sa.bindparam(new, type_=writes or plain[old]) for old, new in turned.items()}
        )
        keyring = keys_of(op.get_bind().dialect)
        op.get_bind().execute(
            update,
            [
                {f"key_{key}": row[key] for key in keys}
                | {new: turn(keyring, held[old], row[old]) for old, new in turned.items()}
                for row in rows
            ],
        )


def _kind(kind: str) -> str:
    return "text" if kind.startswith("text") else kind


def _seal(keyring: Keyring, held: Sealed, value: Any) -> bytes | None:
    return held.sealed(keyring, value)


def _open(keyring: Keyring, held: Sealed, value: Any) -> Any:
    return held.opened(keyring, value)


def _batches(table: str, columns: dict[str, Any]) -> Iterator[tuple[list[dict[str, Any]], tuple[str, ...]]]:
    """The rows of a table in the order of its key, some hundred at a time; none where statements are printed."""
    if op.get_context().as_sql:
        return
    keys = ("person_id", "key") if table == "idempotency_record" else ("id",)
    key = [sa.column(name) for name in keys]
    named = sa.table(table, *key, *columns.values())
    query = sa.select(*(named.c[name] for name in (*keys, *columns))).order_by(*key).limit(BATCH)
    last: dict[str, Any] | None = None
    while True:
        after = query if last is None else query.where(sa.tuple_(*key) > tuple(last[name] for name in keys))
        rows = [dict(row) for row in op.get_bind().execute(after).mappings()]
        if not rows:
            return
        last = rows[-1]
        yield rows, keys


def _hash(table: str) -> None:
    """The keyed hashes beside what is sealed now, and the digest of whom an order serves made one of them."""
    if table in HASHED:
        columns, hashes = HASHED[table]
        kinds = {column: kind for column, kind, _ in _sealed(table)}
        typed = {
            column: sa.column(column, Sealed(f"{table}.{column}", _kind(kinds[column])))
            if column in kinds
            else sa.column(column)
            for column in columns
        }
        for rows, _ in _batches(table, typed):
            keyring = keys_of(op.get_bind().dialect)
            _write(table, [{"id": row["id"], **hashes(keyring, row)} for row in rows])


def _hashes_of_person(keyring: Keyring, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name_hash": keyring.hashed(row["name"], "name") if row["name"] else None,
        "phone_hash": keyring.hashed(row["phone"], "phone") if row["phone"] else None,
    }


def _hashes_of_order(keyring: Keyring, row: dict[str, Any]) -> dict[str, Any]:
    lat, lon, phone = row["lat"], row["lon"], row["contact_phone"]
    cell = None if lat is None else f"{floor(lat * 100)},{floor(lon * 50)}"
    return {
        "contact_hash": keyring.hashed(phone, "phone") if phone else None,
        "cell_hash": keyring.hashed(cell, "cell") if cell else None,
        **_hash_of_served(keyring, row),
    }


def _hash_of_served(keyring: Keyring, row: dict[str, Any]) -> dict[str, Any]:
    return {"beneficiary_key": keyring.hashed(row["beneficiary_key"], "beneficiary")}


Hashes = Callable[[Keyring, dict[str, Any]], dict[str, Any]]
HASHED: dict[str, tuple[tuple[str, ...], Hashes]] = {
    "person": (("name", "phone"), _hashes_of_person),
    "service_order": (("lat", "lon", "contact_phone", "beneficiary_key"), _hashes_of_order),
    "team_block": (("beneficiary_key",), _hash_of_served),
}


def _write(table: str, values: list[dict[str, Any]]) -> None:
    if not values:
        return
    names = [name for name in values[0] if name != "id"]
    update = (
        sa.update(sa.table(table, sa.column("id"), *(sa.column(name, sa.String()) for name in names)))
        .where(sa.column("id") == sa.bindparam("the_id"))
        .values({name: sa.bindparam(name, type_=sa.String()) for name in names})
    )
    rows = [{"the_id": value["id"]} | {name: value[name] for name in names} for value in values]
    op.get_bind().execute(update, rows)


def _name_served() -> None:
    """The older release's digests, made again of what is still there."""
    told = ("org_path", "placed_by_id", "beneficiary_id", "contacts_emptied_at")
    columns: dict[str, Any] = {name: sa.column(name) for name in told}
    columns["address"] = sa.column("address", Sealed("service_order.address"))
    for rows, _ in _batches("service_order", columns):
        whom = _beneficiaries({row["beneficiary_id"] for row in rows} - {None})
        _write(
            "service_order",
            [
                {"id": row["id"], "beneficiary_key": _served(row, whom)}
                for row in rows
                if row["contacts_emptied_at"] is None
            ],
        )
    op.execute(
        "UPDATE team_block SET beneficiary_key = "
        "(SELECT beneficiary_key FROM service_order WHERE service_order.id = team_block.order_id)"
    )


def _beneficiaries(ids: set[Any]) -> dict[Any, Any]:
    columns = [sa.column(name, Sealed(f"beneficiary.{name}")) for name in ("name", "phone")]
    named = sa.table("beneficiary", sa.column("id"), *columns)
    found = op.get_bind().execute(sa.select(named).where(named.c.id.in_(ids)))
    return {row.id: row for row in found}


def _served(row: dict[str, Any], whom: dict[Any, Any]) -> str:
    if row["beneficiary_id"] is None:
        return own_key(UUID(str(row["placed_by_id"])))
    told = whom[row["beneficiary_id"]]
    return proxy_key(center_of(row["org_path"]), told.name, told.phone, row["address"])
