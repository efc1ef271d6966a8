"""What is owed in all accidents, who else was told of one, and the files that belong to it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit.storage.going_back import refuse_where

revision = "0006"
down_revision = "0005"


_SUBJECTS = "'report','force','task','referral','breach'"


def _subjects(named: str) -> None:
    op.drop_constraint("ck_corrections_subject", "corrections")
    op.create_check_constraint("ck_corrections_subject", "corrections", f"subject in ({named})")


def upgrade() -> None:
    _subjects(f"{_SUBJECTS},'attachment'")
    op.create_index(
        "ix_incident_deadlines_due",
        "incident_deadlines",
        ["due", "incident_id", "deadline"],
        postgresql_where=sa.text("running AND done_at IS NULL"),
    )
    op.create_table(
        "briefings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("receivers", postgresql.JSONB(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_briefings_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_briefings"),
    )
    op.create_index("ix_briefings_incident_id", "briefings", ["incident_id"])
    op.create_table(
        "contents",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_contents"),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_why is null)", name="ck_attachments_withdrawn"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_attachments_incident_id_incidents"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name="fk_attachments_sha256_contents"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index(
        "uq_attachments_incident_id_sha256",
        "attachments",
        ["incident_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    refuse_where(
        op,
        "corrections of files",
        "SELECT number FROM corrections JOIN incidents ON incidents.id = incident_id WHERE subject = 'attachment'",
    )
    _subjects(_SUBJECTS)
    op.drop_table("attachments")
    op.drop_table("contents")
    op.drop_table("briefings")
    op.drop_index("ix_incident_deadlines_due", table_name="incident_deadlines")
