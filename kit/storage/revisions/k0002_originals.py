"""What somebody typed that holds personal data, sealed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "k0002"
down_revision = None
depends_on = "0001"


def upgrade() -> None:
    op.create_table(
        "originals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_originals"),
    )
    op.create_index("ix_originals_subjects", "originals", ["subjects"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("originals")
