"""What the clock needs: when it looks at an order again, whom it called, who did not come, what is to be sent.

SQLite cannot change a condition: there a changed table is written anew from its own text, its lines replaced.
Nothing here follows the models when they move on: `MADE` and `CHANGED` spell everything out, as lines
`column kind [?] [-> parent] [= what older rows hold]` (`?`: may be null), `CHECK`, `UNIQUE`, `INDEX`, `KEY`.

Taken back, an order that was merged is cancelled, a standby is recalled, a department becomes an inactive base.
The older release knows neither the marks nor the notices nor the rules of policy that came with this one: they go,
and what is left of each timeline is numbered anew. A team that was missed or relieved reads as having released the
order. A promotion (as claimed) and a postponement of what had begun (as reopened) keep their places, though the
older `verify` knows no such way.
"""

import re
from typing import NamedTuple

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = {
    "sqlite": {"id": "CHAR(32)", "at": "DATETIME", "json": "JSON", "path": "VARCHAR(200)"},
    "postgresql": {
        "id": "UUID",
        "at": "TIMESTAMP WITH TIME ZONE",
        "json": "JSONB",
        "path": 'VARCHAR(200) COLLATE "C"',
    },
}
"""What differs; `text40` is VARCHAR(40) and `word` VARCHAR(32) everywhere, and the rest is SQL's own."""

STATES = (
    "'submitted', 'approved', 'offered', 'pooled', 'accepted', 'in_service', 'delivered', 'closed', 'rejected', "
    "'cancelled', 'unmet'"
)
ACTIONS = (
    "'submit', 'approve', 'reject', 'dispatch', 'open_pool', 'escalate', 'give_up', 'accept', 'decline', 'lapse', "
    "'recall', 'claim', 'name_crew', 'start', 'release', 'reassign', 'deliver', 'review', 'close', 'reopen', "
    "'cancel', 'urge'"
)
MORE_ACTIONS = (
    "'submit', 'approve', 'reject', 'reschedule', 'merge', 'join', 'automate', 'suggest', 'take_over', "
    "'dispatch', 'widen', 'open_pool', 'widen_pool', 'escalate', 'report', 'unreported', 'give_up', 'overdue', "
    "'accept', 'decline', 'lapse', 'recall', 'claim', 'ask_standby', 'stand_by', 'stand_down', 'confirm', "
    "'name_crew', 'start', 'postpone', 'release', 'miss', 'relieve', 'promote', 'reassign', 'deliver', 'review', "
    "'close', 'complain', 'reopen', 'cancel', 'urge'"
)
LEVELS = "'center', 'office', 'station', 'point', 'base'"
OFFERS = "'open', 'accepted', 'declined', 'lapsed', 'recalled', 'released'"

CENTER = """(SELECT path FROM organisation
  WHERE level = 'center' AND substr(service_order.org_path, 1, length(path)) = path)"""

CHANGED = {
    "organisation": f"""
        duties json = '[]'
        CHECK orglevel_known level IN ({LEVELS}, 'department')
    """,
    "service_order": f"""
        risk_at at ?; overdue_at at ?; step_at at ? = CASE WHEN status = 'accepted' THEN status_at END;
        auto boolean = FALSE; wave integer = 0; ring integer = 0
        pool_path path ? = CASE WHEN status = 'pooled' THEN {" ".join(CENTER.split())} END
        confirmed_at at ?; preferred_team_id ? -> team; recurring_id ? -> recurring_order;
        occurs_at at ?; merged_into_id ? -> service_order
        CHECK orderstatus_known status IN ({STATES}, 'merged')
        CHECK pool_when_pooled (pool_path IS NOT NULL) = (status = 'pooled')
        CHECK merged_into_one (merged_into_id IS NOT NULL) = (status = 'merged')
        CHECK time_in_recurring (recurring_id IS NULL) = (occurs_at IS NULL)
        CHECK rounds_not_negative wave >= 0 AND ring >= 0
        UNIQUE recurring_id, occurs_at
        INDEX ix_step (step_at) WHERE step_at IS NOT NULL
        INDEX ix_merged_into (merged_into_id)
        INDEX ix_closed (status, status_at) WHERE status = 'closed'
    """,
    "offer": f"""
        standby boolean = FALSE; excused boolean = FALSE
        CHECK offerstatus_known status IN ({OFFERS}, 'standby')
        INDEX uq_standby (order_id) WHERE status = 'standby'
    """,
    "order_event": f"""
        position bigint ?
        CHECK action_known action IN ({MORE_ACTIONS})
        CHECK from_status_known from_status IN ({STATES}, 'merged')
        CHECK to_status_known to_status IN ({STATES}, 'merged')
        UNIQUE position
        INDEX ix_unplaced (id) WHERE position IS NULL
    """,
    "notification": """
        due_at at = created_at; voided_at at ?; send_at at ?; leased_until at ?; attempts integer = 0;
        held_template text40 ?
        CHECK attempts_not_negative attempts >= 0
        INDEX ix_order (order_id, id)
        INDEX ix_send (send_at) WHERE send_at IS NOT NULL
    """,
}

BEFORE = {
    "organisation": f"CHECK orglevel_known level IN ({LEVELS})",
    "service_order": f"CHECK orderstatus_known status IN ({STATES})",
    "offer": f"CHECK offerstatus_known status IN ({OFFERS})",
    "order_event": f"""
        CHECK action_known action IN ({ACTIONS})
        CHECK from_status_known from_status IN ({STATES})
        CHECK to_status_known to_status IN ({STATES})
    """,
    "notification": "",
}
"""The conditions that are replaced, as they were."""

MADE = {
    "feed_position": """
        id smallint; last bigint
        KEY id
    """,
    "recurring_order": """
        organisation_id -> organisation; org_path path; placed_by_id -> person; title text60; wanted json;
        rule text300; first_start at; window_minutes integer; time_zone text40; on_holiday word;
        preferred_team_id ? -> team; status word; reason text200; decided_by_id ? -> person;
        made_until at ?; next_at at ?
        CHECK onholiday_known on_holiday IN ('keep', 'skip')
        CHECK recurringstatus_known status IN ('requested', 'active', 'rejected', 'ended')
        CHECK window_15_1440 window_minutes BETWEEN 15 AND 1440
        CHECK watched_when_active (next_at IS NOT NULL) = (status = 'active')
        INDEX ix_org_path (org_path)
        INDEX ix_placed_by (placed_by_id, id)
        INDEX ix_next (next_at) WHERE next_at IS NOT NULL
    """,
    "recurring_exception": """
        recurring_id -> recurring_order; occurs_at at; moved_to at ?; reason text200
        UNIQUE recurring_id, occurs_at
    """,
    "whistle": """
        order_id -> service_order; handler_id -> organisation; department_id ? -> organisation;
        department_path path ?; due_at at; reported_at at ?; reported_by_id ? -> person;
        can_help boolean ?; note text200; missed_at at ?
        CHECK department_has_path (department_id IS NULL) = (department_path IS NULL)
        CHECK report_says_whether (reported_at IS NULL) = (can_help IS NULL)
        CHECK department_reports department_id IS NOT NULL OR reported_at IS NULL
        UNIQUE order_id, handler_id
        INDEX ix_department (department_path, id)
        INDEX ix_due (due_at) WHERE reported_at IS NULL AND missed_at IS NULL
    """,
    "gap": """
        order_id -> service_order; org_path path; category text40; specialty text40; reason text40
        UNIQUE order_id, specialty
        INDEX ix_org_path (org_path, id)
    """,
    "absence": """
        order_id -> service_order; team_id -> team; org_path path; scheduled_start at;
        marked_by_id ? -> person; reason text200; appeal text200; appealed_at at ?;
        appealed_by_id ? -> person; decided_at at ?; decided_by_id ? -> person; decision text200;
        overturned boolean
        CHECK appeal_has_words (appealed_at IS NULL) = (appeal = '')
        CHECK overturned_by_decision decided_at IS NOT NULL OR NOT overturned
        UNIQUE order_id, team_id, scheduled_start
        INDEX ix_org_path (org_path)
        INDEX ix_team (team_id, id)
    """,
    "complaint": """
        order_id -> service_order; org_path path; made_by_id -> person; words text500; due_at at;
        answered_at at ?; answered_by_id ? -> person; answer text500; reopened boolean ?
        CHECK answer_says_whether (answered_at IS NULL) = (reopened IS NULL)
        INDEX ix_order_id (order_id)
        INDEX ix_org_path (org_path)
        INDEX uq_open (order_id) WHERE answered_at IS NULL
    """,
    "follow_up": """
        order_id -> service_order; org_path path; cause word; due_at at; done_at at ?;
        done_by_id ? -> person; way word ?; satisfied boolean ?; note text500
        CHECK followupcause_known cause IN ('on_behalf', 'low_rating')
        CHECK followupway_known way IN ('phone', 'visit')
        CHECK done_says_whether (done_at IS NULL) = (satisfied IS NULL)
        UNIQUE order_id
        INDEX ix_org_path (org_path)
        INDEX ix_due (due_at) WHERE done_at IS NULL
    """,
    "sending": """
        notification_id -> notification; channel word; attempt integer; outcome word; detail text200
        CHECK channel_known channel IN ('wechat', 'sms')
        CHECK outcome_known outcome IN ('sent', 'refused', 'retry', 'failed')
        CHECK attempt_from_1 attempt >= 1
        UNIQUE notification_id, channel, attempt
        INDEX ix_outcome (outcome, id)
    """,
    "subscription": """
        person_id -> person; template text40; remaining integer
        KEY person_id, template
        CHECK remaining_0_1000 remaining BETWEEN 0 AND 1000
    """,
    "webhook": """
        organisation_id -> organisation; org_path path; url text500; secret text100; actions json;
        active boolean; made_by_id -> person; position bigint; next_at at; leased_until at ?;
        failures integer; failing_since at ?; last_error text200
        CHECK failures_not_negative failures >= 0
        INDEX ix_org_path (org_path)
        INDEX ix_next (next_at) WHERE active
    """,
}

NEVER_AGAIN = (
    "CREATE UNIQUE INDEX uq_offer_never_again ON offer (order_id, team_id) "
    "WHERE status IN ('accepted', 'declined', 'open', 'released'{more})"
)

FORGET = f"""
UPDATE service_order SET status = 'cancelled', merged_into_id = NULL WHERE status = 'merged';
UPDATE offer SET status = 'recalled' WHERE status = 'standby' OR (status = 'open' AND standby);
UPDATE organisation SET level = 'base', active = FALSE WHERE level = 'department';
UPDATE order_event SET action = 'cancel', to_status = 'cancelled' WHERE action = 'merge';
UPDATE order_event SET action = 'release' WHERE action IN ('miss', 'relieve');
UPDATE order_event SET action = 'claim' WHERE action = 'promote';
UPDATE order_event SET action = 'reopen' WHERE action = 'postpone' AND from_status <> to_status;
DELETE FROM order_event WHERE action NOT IN ({ACTIONS});
UPDATE order_event SET seq = -told.number FROM
  (SELECT id, row_number() OVER (PARTITION BY order_id ORDER BY seq) AS number FROM order_event) told
  WHERE told.id = order_event.id;
UPDATE order_event SET seq = -seq;
UPDATE service_order SET version =
  (SELECT coalesce(max(seq), service_order.version) FROM order_event WHERE order_id = service_order.id);
DELETE FROM sending;
DELETE FROM notification WHERE kind NOT IN ({ACTIONS}) OR voided_at IS NOT NULL OR due_at > created_at
  OR CAST(data AS text) LIKE '%"audience": "asked"%'
"""
"""What is done before the schema goes back: it must be right by the old conditions and by the new ones."""

RULES = [
    *(
        "times_by_category",
        "dispatch",
        "appointments",
        "notices",
        "times.deliver_hours",
        "times.complaint_hours",
    ),
    *("times.follow_up_days", "times.at_risk_percent", "times.service_hours"),
    *(
        f"times.{urgency}.{what}"
        for urgency in ("normal", "urgent", "emergency")
        for what in ("report", "clock")
    ),
]
"""What no policy said before."""

COLUMN = re.compile(
    r"(?P<name>\w+)(?: (?P<kind>\w+))?(?P<null> \?)?(?: -> (?P<parent>\w+))?(?: = (?P<older>.+))?"
)


class Shape(NamedTuple):
    """By the name of what they define: lines of SQL, what older rows hold there, and whole statements."""

    lines: dict[str, str]
    older: dict[str, str]
    indexes: dict[str, str]


def upgrade() -> None:
    for name, text in MADE.items():
        shape = _shape(name, text)
        op.execute(_table(name, shape.lines))
        for index in shape.indexes.values():
            op.execute(index)
    op.execute("INSERT INTO feed_position (id, last) VALUES (1, 0)")
    for name, text in CHANGED.items():
        shape = _shape(name, text)
        _change(name, _shape(name, BEFORE[name]).lines, shape.lines, shape.older)
        for index in shape.indexes.values():
            op.execute(index)
    op.execute("DROP INDEX uq_offer_never_again")
    op.execute(NEVER_AGAIN.format(more=", 'standby'"))


def downgrade() -> None:
    for statement in FORGET.split(";\n"):
        op.execute(statement)
    for rule in RULES:
        path = rule.replace(".", ",")
        less = f"json_remove(policy, '$.{rule}')" if _sqlite() else f"policy #- '{{{path}}}'"
        op.execute(f"UPDATE organisation SET policy = {less}")
    for name, text in CHANGED.items():
        shape = _shape(name, text)
        for index in shape.indexes:
            op.execute(f"DROP INDEX {index}")
        _change(name, shape.lines, _shape(name, BEFORE[name]).lines, {})
    op.execute("DROP INDEX uq_offer_never_again")
    op.execute(NEVER_AGAIN.format(more=""))
    for name in reversed(MADE):
        op.execute(f"DROP TABLE {name}")


def _sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _shape(table: str, text: str) -> Shape:
    shape = Shape({}, {}, {})
    if table in MADE and "KEY" not in text:
        text = f"id id; created_at at; {text}; KEY id"
    for line in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        word, _, rest = line.partition(" ")
        name, _, said = rest.partition(" ")
        if word == "KEY":
            shape.lines[f"pk_{table}"] = f"PRIMARY KEY ({rest})"
        elif word == "UNIQUE":
            shape.lines[f"uq_{table}_{rest.replace(', ', '_')}"] = f"UNIQUE ({rest})"
        elif word == "CHECK":
            shape.lines[f"ck_{table}_{name}"] = f"CHECK ({said})"
        elif word == "INDEX":
            unique, name = "UNIQUE " * name.startswith("uq"), f"{name[:2]}_{table}{name[2:]}"
            shape.indexes[name] = f"CREATE {unique}INDEX {name} ON {table} {said}"
        elif column := COLUMN.fullmatch(line):
            _hold(shape, table, **column.groupdict())
    return shape


def _hold(
    shape: Shape,
    table: str,
    name: str,
    kind: str | None,
    null: str | None,
    parent: str | None,
    older: str | None,
) -> None:
    sort = (kind or "id").replace("word", "text32")
    sql = KINDS[op.get_context().dialect.name].get(sort) or re.sub(r"TEXT(\d+)", r"VARCHAR(\1)", sort.upper())
    shape.lines[name] = sql if null else f"{sql} NOT NULL"
    if older:
        shape.older[name] = older
    if parent:
        shape.lines[f"fk_{table}_{name}"] = f"FOREIGN KEY({name}) REFERENCES {parent} (id)"


def _promise(name: str) -> bool:
    return name[:3] in ("pk_", "fk_", "ck_", "uq_")


def _table(name: str, lines: dict[str, str]) -> str:
    """Columns first, for SQLite, each on a line of its own."""
    columns = [f"{column} {line}" for column, line in lines.items() if not _promise(column)]
    promises = [f"CONSTRAINT {promise} {line}" for promise, line in lines.items() if _promise(promise)]
    return f"CREATE TABLE {name} (\n\t" + ",\n\t".join(columns + promises) + "\n)"


def _change(table: str, gone: dict[str, str], come: dict[str, str], older: dict[str, str]) -> None:
    """Take some lines out of a table and put others in; `older` is what its rows hold then."""
    if _sqlite():
        _write_anew(table, gone, come, older)
        return
    for name in sorted(gone, key=_promise, reverse=True):
        op.execute(f"ALTER TABLE {table} DROP {'CONSTRAINT' if _promise(name) else 'COLUMN'} {name}")
    columns = {name: line for name, line in come.items() if not _promise(name)}
    for name, line in columns.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {line.removesuffix(' NOT NULL')}")
    if older:
        op.execute(f"UPDATE {table} SET {', '.join(f'{name} = {held}' for name, held in older.items())}")
    for name, line in columns.items():
        if line.endswith(" NOT NULL"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL")
    for name in filter(_promise, come):
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {come[name]}")


def _write_anew(table: str, gone: dict[str, str], come: dict[str, str], older: dict[str, str]) -> None:
    """SQLite's own way (lang_altertable, section 7): a new table, the rows, the old one's name and indexes."""
    rows = _as_it_is().exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", (table,)
    )
    was, *indexes = rows.scalars()
    there = dict(re.findall(r"^\t(?:CONSTRAINT )?\"?(\w+)\"? (.*?),? ?$", was, re.M))
    kept = {name: line for name, line in there.items() if name not in gone}
    columns = [name for name in kept if not _promise(name)]
    op.execute(_table(f"{table}_anew", kept | come))
    into, held = ", ".join([*columns, *older]), ", ".join([*columns, *older.values()])
    op.execute(f"INSERT INTO {table}_anew ({into}) SELECT {held} FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for index in indexes:
        op.execute(index)


def _as_it_is() -> sa.Connection:
    """The database, or (`--sql`) an empty one as the older release makes it."""
    if not op.get_context().as_sql:
        return op.get_bind()
    here, scratch = op, sa.create_engine("sqlite://", poolclass=sa.StaticPool).connect()
    there = Operations(MigrationContext.configure(scratch))
    for script in reversed(list(context.script.walk_revisions("base", down_revision))):
        script.module.op = there
        script.module.upgrade()
        script.module.op = here
    return scratch
