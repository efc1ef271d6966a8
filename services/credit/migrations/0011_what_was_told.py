"""What other services told last of each thing; a record may stand again for one that was taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "told",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("records", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("origin", "key", name=op.f("pk_told")),
    )
    op.drop_column("projects", "told_at")
    op.add_column("records", sa.Column("again_of_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_records_again_of_id"), "records", "records", ["again_of_id"], ["id"])
    op.create_index(
        "ix_records_again_of_id",
        "records",
        ["again_of_id"],
        postgresql_where=sa.text("again_of_id IS NOT NULL"),
    )
    op.create_check_constraint(op.f("ck_assessments_points"), "assessments", "points between 0 and 1000")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_assessments_points"), "assessments")
    op.drop_column("records", "again_of_id")
    op.add_column(
        "projects",
        sa.Column(
            "told_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("'-infinity'")
        ),
    )
    op.alter_column("projects", "told_at", server_default=None)
    op.drop_table("told")
