"""Companies under evaluation."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "companies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_companies_name")),
        sa.CheckConstraint("uscc ~ '^[0-9A-Z]{18}$'", name=op.f("ck_companies_uscc")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
    )
    op.create_index(op.f("ix_companies_uscc"), "companies", ["uscc"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_companies_uscc"), table_name="companies")
    op.drop_table("companies")
