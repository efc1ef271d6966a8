"""Applications for repair, yearly assessments, and the award fund, of which never more is given out than there is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

_JSON = postgresql.JSONB(astext_type=sa.Text())
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "repairs",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("filed_at", _TIME, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('filed','approved','refused')", name=op.f("ck_repairs_state")),
        sa.CheckConstraint("(state = 'filed') = (decided_at is null)", name=op.f("ck_repairs_decided")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_repairs_record_id")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_repairs_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs")),
    )
    op.create_index(op.f("ix_repairs_company_id"), "repairs", ["company_id"])
    op.create_index(
        "uq_repairs_record_id", "repairs", ["record_id"], unique=True, postgresql_where="state <> 'refused'"
    )
    op.create_table(
        "assessments",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("points", sa.Numeric(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "result in ('excellent','good','passed','failed')", name=op.f("ck_assessments_result")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_assessments_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
        sa.UniqueConstraint("company_id", "year", name=op.f("uq_assessments_company_id_year")),
    )
    op.create_table(
        "award_funds",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fund", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("shared_out_at", _TIME, nullable=False),
        sa.CheckConstraint("given between 0 and fund", name=op.f("ck_award_funds_given")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_award_funds_evaluation_id")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_award_funds")),
    )
    op.create_table(
        "awards",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_awards_amount")),
        sa.ForeignKeyConstraint(["year"], ["award_funds.year"], name=op.f("fk_awards_year")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_awards_company_id")),
        sa.PrimaryKeyConstraint("year", "company_id", name=op.f("pk_awards")),
    )


def downgrade() -> None:
    for table in ("awards", "award_funds", "assessments", "repairs"):
        op.drop_table(table)
