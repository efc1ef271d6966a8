"""What a hand-in says is kept when a later one takes its place, so that the two can be compared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    said = sa.Column("said", postgresql.JSONB(), nullable=False, server_default="[]")
    op.add_column("surveys", said)
    op.alter_column("surveys", "said", server_default=None)


def downgrade() -> None:
    op.drop_column("surveys", "said")
