"""What requests of any service tell of accidents, and which request told of an incident."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("request", sa.Text()))
    op.create_index("ix_incidents_request", "incidents", ["request"])
    op.create_table(
        "alarms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("words", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shift", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('open','incident','joined','none')", name="ck_alarms_state"),
        sa.CheckConstraint(
            "(state in ('incident','joined')) = (incident is not null)", name="ck_alarms_incident"
        ),
        sa.CheckConstraint("(state = 'open') = (handled_at is null)", name="ck_alarms_handled"),
        sa.CheckConstraint("(state = 'open') = (remind_at is not null)", name="ck_alarms_reminded"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.number"], name="fk_alarms_incident_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sa.UniqueConstraint("number", name="uq_alarms_number"),
    )
    op.create_index("ix_alarms_division", "alarms", ["division"])
    op.create_index("ix_alarms_incident", "alarms", ["incident"])
    op.create_index("ix_alarms_received_at_id", "alarms", ["received_at", "id"])
    op.create_index(
        "ix_alarms_remind_at", "alarms", ["remind_at"], postgresql_where=sa.text("remind_at is not null")
    )


def downgrade() -> None:
    op.drop_table("alarms")
    op.drop_index("ix_incidents_request", "incidents")
    op.drop_column("incidents", "request")
