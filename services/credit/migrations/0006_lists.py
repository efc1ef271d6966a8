"""The red and black lists as they were published, and who left the black one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "list_entries",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("score", sa.Numeric(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("records", _JSON, nullable=False),
        sa.CheckConstraint("listed in ('red','black')", name=op.f("ck_list_entries_listed")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_list_entries_evaluation_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_list_entries_company_id")),
        sa.PrimaryKeyConstraint("evaluation_id", "company_id", name=op.f("pk_list_entries")),
    )
    op.create_index(op.f("ix_list_entries_company_id"), "list_entries", ["company_id"])
    op.create_table(
        "list_exits",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id", "company_id"],
            ["list_entries.evaluation_id", "list_entries.company_id"],
            name=op.f("fk_list_exits_evaluation_id_company_id"),
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "company_id", name=op.f("pk_list_exits")),
    )
    for table in ("list_entries", "list_exits"):
        op.execute(
            f"CREATE TRIGGER kept_as_entered BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION kept_as_entered()"
        )


def downgrade() -> None:
    for table in ("list_exits", "list_entries"):
        op.drop_table(table)
