"""People, their sessions, their tries to sign in, and the audit of all that."""

from pathlib import Path

from alembic import op

from kit.storage.going_back import loses
from kit.storage.migrations import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    loses(op, "people", "SELECT FROM people")
    for table in ("sessions", "tries", "people", "audit_seals", "audit_head", "audit"):
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_only_grows")
