"""The leaders' division of work, their absences and posts, and leading groups."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit.storage.exclusion import DAYS_OF, MOMENTS_OF

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(DAYS_OF)
    op.execute(MOMENTS_OF)
    op.create_table(
        "division_documents",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name=op.f("ck_division_documents_withdrawn"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division_documents")),
    )
    op.create_index(
        "uq_division_documents_effective_on",
        "division_documents",
        ["effective_on"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_division_documents_number",
        "division_documents",
        ["number"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "leaders",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_leaders")),
    )
    op.create_table(
        "absences",
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("moments_of(md5(leader)::uuid, begins_at, ends_at)"), "&&"),
            where=sa.text("cancelled_at IS NULL"),
            using="gist",
            name="ex_absences_leader",
        ),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_because IS NULL)", name=op.f("ck_absences_cancelled")
        ),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_absences_order")),
        sa.ForeignKeyConstraint(["leader"], ["leaders.slug"], name=op.f("fk_absences_leader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_leader"), "absences", ["leader"], unique=False)
    op.create_table(
        "division_entries",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("directs_all", sa.Boolean(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["division_documents.id"], name=op.f("fk_division_entries_document_id")
        ),
        sa.ForeignKeyConstraint(["leader"], ["leaders.slug"], name=op.f("fk_division_entries_leader")),
        sa.PrimaryKeyConstraint("document_id", "leader", name=op.f("pk_division_entries")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_division_entries_document_id_position")),
    )
    op.create_index(
        "uq_division_entries_head",
        "division_entries",
        ["document_id"],
        unique=True,
        postgresql_where=sa.text("directs_all"),
    )
    op.create_table(
        "leading_groups",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("office_unit", sa.Text(), nullable=False),
        sa.Column("office_director", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_unit"], ["units.id"], name=op.f("fk_leading_groups_office_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leading_groups")),
        sa.UniqueConstraint("title", name=op.f("uq_leading_groups_title")),
    )
    op.create_table(
        "post_holdings",
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("days_of(md5(post)::uuid, begins_on, ends_on)"), "&&"),
            using="gist",
            name="ex_post_holdings_post",
        ),
        sa.CheckConstraint("post IN ('executive_deputy')", name=op.f("ck_post_holdings_post")),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_post_holdings_order")),
        sa.ForeignKeyConstraint(["leader"], ["leaders.slug"], name=op.f("fk_post_holdings_leader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holdings")),
    )
    op.create_index(op.f("ix_post_holdings_leader"), "post_holdings", ["leader"], unique=False)
    op.create_table(
        "division_assists",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id", "by"],
            ["division_entries.document_id", "division_entries.leader"],
            name=op.f("fk_division_assists_document_id_by"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id", "leader"],
            ["division_entries.document_id", "division_entries.leader"],
            name=op.f("fk_division_assists_document_id_leader"),
        ),
        sa.PrimaryKeyConstraint("document_id", "by", "position", name=op.f("pk_division_assists")),
    )
    op.create_table(
        "division_pairs",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("one", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.CheckConstraint("one <> other", name=op.f("ck_division_pairs_two")),
        sa.ForeignKeyConstraint(
            ["document_id", "one"],
            ["division_entries.document_id", "division_entries.leader"],
            name=op.f("fk_division_pairs_document_id_one"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id", "other"],
            ["division_entries.document_id", "division_entries.leader"],
            name=op.f("fk_division_pairs_document_id_other"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["division_documents.id"], name=op.f("fk_division_pairs_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "position", name=op.f("pk_division_pairs")),
    )
    op.create_table(
        "division_units",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("helps", sa.Text(), nullable=True),
        sa.CheckConstraint("(relation = 'help') = (helps IS NOT NULL)", name=op.f("ck_division_units_helps")),
        sa.CheckConstraint(
            "relation IN ('charge', 'help', 'contact', 'preside')", name=op.f("ck_division_units_relation")
        ),
        sa.ForeignKeyConstraint(
            ["document_id", "by"],
            ["division_entries.document_id", "division_entries.leader"],
            name=op.f("fk_division_units_document_id_by"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id", "helps"],
            ["division_entries.document_id", "division_entries.leader"],
            name=op.f("fk_division_units_document_id_helps"),
        ),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_division_units_unit")),
        sa.PrimaryKeyConstraint("document_id", "by", "relation", "position", name=op.f("pk_division_units")),
    )
    op.create_index(op.f("ix_division_units_unit"), "division_units", ["unit"], unique=False)
    op.create_table(
        "leading_group_members",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('leader', 'deputy', 'member')", name=op.f("ck_leading_group_members_role")
        ),
        sa.CheckConstraint("cardinality(units) > 0", name=op.f("ck_leading_group_members_units")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["leading_groups.id"], name=op.f("fk_leading_group_members_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leading_group_members")),
        sa.UniqueConstraint(
            "group_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_leading_group_members_group_id_position"),
        ),
        sa.UniqueConstraint("group_id", "post", name=op.f("uq_leading_group_members_group_id_post")),
    )
    op.create_index(
        "ix_leading_group_members_units",
        "leading_group_members",
        ["units"],
        unique=False,
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_index(
        "ix_leading_group_members_units", table_name="leading_group_members", postgresql_using="gin"
    )
    op.drop_table("leading_group_members")
    op.drop_index(op.f("ix_division_units_unit"), table_name="division_units")
    op.drop_table("division_units")
    op.drop_table("division_pairs")
    op.drop_table("division_assists")
    op.drop_index(op.f("ix_post_holdings_leader"), table_name="post_holdings")
    op.drop_table("post_holdings")
    op.drop_table("leading_groups")
    op.drop_index(
        "uq_division_entries_head", table_name="division_entries", postgresql_where=sa.text("directs_all")
    )
    op.drop_table("division_entries")
    op.drop_index(op.f("ix_absences_leader"), table_name="absences")
    op.drop_table("absences")
    op.drop_table("leaders")
    op.drop_index(
        "uq_division_documents_number",
        table_name="division_documents",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index(
        "uq_division_documents_effective_on",
        table_name="division_documents",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_table("division_documents")
    op.execute("DROP FUNCTION moments_of(uuid, timestamptz, timestamptz)")
    op.execute("DROP FUNCTION days_of(uuid, date, date)")
