"""Sign-ins by an identity provider that are under way, and sessions that came of one."""

from pathlib import Path

from alembic import op

from kit.storage.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    # Whoever came by a provider would be asked for a password: they sign in anew.
    op.execute("DELETE FROM sessions WHERE outside")
    op.execute("ALTER TABLE sessions DROP COLUMN outside")
    op.execute("DROP TABLE sign_ins")
