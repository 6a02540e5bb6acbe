"""Who looked at a series: a trace of a look names an order, or what asks for orders again and again.

Taken back, the traces of looks at a series are gone, because the older release has no place for them; the trail of
the auditors still tells of each.
"""

from alembic import op
from app.schema_lines import Tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = "order_id id"
AFTER = """
    order_id id ?; recurring_id ? -> recurring_order
    CHECK of_one (order_id IS NULL) <> (recurring_id IS NULL)
    INDEX ix_recurring (recurring_id, id)
"""


def upgrade() -> None:
    tables = Tables(op, down_revision)
    tables.change("reveal", tables.shape("reveal", BEFORE), tables.shape("reveal", AFTER))


def downgrade() -> None:
    tables = Tables(op, down_revision)
    op.execute("DELETE FROM reveal WHERE order_id IS NULL")
    tables.change("reveal", tables.shape("reveal", AFTER), tables.shape("reveal", BEFORE))
