"""How far the change feeds of other services were read."""

import sqlalchemy as sa
from alembic import op

revision = "k0004"
down_revision = "k0003"


def upgrade() -> None:
    op.create_table(
        "feeds_read",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_feeds_read")),
    )


def downgrade() -> None:
    op.drop_table("feeds_read")
