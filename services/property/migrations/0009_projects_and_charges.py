"""Projects with their compounds, and who is in charge of a compound: of each at most one on any day."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from kit.storage.exclusion import DAYS_OF, one_at_a_time

revision = "0009"
down_revision = "0008"


def _entry() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def _period() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
    )


def upgrade() -> None:
    op.execute(DAYS_OF)
    op.create_table(
        "projects",
        *_entry(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("name_like", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        *_period(),
        sa.CheckConstraint("kind in ('residential','commercial')", name="ck_projects_kind"),
        sa.CheckConstraint("ends_on >= begins_on", name="ck_projects_period"),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_projects_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("street", "name_key", name="uq_projects_street_name_key"),
    )
    for column in ("name_like", "kind", "street", "company_id"):
        op.create_index(f"ix_projects_{column}", "projects", [column])
    op.create_table(
        "project_compounds",
        *_entry(),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        *_period(),
        sa.Column("asked_on", sa.Date(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("in_favour", "against", "abstained")),
        sa.CheckConstraint("ends_on >= begins_on", name="ck_project_compounds_period"),
        sa.CheckConstraint(
            "num_nulls(asked_on, in_favour, against, abstained) in (0, 4)",
            name="ck_project_compounds_opinions_together",
        ),
        sa.CheckConstraint("least(in_favour, against, abstained) >= 0", name="ck_project_compounds_opinions"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_project_compounds_project_id"),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name="fk_project_compounds_compound_id"),
        sa.PrimaryKeyConstraint("id", name="pk_project_compounds"),
        one_at_a_time("project_compounds_compound_id", "compound_id"),
    )
    for column in ("project_id", "compound_id"):
        op.create_index(f"ix_project_compounds_{column}", "project_compounds", [column])
    op.create_table(
        "charges",
        *_entry(),
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("keeper", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        *_period(),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "mode in ('market','large_leads_small','strong_leads_weak','new_leads_old','public_leads_private',"
            "'community_trust','social_organisation','self_management','state_fallback','from_self_organised',"
            "'community_led')",
            name="ck_charges_mode",
        ),
        sa.CheckConstraint("num_nonnulls(company_id, keeper) = 1", name="ck_charges_one_keeper"),
        sa.CheckConstraint("ends_on >= begins_on", name="ck_charges_period"),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name="fk_charges_compound_id"),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_charges_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_charges"),
        one_at_a_time("charges_compound_id", "compound_id"),
    )
    for column in ("compound_id", "company_id", "mode"):
        op.create_index(f"ix_charges_{column}", "charges", [column])


def downgrade() -> None:
    for table in ("charges", "project_compounds", "projects"):
        op.drop_table(table)
    op.execute("DROP FUNCTION days_of(uuid, date, date)")
