"""Training, patrol areas, pilots, fallback management with its menu and subsidies, service centres."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "menu_items",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_menu_items_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_items")),
        sa.UniqueConstraint("name", "begins_on", name=op.f("uq_menu_items_name_begins_on")),
    )
    op.create_table(
        "patrol_areas",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_areas")),
        sa.UniqueConstraint("name", name=op.f("uq_patrol_areas_name")),
    )
    op.create_table(
        "training_plans",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_plans")),
        sa.UniqueConstraint("year", name=op.f("uq_training_plans_year")),
    )
    op.create_table(
        "patrol_area_streets",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"], ["patrol_areas.id"], name=op.f("fk_patrol_area_streets_area_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("area_id", "street", name=op.f("pk_patrol_area_streets")),
        sa.UniqueConstraint("street", name=op.f("uq_patrol_area_streets_street")),
    )
    op.create_table(
        "patrol_staff",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("staff >= 0", name=op.f("ck_patrol_staff_staff")),
        sa.ForeignKeyConstraint(["area_id"], ["patrol_areas.id"], name=op.f("fk_patrol_staff_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_staff")),
        sa.UniqueConstraint("area_id", "as_of", name=op.f("uq_patrol_staff_area_id_as_of")),
    )
    op.create_table(
        "service_centres",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("work", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_service_centres_period")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["divisions.id"], name=op.f("fk_service_centres_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_centres")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_service_centres_community_id_name")),
    )
    op.create_table(
        "training_courses",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("trained", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('training','contest')", name=op.f("ck_training_courses_kind")),
        sa.CheckConstraint("extract(year from held_on) = year", name=op.f("ck_training_courses_year")),
        sa.CheckConstraint("trained >= 0", name=op.f("ck_training_courses_trained")),
        sa.ForeignKeyConstraint(["year"], ["training_plans.year"], name=op.f("fk_training_courses_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_courses")),
    )
    op.create_index(op.f("ix_training_courses_year"), "training_courses", ["year"], unique=False)
    op.create_table(
        "fallbacks",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("state_owner", sa.Text(), nullable=False),
        sa.Column("services", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("in_favour", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("abstained", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("asked_on <= begins_on", name=op.f("ck_fallbacks_asked_on")),
        sa.CheckConstraint("cardinality(services) >= 1", name=op.f("ck_fallbacks_services")),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_fallbacks_period")),
        sa.CheckConstraint("least(in_favour, against, abstained) >= 0", name=op.f("ck_fallbacks_opinions")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_fallbacks_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_fallbacks_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fallbacks")),
    )
    op.create_index(op.f("ix_fallbacks_company_id"), "fallbacks", ["company_id"], unique=False)
    op.create_index(op.f("ix_fallbacks_compound_id"), "fallbacks", ["compound_id"], unique=False)
    op.create_index(
        "uq_fallbacks_current", "fallbacks", ["compound_id"], unique=True, postgresql_where="ends_on is null"
    )
    op.create_table(
        "patrols",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("patrolled_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("handled_on", sa.Date(), nullable=True),
        sa.Column("handling", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(handled_on is null) = (handling is null)", name=op.f("ck_patrols_handling")),
        sa.CheckConstraint("finding is not null or handled_on is null", name=op.f("ck_patrols_finding")),
        sa.CheckConstraint("handled_on >= patrolled_on", name=op.f("ck_patrols_handled_on")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_patrols_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrols")),
    )
    op.create_index(op.f("ix_patrols_compound_id"), "patrols", ["compound_id"], unique=False)
    op.create_table(
        "pilots",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("compound_type", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_pilots_period")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_pilots_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilots")),
    )
    op.create_index(op.f("ix_pilots_compound_id"), "pilots", ["compound_id"], unique=False)
    op.create_index(op.f("ix_pilots_compound_type"), "pilots", ["compound_type"], unique=False)
    op.create_index(
        "uq_pilots_current", "pilots", ["compound_id"], unique=True, postgresql_where="ends_on is null"
    )
    op.create_table(
        "selections",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("honour", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("compound_id", sa.Uuid(), nullable=True),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(honour = 'fine_home') = (person is null)", name=op.f("ck_selections_person")),
        sa.CheckConstraint(
            "honour <> 'fine_home' or compound_id is not null", name=op.f("ck_selections_compound")
        ),
        sa.CheckConstraint(
            "honour in ('finest_person','fine_home','fine_keeper')", name=op.f("ck_selections_honour")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_selections_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selections")),
    )
    op.create_index(op.f("ix_selections_compound_id"), "selections", ["compound_id"], unique=False)
    op.create_index(op.f("ix_selections_year"), "selections", ["year"], unique=False)
    op.create_table(
        "subsidies",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_subsidies_amount")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_subsidies_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_subsidies_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidies")),
    )
    op.create_index(op.f("ix_subsidies_company_id"), "subsidies", ["company_id"], unique=False)
    op.create_index(op.f("ix_subsidies_compound_id"), "subsidies", ["compound_id"], unique=False)
    # Both days of a spell are called as those of projects and charges.
    for table in ("candidate_list_items", "memberships", "party_work", "street_means"):
        op.alter_column(table, "since", new_column_name="begins_on")
        op.alter_column(table, "until", new_column_name="ends_on")
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT ck_{table}_until TO ck_{table}_period")
    op.execute(
        "ALTER TABLE candidate_list_items RENAME CONSTRAINT uq_candidate_list_items_list_number_since"
        " TO uq_candidate_list_items_list_number_begins_on"
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE candidate_list_items RENAME CONSTRAINT uq_candidate_list_items_list_number_begins_on"
        " TO uq_candidate_list_items_list_number_since"
    )
    for table in ("candidate_list_items", "memberships", "party_work", "street_means"):
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT ck_{table}_period TO ck_{table}_until")
        op.alter_column(table, "ends_on", new_column_name="until")
        op.alter_column(table, "begins_on", new_column_name="since")
    for table in (
        "subsidies",
        "selections",
        "pilots",
        "patrols",
        "fallbacks",
        "training_courses",
        "service_centres",
        "patrol_staff",
        "patrol_area_streets",
        "training_plans",
        "patrol_areas",
        "menu_items",
    ):
        op.drop_table(table)
