"""Contracts of each kind, takeovers, conferences, disputes, guide prices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

_CHECKS = {
    "kind": "kind in ('preliminary','ordinary','fallback')",
    "tender": "num_nonnulls(tender_number, tender_method, tendered_on) in (0, 3)",
    "tendered": "kind <> 'preliminary' or tender_number is not null",
    "fee": "fee >= 0",
    "grade": "grade between 1 and 5",
}
_COLUMNS = (
    ("tender_number", sa.Text()),
    ("tender_method", sa.Text()),
    ("tendered_on", sa.Date()),
    ("interim_rules", sa.Text()),
    ("fee", sa.Numeric(precision=9, scale=4)),
    ("grade", sa.Integer()),
)


def upgrade() -> None:
    op.add_column("contracts", sa.Column("kind", sa.Text(), nullable=False, server_default="ordinary"))
    for name, kind in _COLUMNS:
        op.add_column("contracts", sa.Column(name, kind, nullable=True))
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_contracts_{name}"), "contracts", condition)
    op.create_index(op.f("ix_contracts_kind"), "contracts", ["kind"])
    _create_owners("developers", "compound_id", "compounds")
    _create_owners("company_owners", "company_id", "companies")
    op.create_table(
        "takeovers",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("developer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=True),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("witnesses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taken_over_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('open','taken_over')", name=op.f("ck_takeovers_state")),
        sa.CheckConstraint(
            "(state = 'taken_over') = (taken_over_on is not null)", name=op.f("ck_takeovers_taken_over")
        ),
        sa.CheckConstraint(
            "state = 'open' or (inspected_on is not null and agreed_on is not null"
            " and witnesses ?& array['housing_centre','street','community'])",
            name=op.f("ck_takeovers_complete"),
        ),
        sa.CheckConstraint("(agreement is null) = (agreed_on is null)", name=op.f("ck_takeovers_agreement")),
        sa.CheckConstraint("agreed_on >= inspected_on", name=op.f("ck_takeovers_order")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_takeovers_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_takeovers_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takeovers")),
    )
    for column in ("compound_id", "company_id"):
        op.create_index(op.f(f"ix_takeovers_{column}"), "takeovers", [column])
    op.create_index(
        "uq_takeovers_open", "takeovers", ["compound_id"], unique=True, postgresql_where="state = 'open'"
    )
    op.create_table(
        "conferences",
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("members", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["divisions.id"], name=op.f("fk_conferences_division_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conferences")),
    )
    op.create_index(op.f("ix_conferences_division_id"), "conferences", ["division_id"])
    op.create_table(
        "issues",
        sa.Column("conference_id", sa.Uuid(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('open','settled','raised','answered','closed')", name=op.f("ck_issues_state")
        ),
        sa.CheckConstraint(
            "(state in ('answered','closed')) = (answer is not null)", name=op.f("ck_issues_answered")
        ),
        sa.ForeignKeyConstraint(["conference_id"], ["conferences.id"], name=op.f("fk_issues_conference_id")),
        sa.ForeignKeyConstraint(["division_id"], ["divisions.id"], name=op.f("fk_issues_division_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
    )
    for column in ("conference_id", "division_id", "state"):
        op.create_index(op.f(f"ix_issues_{column}"), "issues", [column])
    op.create_table(
        "disputes",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("parties", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('registered','mediating','unsettled','settled','arbitrated','sued')",
            name=op.f("ck_disputes_state"),
        ),
        sa.CheckConstraint("kind in ('with_company','between_owners')", name=op.f("ck_disputes_kind")),
        sa.CheckConstraint(
            "(kind = 'with_company') = (company_id is not null)", name=op.f("ck_disputes_company")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_disputes_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_disputes_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    for column in ("compound_id", "company_id", "state"):
        op.create_index(op.f(f"ix_disputes_{column}"), "disputes", [column])
    op.create_table(
        "guide_prices",
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("price", sa.Numeric(precision=9, scale=4), nullable=False),
        sa.Column("average_cost", sa.Numeric(precision=9, scale=4), nullable=False),
        sa.Column("minimum_wage_change", sa.Numeric(precision=6, scale=4), nullable=False),
        sa.Column("cpi_change", sa.Numeric(precision=6, scale=4), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("grade between 1 and 5", name=op.f("ck_guide_prices_grade")),
        sa.CheckConstraint("least(price, average_cost) >= 0", name=op.f("ck_guide_prices_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_prices")),
        sa.UniqueConstraint("grade", "valid_from", name=op.f("uq_guide_prices_grade_valid_from")),
    )


def _create_owners(table: str, of: str, referred: str) -> None:
    op.create_table(
        table,
        sa.Column(of, sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("name_like", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint([of], [f"{referred}.id"], name=op.f(f"fk_{table}_{of}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(of, "name_key", name=op.f(f"uq_{table}_{of}_name_key")),
    )
    op.create_index(op.f(f"ix_{table}_name_like"), table, ["name_like"])


def downgrade() -> None:
    for table in (
        "guide_prices",
        "disputes",
        "issues",
        "conferences",
        "takeovers",
        "company_owners",
        "developers",
    ):
        op.drop_table(table)
    op.drop_index(op.f("ix_contracts_kind"), table_name="contracts")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_contracts_{name}"), "contracts")
    for name, _ in _COLUMNS:
        op.drop_column("contracts", name)
    op.drop_column("contracts", "kind")
