"""Leads about companies' credit, of requests and of patterns of requests."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "leads",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("pattern", sa.Uuid(), nullable=True),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=True),
        sa.Column("evidence_of_id", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('received','filed','recorded','unfounded')", name=op.f("ck_leads_state")
        ),
        sa.CheckConstraint("(request is null) <> (pattern is null)", name=op.f("ck_leads_origin")),
        sa.CheckConstraint("record_id is null or request is not null", name=op.f("ck_leads_objects")),
        sa.CheckConstraint("(state = 'received') = (decided_at is null)", name=op.f("ck_leads_decided")),
        sa.CheckConstraint("(decided_at is null) = (decision is null)", name=op.f("ck_leads_decision")),
        sa.CheckConstraint("(state = 'filed') = (objection_id is not null)", name=op.f("ck_leads_filed")),
        sa.CheckConstraint(
            "(state = 'recorded') = (evidence_of_id is not null)", name=op.f("ck_leads_recorded")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_leads_company_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_leads_record_id")),
        sa.ForeignKeyConstraint(["objection_id"], ["objections.id"], name=op.f("fk_leads_objection_id")),
        sa.ForeignKeyConstraint(["evidence_of_id"], ["records.id"], name=op.f("fk_leads_evidence_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sa.UniqueConstraint("request", name=op.f("uq_leads_request")),
        sa.UniqueConstraint("pattern", name=op.f("uq_leads_pattern")),
        sa.UniqueConstraint("objection_id", name=op.f("uq_leads_objection_id")),
    )
    op.create_index(op.f("ix_leads_company_id"), "leads", ["company_id"])
    op.create_index("ix_leads_received", "leads", ["received_at"], postgresql_where="state = 'received'")


def downgrade() -> None:
    op.drop_table("leads")
