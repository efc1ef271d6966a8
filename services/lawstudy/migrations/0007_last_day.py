"""The day that a session had before it was put off, which calendars go on showing."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("last_day", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "last_day")
