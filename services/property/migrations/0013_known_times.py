"""Facts that coverage rests on are remembered as they were known."""

from pathlib import Path

from alembic import op

from kit.storage.migrations import run_sql

revision = "0013"
down_revision = "0012"

_FACTS = ("compounds", "observations", "committees", "red_properties", "contracts", "charges")


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    for table in _FACTS:
        for trigger in ("know_anew", "keep_former_of_update", "keep_former_of_delete"):
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.drop_column(table, "known_from")
    op.drop_table("former_rows")
    op.execute("DROP FUNCTION remember, know_anew, keep_former, service_time")
