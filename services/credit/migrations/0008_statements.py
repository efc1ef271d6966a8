"""Credit statements as they were signed, and the records that stood behind each."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("key_rectification", sa.Boolean(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_statements_company_id")),
        sa.ForeignKeyConstraint(["scheme"], ["schemes.code"], name=op.f("fk_statements_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_company_id"), "statements", ["company_id"])
    op.create_table(
        "statement_records",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_statement_records_statement_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_statement_records_record_id")),
        sa.PrimaryKeyConstraint("statement_id", "record_id", name=op.f("pk_statement_records")),
    )
    for table in ("statements", "statement_records"):
        op.execute(
            f"CREATE TRIGGER kept_as_entered BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION kept_as_entered()"
        )


def downgrade() -> None:
    for table in ("statement_records", "statements"):
        op.drop_table(table)
