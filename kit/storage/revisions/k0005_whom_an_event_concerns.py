"""Who handed in what an event is about."""

import sqlalchemy as sa
from alembic import op

revision = "k0005"
down_revision = "k0004"


def upgrade() -> None:
    op.add_column("events", sa.Column("client", sa.Text()))


def downgrade() -> None:
    op.drop_column("events", "client")
