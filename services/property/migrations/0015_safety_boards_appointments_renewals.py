"""Safety work, readiness and boards of projects, cross appointments, renewals."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "disclosures",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "item in ('manager','complaint_phone','service','fees','shared_utilities','common_income','maintenance')",
            name=op.f("ck_disclosures_item"),
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_disclosures_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
    )
    op.create_index(
        "uq_disclosures_project_id_item_published_on",
        "disclosures",
        ["project_id", "item", "published_on"],
        unique=True,
    )
    op.create_table(
        "project_doings",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('fire_patrol','fire_inspection','fire_education','fire_drill','emergency_drill','staff_training')",
            name=op.f("ck_project_doings_kind"),
        ),
        sa.CheckConstraint("people >= 0", name=op.f("ck_project_doings_people")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_doings_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_doings")),
    )
    op.create_index(
        "ix_project_doings_project_id_kind_done_on",
        "project_doings",
        ["project_id", "kind", "done_on"],
        unique=False,
    )
    op.create_table(
        "project_means",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("certified_until", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind in ('safety_manager','control_room','electrician')) = (num_nulls(person, certificate, certified_until) = 0)",
            name=op.f("ck_project_means_certified"),
        ),
        sa.CheckConstraint(
            "kind in ('supplies','fire_station','team','plan_sudden_events','plan_severe_weather','plan_public_health','plan_power_failure','safety_manager','control_room','electrician')",
            name=op.f("ck_project_means_kind"),
        ),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_project_means_period")),
        sa.CheckConstraint(
            "num_nulls(person, certificate, certified_until) in (0, 3)",
            name=op.f("ck_project_means_certificate"),
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_means_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_means")),
    )
    op.create_index("ix_project_means_project_id_kind", "project_means", ["project_id", "kind"], unique=False)
    op.create_table(
        "renewals",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("rules_agreed_on", sa.Date(), nullable=True),
        sa.Column("fund_agreed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(progress = 'done') = (finished_on is not null)", name=op.f("ck_renewals_finished")
        ),
        sa.CheckConstraint("(progress = 'done') = (percent = 100)", name=op.f("ck_renewals_done")),
        sa.CheckConstraint("(progress = 'planned') = (started_on is null)", name=op.f("ck_renewals_started")),
        sa.CheckConstraint("progress in ('planned','under_way','done')", name=op.f("ck_renewals_progress")),
        sa.CheckConstraint(
            "work <> 'management' or progress <> 'done' or num_nulls(mode, rules_agreed_on, fund_agreed_on) = 0",
            name=op.f("ck_renewals_agreed"),
        ),
        sa.CheckConstraint(
            "work in ('pipes','corridors','flues','shafts','risers','outer_walls','lifts','sanitation','greening','lighting','waste_sorting','parking','charging','elderly','children','barrier_free','management')",
            name=op.f("ck_renewals_work"),
        ),
        sa.CheckConstraint("finished_on >= started_on", name=op.f("ck_renewals_days")),
        sa.CheckConstraint("percent between 0 and 100", name=op.f("ck_renewals_percent")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_renewals_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewals")),
    )
    op.create_index(op.f("ix_renewals_compound_id"), "renewals", ["compound_id"], unique=False)
    op.create_index(op.f("ix_renewals_progress"), "renewals", ["progress"], unique=False)
    op.create_table(
        "cross_appointments",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("party_member", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("committee_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(origin = 'company') = (company_id is not null)", name=op.f("ck_cross_appointments_company")
        ),
        sa.CheckConstraint(
            "(origin = 'owners_committee' or post = 'owners_committee') = (committee_id is not null)",
            name=op.f("ck_cross_appointments_committee"),
        ),
        sa.CheckConstraint(
            "(post = 'quality_director') = (project_id is not null)",
            name=op.f("ck_cross_appointments_project"),
        ),
        sa.CheckConstraint(
            "origin in ('community','owners_committee','company')", name=op.f("ck_cross_appointments_origin")
        ),
        sa.CheckConstraint(
            "post <> 'quality_director' or not paid", name=op.f("ck_cross_appointments_unpaid")
        ),
        sa.CheckConstraint(
            "post in ('quality_director','community_party','community_committee','owners_committee')",
            name=op.f("ck_cross_appointments_post"),
        ),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_cross_appointments_period")),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committees.id"], name=op.f("fk_cross_appointments_committee_id")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["divisions.id"], name=op.f("fk_cross_appointments_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_cross_appointments_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_cross_appointments_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cross_appointments")),
    )
    op.create_index(
        op.f("ix_cross_appointments_community_id"), "cross_appointments", ["community_id"], unique=False
    )
    op.create_index(op.f("ix_cross_appointments_post"), "cross_appointments", ["post"], unique=False)
    op.create_index(
        "ix_cross_appointments_project_id_post", "cross_appointments", ["project_id", "post"], unique=False
    )


def downgrade() -> None:
    for table in (
        "cross_appointments",
        "renewals",
        "project_means",
        "project_doings",
        "disclosures",
    ):
        op.drop_table(table)
