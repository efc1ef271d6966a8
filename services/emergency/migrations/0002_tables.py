"""The tables of the service: registers, accidents and what hangs on them."""

from pathlib import Path

from alembic import op

from kit.storage.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    for table in (
        "warning_deliveries",
        "drill_problems",
        "assignment_steps",
        "warning_messages",
        "revision_triggers",
        "assignments",
        "warnings",
        "plan_versions",
        "drills",
        "withdrawal_notices",
        "risk_analyses",
        "plans",
        "hazard_sources",
        "field_groups",
        "company_warnings",
        "withdrawals",
        "timeline",
        "route_steps",
        "responses",
        "response_plans",
        "resource_uses",
        "releases",
        "measures",
        "investigations",
        "incident_reports",
        "incident_deadlines",
        "hand_overs",
        "forces",
        "findings",
        "field_headquarters",
        "evidence",
        "evaluations",
        "costs",
        "companies",
        "command_tenures",
        "breaches",
        "accountabilities",
        "supplies",
        "rescue_teams",
        "opinions",
        "operators",
        "member_units",
        "incidents",
        "headquarters_seats",
        "experts",
        "duty_shifts",
    ):
        op.drop_table(table)
