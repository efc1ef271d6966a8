"""Whoever changes a fact that coverage rests on says of which compound, and from which day on."""

from pathlib import Path

from alembic import op

from kit.storage.migrations import run_sql

revision = "0020"
down_revision = "0019"

_FACTS = ("compounds", "observations", "committees", "red_properties", "contracts", "charges")


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    for table in _FACTS:
        for change in ("insert_new", "update_old", "update_new", "delete_old", "truncate"):
            op.execute(f"DROP TRIGGER IF EXISTS tell_coverage_{change} ON {table}")
    op.execute("DROP TRIGGER tell_coverage ON divisions")
    op.execute("DROP FUNCTION tell_coverage, tell_of_everything, tell_of_compounds, tell_of_facts")
    op.drop_table("coverage_changes")
