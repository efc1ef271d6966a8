"""Choosing a compound's company, step by step, with those who bid and their grades as they were seen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

_CHECKS = {
    "state": "state in ('opened','guided','formed','tendering','decided','signed','in_charge','stopped')",
    "reason": "reason in ('choose','replace')",
    "committee": "state not in ('formed','tendering','decided','signed','in_charge') or committee_id is not null",
    "tender": "state not in ('tendering','decided','signed','in_charge') or tender_number is not null",
    "winner": "state not in ('decided','signed','in_charge') or winner_id is not null",
    "contract": "state not in ('signed','in_charge') or contract_id is not null",
}
_REFERS = {
    "compound_id": "compounds",
    "committee_id": "committees",
    "winner_id": "companies",
    "contract_id": "contracts",
}


def upgrade() -> None:
    op.create_table(
        "engagements",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("committee_id", sa.Uuid(), nullable=True),
        sa.Column("tender_number", sa.Text(), nullable=True),
        sa.Column("tendered_on", sa.Date(), nullable=True),
        sa.Column("winner_id", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(text, name=op.f(f"ck_engagements_{name}")) for name, text in _CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_engagements_{column}"))
            for column, table in _REFERS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagements")),
    )
    for column in ("compound_id", "state"):
        op.create_index(op.f(f"ix_engagements_{column}"), "engagements", [column])
    op.create_index(
        "uq_engagements_running",
        "engagements",
        ["compound_id"],
        unique=True,
        postgresql_where="state not in ('in_charge','stopped')",
    )
    op.create_table(
        "bidders",
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("credit", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_bidders_company_id")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagements.id"], name=op.f("fk_bidders_engagement_id")),
        sa.PrimaryKeyConstraint("engagement_id", "company_id", name=op.f("pk_bidders")),
    )
    op.create_index(op.f("ix_bidders_company_id"), "bidders", ["company_id"])


def downgrade() -> None:
    op.drop_table("bidders")
    op.drop_table("engagements")
