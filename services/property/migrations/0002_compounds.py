"""Compounds, surveys, committees, contracts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "companies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", name=op.f("uq_companies_name")),
        sa.UniqueConstraint("uscc", name=op.f("uq_companies_uscc")),
    )
    op.create_table(
        "divisions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'district') = (parent_id is null)", name=op.f("ck_divisions_parent")),
        sa.CheckConstraint(
            "kind in ('district','street','town','community')", name=op.f("ck_divisions_kind")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["divisions.id"], name=op.f("fk_divisions_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divisions")),
        sa.UniqueConstraint("code", name=op.f("uq_divisions_code")),
    )
    op.create_index(op.f("ix_divisions_kind"), "divisions", ["kind"], unique=False)
    op.create_index("uq_divisions_parent_id_name", "divisions", ["parent_id", "name"], unique=True)
    op.create_table(
        "surveys",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("streets", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added_headings", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
    )
    op.create_index("ix_surveys_as_of_sha256", "surveys", ["as_of", "sha256"], unique=False)
    op.create_table(
        "compounds",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["divisions.id"], name=op.f("fk_compounds_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compounds")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_compounds_community_id_name")),
    )
    op.create_table(
        "committees",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=False),
        sa.Column("term_ends_on", sa.Date(), nullable=False),
        sa.Column("dissolved_on", sa.Date(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("party_members", sa.Integer(), nullable=False),
        sa.Column("has_party_organisation", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('owners_committee','management_committee')", name=op.f("ck_committees_kind")
        ),
        sa.CheckConstraint("dissolved_on >= formed_on", name=op.f("ck_committees_dissolved")),
        sa.CheckConstraint("party_members between 0 and members", name=op.f("ck_committees_party_members")),
        sa.CheckConstraint("term_ends_on > formed_on", name=op.f("ck_committees_term")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_committees_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committees")),
    )
    op.create_index(op.f("ix_committees_compound_id"), "committees", ["compound_id"], unique=False)
    op.create_index(
        "uq_committees_current",
        "committees",
        ["compound_id"],
        unique=True,
        postgresql_where="dissolved_on is null",
    )
    op.create_table(
        "contracts",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'filed') = (filed_on is not null)", name=op.f("ck_contracts_filed")),
        sa.CheckConstraint(
            "(state = 'returned') = (return_reason is not null)", name=op.f("ck_contracts_returned")
        ),
        sa.CheckConstraint(
            "state in ('signed','submitted','filed','returned')", name=op.f("ck_contracts_state")
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_contracts_term")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_contracts_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_contracts_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
    )
    op.create_index(op.f("ix_contracts_company_id"), "contracts", ["company_id"], unique=False)
    op.create_index(op.f("ix_contracts_compound_id"), "contracts", ["compound_id"], unique=False)
    op.create_index(op.f("ix_contracts_state"), "contracts", ["state"], unique=False)
    op.create_table(
        "observations",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("buildings", sa.Integer(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("area", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("built", sa.Integer(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("party_members", sa.Integer(), nullable=True),
        sa.Column("fee", sa.Numeric(precision=9, scale=4), nullable=True),
        sa.Column("collection_rate", sa.Numeric(precision=5, scale=4), nullable=True),
        sa.Column("added", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status <> '专业化物业管理' or company_id is not null",
            name=op.f("ck_observations_professional_company"),
        ),
        sa.CheckConstraint(
            "status <> '无物业' or company_id is null", name=op.f("ck_observations_no_company")
        ),
        sa.CheckConstraint(
            "status in ('专业化物业管理','准物业管理','无物业')", name=op.f("ck_observations_status")
        ),
        sa.CheckConstraint("collection_rate between 0 and 1", name=op.f("ck_observations_collection_rate")),
        sa.CheckConstraint(
            "least(buildings, households, area, members, party_members, fee) >= 0",
            name=op.f("ck_observations_not_negative"),
        ),
        sa.CheckConstraint(
            "party_members is null or party_members <= members", name=op.f("ck_observations_party_members")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_observations_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_observations_compound_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_observations_survey_id")),
        sa.PrimaryKeyConstraint("compound_id", "as_of", name=op.f("pk_observations")),
    )
    op.create_index("ix_observations_as_of", "observations", ["as_of"], unique=False)
    op.create_index(op.f("ix_observations_company_id"), "observations", ["company_id"], unique=False)
    op.create_index(op.f("ix_observations_survey_id"), "observations", ["survey_id"], unique=False)
    op.create_table(
        "red_properties",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("designated_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("withdrawn_on > designated_on", name=op.f("ck_red_properties_period")),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_red_properties_compound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_red_properties")),
    )
    op.create_index(op.f("ix_red_properties_compound_id"), "red_properties", ["compound_id"], unique=False)
    op.create_index(
        "uq_red_properties_current",
        "red_properties",
        ["compound_id"],
        unique=True,
        postgresql_where="withdrawn_on is null",
    )


def downgrade() -> None:
    op.drop_index(
        "uq_red_properties_current", table_name="red_properties", postgresql_where="withdrawn_on is null"
    )
    op.drop_index(op.f("ix_red_properties_compound_id"), table_name="red_properties")
    op.drop_table("red_properties")
    op.drop_index(op.f("ix_observations_survey_id"), table_name="observations")
    op.drop_index(op.f("ix_observations_company_id"), table_name="observations")
    op.drop_index("ix_observations_as_of", table_name="observations")
    op.drop_table("observations")
    op.drop_index(op.f("ix_contracts_state"), table_name="contracts")
    op.drop_index(op.f("ix_contracts_compound_id"), table_name="contracts")
    op.drop_index(op.f("ix_contracts_company_id"), table_name="contracts")
    op.drop_table("contracts")
    op.drop_index("uq_committees_current", table_name="committees", postgresql_where="dissolved_on is null")
    op.drop_index(op.f("ix_committees_compound_id"), table_name="committees")
    op.drop_table("committees")
    op.drop_table("compounds")
    op.drop_index("ix_surveys_as_of_sha256", table_name="surveys")
    op.drop_table("surveys")
    op.drop_index("uq_divisions_parent_id_name", table_name="divisions")
    op.drop_index(op.f("ix_divisions_kind"), table_name="divisions")
    op.drop_table("divisions")
    op.drop_table("companies")
