"""The party's work in companies, candidates of committees, assemblies' decisions on pay, streets' own means, the association."""

import sqlalchemy as sa
from alembic import op

from kit.storage.going_back import drop_derived

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "candidate_list_items",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "list in ('preference','exclusion','negative')", name=op.f("ck_candidate_list_items_list")
        ),
        sa.CheckConstraint("until >= since", name=op.f("ck_candidate_list_items_until")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_list_items")),
        sa.UniqueConstraint(
            "list", "number", "since", name=op.f("uq_candidate_list_items_list_number_since")
        ),
    )
    op.create_table(
        "street_means",
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("hotline", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'hotline') = (hotline is not null)", name=op.f("ck_street_means_hotline")
        ),
        sa.CheckConstraint("(kind = 'office') = (office is not null)", name=op.f("ck_street_means_office")),
        sa.CheckConstraint(
            "(kind = 'staff') = (staff is not null) and staff >= 1", name=op.f("ck_street_means_staff")
        ),
        sa.CheckConstraint("kind in ('office','staff','hotline')", name=op.f("ck_street_means_kind")),
        sa.CheckConstraint("until >= since", name=op.f("ck_street_means_until")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street_means")),
    )
    op.create_index(
        "uq_street_means_current",
        "street_means",
        ["street", "kind"],
        unique=True,
        postgresql_where="until is null",
    )
    op.create_table(
        "memberships",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until >= since", name=op.f("ck_memberships_until")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_memberships_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_company_id"), "memberships", ["company_id"], unique=False)
    op.create_index(
        "uq_memberships_current", "memberships", ["company_id"], unique=True, postgresql_where="until is null"
    )
    op.create_table(
        "party_members",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("full_members", sa.Integer(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("full_members >= 0", name=op.f("ck_party_members_full_members")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_party_members_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_members")),
        sa.UniqueConstraint("company_id", "as_of", name=op.f("uq_party_members_company_id_as_of")),
    )
    op.create_table(
        "party_work",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("instructor", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("(kind = 'branch') = (branch is not null)", name=op.f("ck_party_work_branch")),
        sa.CheckConstraint(
            "(kind = 'instructor') = (instructor is not null)", name=op.f("ck_party_work_instructor")
        ),
        sa.CheckConstraint("kind in ('branch','instructor')", name=op.f("ck_party_work_kind")),
        sa.CheckConstraint("until >= since", name=op.f("ck_party_work_until")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_party_work_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_work")),
    )
    op.create_index(op.f("ix_party_work_company_id"), "party_work", ["company_id"], unique=False)
    op.create_index(
        "uq_party_work_current",
        "party_work",
        ["company_id", "kind"],
        unique=True,
        postgresql_where="until is null",
    )
    op.create_table(
        "assembly_decisions",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("paid_who", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("paid_who in ('members','staff')", name=op.f("ck_assembly_decisions_paid_who")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_assembly_decisions_amount")),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compounds.id"], name=op.f("fk_assembly_decisions_compound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_decisions")),
        sa.UniqueConstraint("id", "paid_who", name=op.f("uq_assembly_decisions_id_paid_who")),
    )
    op.create_index(
        op.f("ix_assembly_decisions_compound_id"), "assembly_decisions", ["compound_id"], unique=False
    )
    op.create_table(
        "candidates",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("party_member", sa.Boolean(), nullable=False),
        sa.Column("preferences", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("cleared", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("applies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("post in ('director','deputy','member')", name=op.f("ck_candidates_post")),
        sa.CheckConstraint("cardinality(applies) = 0", name=op.f("ck_candidates_applies")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_candidates_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
    )
    op.create_index(op.f("ix_candidates_compound_id"), "candidates", ["compound_id"], unique=False)
    op.create_table(
        "committee_payments",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("paid_who", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_committee_payments_amount")),
        sa.ForeignKeyConstraint(
            ["decision_id", "paid_who"],
            ["assembly_decisions.id", "assembly_decisions.paid_who"],
            name=op.f("fk_committee_payments_decision_id_paid_who"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_payments")),
    )
    op.create_index(
        op.f("ix_committee_payments_decision_id"), "committee_payments", ["decision_id"], unique=False
    )
    op.add_column("committees", sa.Column("set_up_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_committees_set_up_by"), "committees", "divisions", ["set_up_by"], ["id"])
    op.execute(
        "UPDATE committees SET set_up_by = compounds.community_id FROM compounds"
        " WHERE compounds.id = committees.compound_id AND committees.kind = 'management_committee'"
    )
    op.create_check_constraint(
        op.f("ck_committees_set_up_by"),
        "committees",
        "(kind = 'management_committee') = (set_up_by is not null)",
    )


def downgrade() -> None:
    drop_derived(op, "committees", "set_up_by")
    for table in (
        "committee_payments",
        "candidates",
        "assembly_decisions",
        "party_work",
        "party_members",
        "memberships",
        "street_means",
        "candidate_list_items",
    ):
        op.drop_table(table)
