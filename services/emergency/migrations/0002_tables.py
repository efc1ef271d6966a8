"""The tables of the service: registers, accidents and what hangs on them."""

from pathlib import Path

from alembic import op

from kit.storage.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    raise NotImplementedError("the first tables stay")
