"""A scheme's digest, by which a process knows whether it has read it before."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column(
        "schemes",
        sa.Column("digest", sa.Text(), sa.Computed("md5(document::text)", persisted=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("schemes", "digest")
