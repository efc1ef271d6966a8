"""What can be put right: corrections, joined calls, refuted breaches, outcomes, reports as they were told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit.storage.going_back import drop_derived, loses, refuse_where

revision = "0004"
down_revision = "0003"

_EMPTY = sa.text("'{}'::jsonb")


def upgrade() -> None:
    _incidents()
    _reports()
    op.create_table(
        "corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("which", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text()),
        sa.CheckConstraint(
            "subject in ('report','force','task','referral','breach')", name=op.f("ck_corrections_subject")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_corrections_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_incident_id"), "corrections", ["incident_id"])
    for name in ("refuted_by", "refuted_why"):
        op.add_column("breaches", sa.Column(name, sa.Text()))
    op.add_column("breaches", sa.Column("refuted_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        "refuted", "breaches", "num_nulls(refuted_at, refuted_by, refuted_why) in (0, 3)"
    )
    op.add_column("forces", sa.Column("unit", sa.Text()))
    op.alter_column("responses", "proposed_at", nullable=True)
    op.add_column(
        "investigations",
        sa.Column("former", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    op.alter_column("investigations", "former", server_default=None)


def _incidents() -> None:
    op.add_column("incidents", sa.Column("verified_until", sa.DateTime(timezone=True)))
    op.add_column("incidents", sa.Column("unread", postgresql.JSONB(), nullable=False, server_default=_EMPTY))
    op.alter_column("incidents", "unread", server_default=None)
    op.add_column("incidents", sa.Column("outcome", sa.Text()))
    op.add_column("incidents", sa.Column("joined_into", sa.Text()))
    op.create_foreign_key("fk_incidents_joined_into", "incidents", "incidents", ["joined_into"], ["number"])
    op.create_index("ix_incidents_joined_into", "incidents", ["joined_into"])
    op.execute("UPDATE incidents SET outcome = 'accident' WHERE closed_at IS NOT NULL")
    for name, condition in (
        ("outcome", "(closed_at is null) = (outcome is null)"),
        ("outcome_kind", "outcome in ('accident','not_an_accident','duplicate')"),
        ("joined", "(outcome = 'duplicate') = (joined_into is not null)"),
        ("joined_to_another", "joined_into <> number"),
    ):
        op.create_check_constraint(name, "incidents", condition)


def _reports() -> None:
    for name in ("received_at", "of_unit"):
        kind = sa.DateTime(timezone=True) if name == "received_at" else sa.Boolean()
        op.add_column("incident_reports", sa.Column(name, kind))
    op.execute("UPDATE incident_reports SET received_at = recorded_at, of_unit = reporter = 'unit'")
    op.execute("UPDATE incident_reports SET of_unit = false WHERE of_unit IS NULL")
    for name in ("received_at", "of_unit"):
        op.alter_column("incident_reports", name, nullable=False)
    op.add_column(
        "incident_reports", sa.Column("unread", postgresql.JSONB(), nullable=False, server_default=_EMPTY)
    )
    op.add_column(
        "incident_reports",
        sa.Column(
            "withdrawn", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]")
        ),
    )
    for name in ("unread", "withdrawn"):
        op.alter_column("incident_reports", name, server_default=None)


def downgrade() -> None:
    refuse_where(
        op,
        "responses that nobody had proposed",
        "SELECT number FROM responses JOIN incidents ON incidents.id = incident_id WHERE proposed_at IS NULL",
    )
    op.drop_table("corrections")
    for table, columns in (
        ("breaches", ("refuted_by", "refuted_why", "refuted_at")),
        ("forces", ("unit",)),
        ("investigations", ("former",)),
        ("incidents", ("joined_into", "unread", "verified_until")),
        ("incident_reports", ("unread", "withdrawn")),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.alter_column("responses", "proposed_at", nullable=False)
    loses(op, "incidents.outcome", "SELECT FROM incidents WHERE outcome <> 'accident'")
    drop_derived(op, "incidents", "outcome")
    loses(op, "incident_reports.received_at", "SELECT FROM incident_reports WHERE received_at <> recorded_at")
    loses(
        op,
        "incident_reports.of_unit",
        "SELECT FROM incident_reports WHERE of_unit IS DISTINCT FROM coalesce(reporter = 'unit', false)",
    )
    drop_derived(op, "incident_reports", "received_at", "of_unit")
