"""What the clock needs: when it looks at an order again, whom it called, who did not come, what is to be sent.

Nothing here follows the models when they move on: `MADE` and `CHANGED` spell everything out, in the lines of
app/schema_lines.py.

Taken back, an order that was merged is cancelled, a standby is recalled, a department becomes an inactive base.
The older release knows neither the marks nor the notices nor the rules of policy that came with this one: they go,
and what is left of each timeline is numbered anew. A team that was missed or relieved reads as having released the
order. A promotion (as claimed) and a postponement of what had begun (as reopened) keep their places, though the
older `verify` knows no such way.
"""

from alembic import op
from app.schema_lines import Tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    tables = Tables(op, down_revision)
    for name, text in MADE.items():
        tables.make(name, text)
    op.execute("INSERT INTO feed_position (id, last) VALUES (1, 0)")
    for name, text in CHANGED.items():
        tables.change(name, tables.shape(name, BEFORE[name]), tables.shape(name, text))
    op.execute("DROP INDEX uq_offer_never_again")
    op.execute(NEVER_AGAIN.format(more=", 'standby'"))


def downgrade() -> None:
    tables = Tables(op, down_revision)
    for statement in FORGET.split(";\n"):
        op.execute(statement)
    for rule in RULES:
        path = rule.replace(".", ",")
        less = f"json_remove(policy, '$.{rule}')" if tables.sqlite else f"policy #- '{{{path}}}'"
        op.execute(f"UPDATE organisation SET policy = {less}")
    for name, text in CHANGED.items():
        tables.change(name, tables.shape(name, text), tables.shape(name, BEFORE[name]))
    op.execute("DROP INDEX uq_offer_never_again")
    op.execute(NEVER_AGAIN.format(more=""))
    for name in reversed(MADE):
        op.execute(f"DROP TABLE {name}")
