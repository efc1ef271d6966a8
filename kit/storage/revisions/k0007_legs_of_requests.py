"""Requests of citizens get legs, clocks and a record that only grows."""

from pathlib import Path

from alembic import op

from kit.storage.migrations import run_sql

revision = "k0007"
down_revision = "k0006"


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    raise NotImplementedError("a request with several units has no place in the former tables")
