"""Warnings, registers and drills."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "duty_shifts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint("half in ('day','night')", name=op.f("ck_duty_shifts_half")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shifts")),
        sa.UniqueConstraint("day", "half", name=op.f("uq_duty_shifts_day_half")),
    )
    op.create_table(
        "experts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "specialty in ('dangerous_goods','coal','oil_gas_pipeline','power','construction','transport','fire','special_equipment','water_works','geology','environment','medicine','weather','industry','other')",
            name=op.f("ck_experts_specialty"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experts")),
    )
    op.create_index(op.f("ix_experts_available"), "experts", ["available"], unique=False)
    op.create_index(op.f("ix_experts_department"), "experts", ["department"], unique=False)
    op.create_index(op.f("ix_experts_specialty"), "experts", ["specialty"], unique=False)
    op.create_table(
        "headquarters_seats",
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint("seat >= 1", name=op.f("ck_headquarters_seats_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_headquarters_seats")),
        sa.UniqueConstraint("post", "seat", name=op.f("uq_headquarters_seats_post_seat")),
    )
    op.create_table(
        "member_units",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("liaison", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint("origin in ('plan','added')", name=op.f("ck_member_units_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_units")),
        sa.UniqueConstraint("unit", name=op.f("uq_member_units_unit")),
    )
    op.create_index(op.f("ix_member_units_origin"), "member_units", ["origin"], unique=False)
    op.create_table(
        "operators",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("name", name=op.f("uq_operators_name")),
    )
    op.create_table(
        "opinions",
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_at is not null)", name=op.f("ck_opinions_answered")
        ),
        sa.CheckConstraint("(state = 'found') = (checked_at is null)", name=op.f("ck_opinions_checked")),
        sa.CheckConstraint("state in ('found','checked','answered')", name=op.f("ck_opinions_state")),
        sa.CheckConstraint(
            "verdict in ('true','partly_true','false','unclear')", name=op.f("ck_opinions_verdict")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
    )
    op.create_index(op.f("ix_opinions_incident"), "opinions", ["incident"], unique=False)
    op.create_index(op.f("ix_opinions_state"), "opinions", ["state"], unique=False)
    op.create_index(op.f("ix_opinions_street"), "opinions", ["street"], unique=False)
    op.create_table(
        "rescue_teams",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind in ('fire','professional','social','company','military')", name=op.f("ck_rescue_teams_kind")
        ),
        sa.CheckConstraint("members >= 1", name=op.f("ck_rescue_teams_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_rescue_teams_name")),
    )
    op.create_index(op.f("ix_rescue_teams_kind"), "rescue_teams", ["kind"], unique=False)
    op.create_index(op.f("ix_rescue_teams_street"), "rescue_teams", ["street"], unique=False)
    op.create_table(
        "supplies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "category in ('supplies','equipment','medical','transport')", name=op.f("ck_supplies_category")
        ),
        sa.CheckConstraint("(latitude is null) = (longitude is null)", name=op.f("ck_supplies_position")),
        sa.CheckConstraint("minimum >= 0", name=op.f("ck_supplies_minimum")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_supplies_stock")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplies")),
    )
    op.create_index(op.f("ix_supplies_category"), "supplies", ["category"], unique=False)
    op.create_index(op.f("ix_supplies_keeper"), "supplies", ["keeper"], unique=False)
    op.create_index(op.f("ix_supplies_street"), "supplies", ["street"], unique=False)
    op.create_table(
        "companies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("in_park", sa.Boolean(), nullable=False),
        sa.Column("supervisor", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("rescuer", sa.Text(), nullable=True),
        sa.Column("own_team_id", sa.Uuid(), nullable=True),
        sa.Column("joint_team_id", sa.Uuid(), nullable=True),
        sa.Column("agreement_team_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind in ('dangerous_goods','mining','smelting','urban_transport','construction','hotel','mall','entertainment','scenic_area','other_crowded','other')",
            name=op.f("ck_companies_kind"),
        ),
        sa.CheckConstraint("size in ('large','medium','small','micro')", name=op.f("ck_companies_size")),
        sa.ForeignKeyConstraint(
            ["agreement_team_id"], ["rescue_teams.id"], name=op.f("fk_companies_agreement_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["joint_team_id"], ["rescue_teams.id"], name=op.f("fk_companies_joint_team_id")
        ),
        sa.ForeignKeyConstraint(["own_team_id"], ["rescue_teams.id"], name=op.f("fk_companies_own_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", name=op.f("uq_companies_name")),
        sa.UniqueConstraint("own_team_id", name=op.f("uq_companies_own_team_id")),
        sa.UniqueConstraint("uscc", name=op.f("uq_companies_uscc")),
    )
    op.create_index(op.f("ix_companies_agreement_team_id"), "companies", ["agreement_team_id"], unique=False)
    op.create_index(op.f("ix_companies_joint_team_id"), "companies", ["joint_team_id"], unique=False)
    op.create_index(op.f("ix_companies_kind"), "companies", ["kind"], unique=False)
    op.create_index(op.f("ix_companies_street"), "companies", ["street"], unique=False)
    op.create_index(op.f("ix_companies_supervisor"), "companies", ["supervisor"], unique=False)
    op.create_table(
        "company_warnings",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("signs", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'received') = (received_at is not null)", name=op.f("ck_company_warnings_received")
        ),
        sa.CheckConstraint(
            "colour in ('blue','yellow','orange','red')", name=op.f("ck_company_warnings_colour")
        ),
        sa.CheckConstraint("state in ('sent','received')", name=op.f("ck_company_warnings_state")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_company_warnings_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_warnings")),
    )
    op.create_index(op.f("ix_company_warnings_company_id"), "company_warnings", ["company_id"], unique=False)
    op.create_index(op.f("ix_company_warnings_department"), "company_warnings", ["department"], unique=False)
    op.create_index(op.f("ix_company_warnings_street"), "company_warnings", ["street"], unique=False)
    op.create_index(
        "ix_company_warnings_unread",
        "company_warnings",
        ["department"],
        unique=False,
        postgresql_where="state = 'sent'",
    )
    op.create_table(
        "hazard_sources",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("monitored_online", sa.Boolean(), nullable=False),
        sa.Column("filed_with", sa.Text(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("filing_number", sa.Text(), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(filed_on is null) = (filed_with is null)", name=op.f("ck_hazard_sources_filed")),
        sa.CheckConstraint("grade between 1 and 4", name=op.f("ck_hazard_sources_grade")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_hazard_sources_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_sources")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_hazard_sources_company_id_name")),
    )
    op.create_index(op.f("ix_hazard_sources_filed_with"), "hazard_sources", ["filed_with"], unique=False)
    op.create_index(op.f("ix_hazard_sources_grade"), "hazard_sources", ["grade"], unique=False)
    op.create_index(op.f("ix_hazard_sources_street"), "hazard_sources", ["street"], unique=False)
    op.create_table(
        "plans",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(level = 'company') = (company_id is not null)", name=op.f("ck_plans_company")),
        sa.CheckConstraint(
            "level in ('district','special','department','street','company')", name=op.f("ck_plans_level")
        ),
        sa.CheckConstraint("(owner is null) <> (company_id is null)", name=op.f("ck_plans_owner")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_plans_parent")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_plans_company_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["plans.id"], name=op.f("fk_plans_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_plans_company_id_name")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_plans_owner_name")),
    )
    op.create_index(op.f("ix_plans_level"), "plans", ["level"], unique=False)
    op.create_index(op.f("ix_plans_parent_id"), "plans", ["parent_id"], unique=False)
    op.create_index(
        "uq_plans_district", "plans", ["level"], unique=True, postgresql_where="level = 'district'"
    )
    op.create_table(
        "risk_analyses",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("analysed_on", sa.Date(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("risk in ('low','ordinary','larger','major')", name=op.f("ck_risk_analyses_risk")),
        sa.CheckConstraint("extract(day from month) = 1", name=op.f("ck_risk_analyses_month")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_risk_analyses_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_analyses")),
        sa.UniqueConstraint("company_id", "month", name=op.f("uq_risk_analyses_company_id_month")),
    )
    op.create_index(op.f("ix_risk_analyses_month"), "risk_analyses", ["month"], unique=False)
    op.create_index(op.f("ix_risk_analyses_risk"), "risk_analyses", ["risk"], unique=False)
    op.create_table(
        "drills",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("organisers", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('tabletop','practical','functional')", name=op.f("ck_drills_kind")),
        sa.CheckConstraint("cardinality(organisers) > 0", name=op.f("ck_drills_organisers")),
        sa.CheckConstraint("participants >= 1", name=op.f("ck_drills_participants")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_drills_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
    )
    op.create_index(op.f("ix_drills_held_on"), "drills", ["held_on"], unique=False)
    op.create_index(op.f("ix_drills_kind"), "drills", ["kind"], unique=False)
    op.create_index(op.f("ix_drills_plan_id"), "drills", ["plan_id"], unique=False)
    op.create_table(
        "plan_versions",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("filed_with", sa.Text(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(filed_on is null) = (filed_with is null)", name=op.f("ck_plan_versions_filed")),
        sa.CheckConstraint("effective_on >= issued_on", name=op.f("ck_plan_versions_effective")),
        sa.CheckConstraint("filed_on >= issued_on", name=op.f("ck_plan_versions_filed_after_issue")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_plan_versions_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("plan_id", "label", name=op.f("uq_plan_versions_plan_id_label")),
    )
    op.create_table(
        "warnings",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accident_type", sa.Text(), nullable=True),
        sa.Column("expected_grade", sa.Text(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("areas", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("response_types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("event_code", sa.Text(), nullable=True),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("departments", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("company_warning_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'lifted') = (lifted_at is not null)", name=op.f("ck_warnings_lifted")),
        sa.CheckConstraint("colour in ('blue','yellow','orange','red')", name=op.f("ck_warnings_colour")),
        sa.CheckConstraint(
            "state = 'draft' or (issuer is not null and issued_at is not null and accident_type is not null and colour is not null and starts_at is not null and measures is not null and jsonb_array_length(areas) > 0)",
            name=op.f("ck_warnings_content"),
        ),
        sa.CheckConstraint("state in ('draft','issued','adjusted','lifted')", name=op.f("ck_warnings_state")),
        sa.ForeignKeyConstraint(
            ["company_warning_id"], ["company_warnings.id"], name=op.f("fk_warnings_company_warning_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warnings")),
        sa.UniqueConstraint("number", name=op.f("uq_warnings_number")),
    )
    op.create_index(op.f("ix_warnings_colour"), "warnings", ["colour"], unique=False)
    op.create_index(op.f("ix_warnings_company_warning_id"), "warnings", ["company_warning_id"], unique=False)
    op.create_index(op.f("ix_warnings_issuer"), "warnings", ["issuer"], unique=False)
    op.create_index(op.f("ix_warnings_state"), "warnings", ["state"], unique=False)
    op.create_table(
        "revision_triggers",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(closed_at is null) = (closed_by is null)", name=op.f("ck_revision_triggers_closed")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["plan_versions.id"], name=op.f("fk_revision_triggers_closed_by")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_revision_triggers_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision_triggers")),
    )
    op.create_index(
        "ix_revision_triggers_open",
        "revision_triggers",
        ["plan_id"],
        unique=False,
        postgresql_where="closed_at is null",
    )
    op.create_index(op.f("ix_revision_triggers_plan_id"), "revision_triggers", ["plan_id"], unique=False)
    op.create_table(
        "warning_messages",
        sa.Column("warning_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(number = 1) = (kind = 'Alert')", name=op.f("ck_warning_messages_first")),
        sa.CheckConstraint("kind in ('Alert','Update','Cancel')", name=op.f("ck_warning_messages_kind")),
        sa.ForeignKeyConstraint(["warning_id"], ["warnings.id"], name=op.f("fk_warning_messages_warning_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_messages")),
        sa.UniqueConstraint("identifier", name=op.f("uq_warning_messages_identifier")),
        sa.UniqueConstraint("warning_id", "number", name=op.f("uq_warning_messages_warning_id_number")),
    )
    op.create_index(op.f("ix_warning_messages_sent_at"), "warning_messages", ["sent_at"], unique=False)
    op.create_table(
        "warning_tasks",
        sa.Column("warning_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("if_needed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'done') = (done_at is not null)", name=op.f("ck_warning_tasks_done")),
        sa.CheckConstraint("state in ('open','done','stopped')", name=op.f("ck_warning_tasks_state")),
        sa.ForeignKeyConstraint(["warning_id"], ["warnings.id"], name=op.f("fk_warning_tasks_warning_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_tasks")),
        sa.UniqueConstraint(
            "warning_id", "action", "owner", name=op.f("uq_warning_tasks_warning_id_action_owner")
        ),
    )
    op.create_index(
        "ix_warning_tasks_open", "warning_tasks", ["owner"], unique=False, postgresql_where="state = 'open'"
    )
    op.create_table(
        "drill_problems",
        sa.Column("drill_id", sa.Uuid(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("trigger_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["drill_id"], ["drills.id"], name=op.f("fk_drill_problems_drill_id")),
        sa.ForeignKeyConstraint(
            ["trigger_id"], ["revision_triggers.id"], name=op.f("fk_drill_problems_trigger_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_problems")),
    )
    op.create_index(op.f("ix_drill_problems_drill_id"), "drill_problems", ["drill_id"], unique=False)
    op.create_table(
        "warning_deliveries",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(done_at is null) = (done_by is null)", name=op.f("ck_warning_deliveries_done")),
        sa.CheckConstraint("step between 0 and 2", name=op.f("ck_warning_deliveries_step")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["warning_messages.id"], name=op.f("fk_warning_deliveries_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_deliveries")),
        sa.UniqueConstraint("message_id", "to", name=op.f("uq_warning_deliveries_message_id_to")),
    )


def downgrade() -> None:
    op.drop_table("warning_deliveries")
    op.drop_index(op.f("ix_drill_problems_drill_id"), table_name="drill_problems")
    op.drop_table("drill_problems")
    op.drop_index("ix_warning_tasks_open", table_name="warning_tasks", postgresql_where="state = 'open'")
    op.drop_table("warning_tasks")
    op.drop_index(op.f("ix_warning_messages_sent_at"), table_name="warning_messages")
    op.drop_table("warning_messages")
    op.drop_index(op.f("ix_revision_triggers_plan_id"), table_name="revision_triggers")
    op.drop_index(
        "ix_revision_triggers_open", table_name="revision_triggers", postgresql_where="closed_at is null"
    )
    op.drop_table("revision_triggers")
    op.drop_index(op.f("ix_warnings_state"), table_name="warnings")
    op.drop_index(op.f("ix_warnings_issuer"), table_name="warnings")
    op.drop_index(op.f("ix_warnings_company_warning_id"), table_name="warnings")
    op.drop_index(op.f("ix_warnings_colour"), table_name="warnings")
    op.drop_table("warnings")
    op.drop_table("plan_versions")
    op.drop_index(op.f("ix_drills_plan_id"), table_name="drills")
    op.drop_index(op.f("ix_drills_kind"), table_name="drills")
    op.drop_index(op.f("ix_drills_held_on"), table_name="drills")
    op.drop_table("drills")
    op.drop_index(op.f("ix_risk_analyses_risk"), table_name="risk_analyses")
    op.drop_index(op.f("ix_risk_analyses_month"), table_name="risk_analyses")
    op.drop_table("risk_analyses")
    op.drop_index("uq_plans_district", table_name="plans", postgresql_where="level = 'district'")
    op.drop_index(op.f("ix_plans_parent_id"), table_name="plans")
    op.drop_index(op.f("ix_plans_level"), table_name="plans")
    op.drop_table("plans")
    op.drop_index(op.f("ix_hazard_sources_street"), table_name="hazard_sources")
    op.drop_index(op.f("ix_hazard_sources_grade"), table_name="hazard_sources")
    op.drop_index(op.f("ix_hazard_sources_filed_with"), table_name="hazard_sources")
    op.drop_table("hazard_sources")
    op.drop_index(
        "ix_company_warnings_unread", table_name="company_warnings", postgresql_where="state = 'sent'"
    )
    op.drop_index(op.f("ix_company_warnings_street"), table_name="company_warnings")
    op.drop_index(op.f("ix_company_warnings_department"), table_name="company_warnings")
    op.drop_index(op.f("ix_company_warnings_company_id"), table_name="company_warnings")
    op.drop_table("company_warnings")
    op.drop_index(op.f("ix_companies_supervisor"), table_name="companies")
    op.drop_index(op.f("ix_companies_street"), table_name="companies")
    op.drop_index(op.f("ix_companies_kind"), table_name="companies")
    op.drop_index(op.f("ix_companies_joint_team_id"), table_name="companies")
    op.drop_index(op.f("ix_companies_agreement_team_id"), table_name="companies")
    op.drop_table("companies")
    op.drop_index(op.f("ix_supplies_street"), table_name="supplies")
    op.drop_index(op.f("ix_supplies_keeper"), table_name="supplies")
    op.drop_index(op.f("ix_supplies_category"), table_name="supplies")
    op.drop_table("supplies")
    op.drop_index(op.f("ix_rescue_teams_street"), table_name="rescue_teams")
    op.drop_index(op.f("ix_rescue_teams_kind"), table_name="rescue_teams")
    op.drop_table("rescue_teams")
    op.drop_index(op.f("ix_opinions_street"), table_name="opinions")
    op.drop_index(op.f("ix_opinions_state"), table_name="opinions")
    op.drop_index(op.f("ix_opinions_incident"), table_name="opinions")
    op.drop_table("opinions")
    op.drop_table("operators")
    op.drop_index(op.f("ix_member_units_origin"), table_name="member_units")
    op.drop_table("member_units")
    op.drop_table("headquarters_seats")
    op.drop_index(op.f("ix_experts_specialty"), table_name="experts")
    op.drop_index(op.f("ix_experts_department"), table_name="experts")
    op.drop_index(op.f("ix_experts_available"), table_name="experts")
    op.drop_table("experts")
    op.drop_table("duty_shifts")
