"""Complaints of the hotline about the company in charge of a compound."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('received','confirmed','rejected','withdrawn')", name=op.f("ck_complaints_state")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_complaints_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_complaints_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("request", name=op.f("uq_complaints_request")),
    )
    for column in ("compound_id", "company_id", "state"):
        op.create_index(op.f(f"ix_complaints_{column}"), "complaints", [column])


def downgrade() -> None:
    op.drop_table("complaints")
