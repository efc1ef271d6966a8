"""Incidents, their response, command, releases, resources and aftermath."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("supervisor", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_informed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deaths", sa.Integer(), nullable=True),
        sa.Column("serious_injuries", sa.Integer(), nullable=True),
        sa.Column("endangered", sa.Integer(), nullable=True),
        sa.Column("missing", sa.Integer(), nullable=True),
        sa.Column("direct_loss_yuan", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("beyond_company_capacity", sa.Boolean(), nullable=True),
        sa.Column("beyond_district_capacity", sa.Boolean(), nullable=True),
        sa.Column("headquarters_decides_iii", sa.Boolean(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("response_level", sa.Text(), nullable=False),
        sa.Column("special_plan", sa.Text(), nullable=True),
        sa.Column("referred_to", sa.Text(), nullable=True),
        sa.Column("investigation_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("investigation_approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appraisal_days", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timeline_seq", sa.Integer(), nullable=False),
        sa.Column("timeline_hash", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "grade in ('general','larger','major','especially_major')", name=op.f("ck_incidents_grade")
        ),
        sa.CheckConstraint(
            "response_level in ('IV','III','II','I')", name=op.f("ck_incidents_response_level")
        ),
        sa.CheckConstraint("deaths >= 0", name=op.f("ck_incidents_deaths")),
        sa.CheckConstraint("direct_loss_yuan >= 0", name=op.f("ck_incidents_direct_loss")),
        sa.CheckConstraint("endangered >= 0", name=op.f("ck_incidents_endangered")),
        sa.CheckConstraint("missing >= 0", name=op.f("ck_incidents_missing")),
        sa.CheckConstraint("serious_injuries >= 0", name=op.f("ck_incidents_serious_injuries")),
        sa.CheckConstraint("unit is not null or place is not null", name=op.f("ck_incidents_somewhere")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("number", name=op.f("uq_incidents_number")),
    )
    op.create_index(op.f("ix_incidents_division"), "incidents", ["division"], unique=False)
    op.create_index("ix_incidents_recorded_at_id", "incidents", ["recorded_at", "id"], unique=False)
    op.create_table(
        "aftermath_items",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("if_needed", sa.Boolean(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (settled_at is null)", name=op.f("ck_aftermath_items_settled")
        ),
        sa.CheckConstraint("state in ('open','settled','waived')", name=op.f("ck_aftermath_items_state")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_aftermath_items_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aftermath_items")),
        sa.UniqueConstraint(
            "incident_id", "entry", "owner", name=op.f("uq_aftermath_items_incident_id_entry_owner")
        ),
    )
    op.create_table(
        "breaches",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("deadline", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_breaches_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
        sa.UniqueConstraint(
            "incident_id", "deadline", "due", name=op.f("uq_breaches_incident_id_deadline_due")
        ),
    )
    op.create_table(
        "command_tenures",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("commander", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "commander in ('company','district','higher')", name=op.f("ck_command_tenures_commander")
        ),
        sa.CheckConstraint("until >= since", name=op.f("ck_command_tenures_order")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_command_tenures_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command_tenures")),
    )
    op.create_index(
        "uq_command_tenures_now",
        "command_tenures",
        ["incident_id"],
        unique=True,
        postgresql_where="until IS NULL",
    )
    op.create_table(
        "costs",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by_whom", sa.Text(), nullable=False),
        sa.Column("amount_yuan", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("shifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shift_reason", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(payer = 'street') = (shifted_at is not null)", name=op.f("ck_costs_shifted")),
        sa.CheckConstraint("payer in ('responsible_unit','street')", name=op.f("ck_costs_payer")),
        sa.CheckConstraint("amount_yuan > 0", name=op.f("ck_costs_amount")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_costs_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_costs")),
    )
    op.create_index(op.f("ix_costs_incident_id"), "costs", ["incident_id"], unique=False)
    op.create_table(
        "evaluations",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_evaluations_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_evaluations")),
    )
    op.create_table(
        "evidence",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("stood_at", sa.Text(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=False),
        sa.Column("recorded_how", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_evidence_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_incident_id"), "evidence", ["incident_id"], unique=False)
    op.create_table(
        "field_headquarters",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("commander_name", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("wind_from", sa.Double(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("off_degrees", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("assembly_point", sa.Text(), nullable=True),
        sa.Column("supply_point", sa.Text(), nullable=True),
        sa.Column("press_centre", sa.Text(), nullable=True),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_field_headquarters_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_field_headquarters")),
    )
    op.create_table(
        "findings",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('late','omitted','false','concealed')", name=op.f("ck_findings_kind")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_findings_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_incident_id"), "findings", ["incident_id"], unique=False)
    op.create_table(
        "forces",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_zone", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("checked_out_at is null or in_zone = 0", name=op.f("ck_forces_out")),
        sa.CheckConstraint("in_zone >= 0 and in_zone <= persons", name=op.f("ck_forces_in_zone")),
        sa.CheckConstraint("persons >= 1", name=op.f("ck_forces_persons")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_forces_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forces")),
    )
    op.create_index(
        "uq_forces_on_site",
        "forces",
        ["incident_id", "name"],
        unique=True,
        postgresql_where="checked_out_at IS NULL",
    )
    op.create_table(
        "hand_overs",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("taker", sa.Text(), nullable=False),
        sa.Column("briefing", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'offered') = (answered_at is null)", name=op.f("ck_hand_overs_answered")
        ),
        sa.CheckConstraint("state in ('offered','taken','declined')", name=op.f("ck_hand_overs_state")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_hand_overs_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    op.create_index(
        "uq_hand_overs_open", "hand_overs", ["incident_id"], unique=True, postgresql_where="state = 'offered'"
    )
    op.create_table(
        "incident_deadlines",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("deadline", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("window", sa.Boolean(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("law", sa.Text(), nullable=True),
        sa.Column("article", sa.Text(), nullable=True),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended_days", sa.Integer(), nullable=False),
        sa.Column("owed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_for", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_deadlines_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", "deadline", name=op.f("pk_incident_deadlines")),
    )
    op.create_index(
        "ix_incident_deadlines_open",
        "incident_deadlines",
        ["remind_at"],
        unique=False,
        postgresql_where='running AND done_at IS NULL AND NOT "window"',
    )
    op.create_table(
        "incident_reports",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=True),
        sa.Column("reporter_name", sa.LargeBinary(), nullable=True),
        sa.Column("reporter_phone", sa.LargeBinary(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("response_level", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('first','follow_up','written','closing')", name=op.f("ck_incident_reports_kind")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_reports_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_reports")),
        sa.UniqueConstraint("incident_id", "seq", name=op.f("uq_incident_reports_incident_id_seq")),
    )
    op.create_table(
        "investigations",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(approved_at is null) = (approval is null)", name=op.f("ck_investigations_approved")
        ),
        sa.CheckConstraint("approved_at >= received_at", name=op.f("ck_investigations_order")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_investigations_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_investigations")),
    )
    op.create_table(
        "measures",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(done_at is null) = (evidence is null)", name=op.f("ck_measures_done")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_measures_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
    )
    op.create_index(op.f("ix_measures_incident_id"), "measures", ["incident_id"], unique=False)
    op.create_table(
        "merits",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('commendation','accountability')", name=op.f("ck_merits_kind")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_merits_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merits")),
    )
    op.create_index(op.f("ix_merits_incident_id"), "merits", ["incident_id"], unique=False)
    op.create_table(
        "releases",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("text_hash", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'drafted') = (approved_at is null)", name=op.f("ck_releases_approved")),
        sa.CheckConstraint(
            "(state = 'published') = (published_at is not null)", name=op.f("ck_releases_published")
        ),
        sa.CheckConstraint("state in ('drafted','approved','published')", name=op.f("ck_releases_state")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_releases_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_incident_id"), "releases", ["incident_id"], unique=False)
    op.create_table(
        "resource_uses",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("supply_id", sa.Uuid(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("requisitioned", sa.Boolean(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reserved >= 1", name=op.f("ck_resource_uses_reserved")),
        sa.CheckConstraint(
            "used >= 0 and returned >= 0 and used + returned <= reserved",
            name=op.f("ck_resource_uses_balance"),
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_resource_uses_incident_id")),
        sa.ForeignKeyConstraint(["supply_id"], ["supplies.id"], name=op.f("fk_resource_uses_supply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_uses")),
    )
    op.create_index(op.f("ix_resource_uses_incident_id"), "resource_uses", ["incident_id"], unique=False)
    op.create_index(op.f("ix_resource_uses_supply_id"), "resource_uses", ["supply_id"], unique=False)
    op.create_table(
        "response_plans",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("experts", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('drafted','confirmed','superseded')", name=op.f("ck_response_plans_state")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_response_plans_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_plans")),
        sa.UniqueConstraint("incident_id", "version", name=op.f("uq_response_plans_incident_id_version")),
    )
    op.create_index(
        "uq_response_plans_confirmed",
        "response_plans",
        ["incident_id"],
        unique=True,
        postgresql_where="state = 'confirmed'",
    )
    op.create_table(
        "responses",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("departments", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=True),
        sa.Column("adjusted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_asked_by", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'ended') = (ended_at is not null)", name=op.f("ck_responses_ended")),
        sa.CheckConstraint("(state = 'proposed') = (started_at is null)", name=op.f("ck_responses_started")),
        sa.CheckConstraint(
            "state in ('adjusted','ended','proposed','started')", name=op.f("ck_responses_state")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_responses_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_responses")),
    )
    op.create_table(
        "route_steps",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("hop", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_route_steps_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "hop", name=op.f("pk_route_steps")),
    )
    op.create_table(
        "tasks",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("if_needed", sa.Boolean(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'done') = (done_at is not null)", name=op.f("ck_tasks_done")),
        sa.CheckConstraint("state in ('acknowledged','done','open','waived')", name=op.f("ck_tasks_state")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_tasks_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("incident_id", "entry", "owner", name=op.f("uq_tasks_incident_id_entry_owner")),
    )
    op.create_index(
        "ix_tasks_remind_at", "tasks", ["remind_at"], unique=False, postgresql_where="state = 'open'"
    )
    op.create_index("ix_tasks_unit", "tasks", ["unit", "state"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text(), nullable=True),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_timeline_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "seq", name=op.f("pk_timeline")),
    )
    op.create_index("ix_timeline_occurred", "timeline", ["incident_id", "occurred_at", "seq"], unique=False)
    op.create_table(
        "withdrawals",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_withdrawals_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
    )
    op.create_index(
        "uq_withdrawals_in_force",
        "withdrawals",
        ["incident_id"],
        unique=True,
        postgresql_where="lifted_at IS NULL",
    )
    op.create_table(
        "field_groups",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("leader_name", sa.Text(), nullable=True),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["field_headquarters.incident_id"], name=op.f("fk_field_groups_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", "group", name=op.f("pk_field_groups")),
    )
    op.create_table(
        "task_steps",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_steps_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_steps")),
    )
    op.create_index(op.f("ix_task_steps_task_id"), "task_steps", ["task_id"], unique=False)
    op.create_table(
        "withdrawal_notices",
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["force_id"], ["forces.id"], name=op.f("fk_withdrawal_notices_force_id")),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"], ["withdrawals.id"], name=op.f("fk_withdrawal_notices_withdrawal_id")
        ),
        sa.PrimaryKeyConstraint("withdrawal_id", "force_id", name=op.f("pk_withdrawal_notices")),
    )
    op.create_table(
        "zone_counts",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("in_zone", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("change <> 0", name=op.f("ck_zone_counts_change")),
        sa.ForeignKeyConstraint(["force_id"], ["forces.id"], name=op.f("fk_zone_counts_force_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_counts")),
    )
    op.create_index(op.f("ix_zone_counts_force_id"), "zone_counts", ["force_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_zone_counts_force_id"), table_name="zone_counts")
    op.drop_table("zone_counts")
    op.drop_table("withdrawal_notices")
    op.drop_index(op.f("ix_task_steps_task_id"), table_name="task_steps")
    op.drop_table("task_steps")
    op.drop_table("field_groups")
    op.drop_index("uq_withdrawals_in_force", table_name="withdrawals", postgresql_where="lifted_at IS NULL")
    op.drop_table("withdrawals")
    op.drop_index("ix_timeline_occurred", table_name="timeline")
    op.drop_table("timeline")
    op.drop_index("ix_tasks_unit", table_name="tasks")
    op.drop_index("ix_tasks_remind_at", table_name="tasks", postgresql_where="state = 'open'")
    op.drop_table("tasks")
    op.drop_table("route_steps")
    op.drop_table("responses")
    op.drop_index(
        "uq_response_plans_confirmed", table_name="response_plans", postgresql_where="state = 'confirmed'"
    )
    op.drop_table("response_plans")
    op.drop_index(op.f("ix_resource_uses_supply_id"), table_name="resource_uses")
    op.drop_index(op.f("ix_resource_uses_incident_id"), table_name="resource_uses")
    op.drop_table("resource_uses")
    op.drop_index(op.f("ix_releases_incident_id"), table_name="releases")
    op.drop_table("releases")
    op.drop_index(op.f("ix_merits_incident_id"), table_name="merits")
    op.drop_table("merits")
    op.drop_index(op.f("ix_measures_incident_id"), table_name="measures")
    op.drop_table("measures")
    op.drop_table("investigations")
    op.drop_table("incident_reports")
    op.drop_index(
        "ix_incident_deadlines_open",
        table_name="incident_deadlines",
        postgresql_where='running AND done_at IS NULL AND NOT "window"',
    )
    op.drop_table("incident_deadlines")
    op.drop_index("uq_hand_overs_open", table_name="hand_overs", postgresql_where="state = 'offered'")
    op.drop_table("hand_overs")
    op.drop_index("uq_forces_on_site", table_name="forces", postgresql_where="checked_out_at IS NULL")
    op.drop_table("forces")
    op.drop_index(op.f("ix_findings_incident_id"), table_name="findings")
    op.drop_table("findings")
    op.drop_table("field_headquarters")
    op.drop_index(op.f("ix_evidence_incident_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_table("evaluations")
    op.drop_index(op.f("ix_costs_incident_id"), table_name="costs")
    op.drop_table("costs")
    op.drop_index("uq_command_tenures_now", table_name="command_tenures", postgresql_where="until IS NULL")
    op.drop_table("command_tenures")
    op.drop_table("breaches")
    op.drop_table("aftermath_items")
    op.drop_index("ix_incidents_recorded_at_id", table_name="incidents")
    op.drop_index(op.f("ix_incidents_division"), table_name="incidents")
    op.drop_table("incidents")
