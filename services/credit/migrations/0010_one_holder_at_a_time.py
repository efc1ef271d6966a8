"""Nobody holds a project on a day on which another does."""

from alembic import op

from kit.storage.exclusion import DAYS_OF

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(DAYS_OF)
    op.execute(
        "ALTER TABLE holdings ADD CONSTRAINT ex_holdings_project_id"
        " EXCLUDE USING gist (days_of(project_id, begins_on, ends_on) WITH &&)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE holdings DROP CONSTRAINT ex_holdings_project_id")
    op.execute("DROP FUNCTION days_of(uuid, date, date)")
