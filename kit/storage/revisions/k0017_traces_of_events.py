"""Of which trace the write was that an event tells of, where traces are recorded."""

import sqlalchemy as sa
from alembic import op

revision = "k0017"
down_revision = "k0016"


def upgrade() -> None:
    op.add_column("events", sa.Column("trace", sa.Text()))


def downgrade() -> None:
    op.drop_column("events", "trace")
