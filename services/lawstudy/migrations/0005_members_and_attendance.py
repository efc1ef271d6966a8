"""Who takes part in law study by post, who was at its sessions, self-study, and study systems of other units."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit.storage.exclusion import DAYS_OF

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(DAYS_OF)
    _members()
    _attendances()
    _self_study()
    _study_systems()


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("days_of(md5(name)::uuid, begins_on, ends_on)"), "&&"),
            using="gist",
            name="ex_members_name",
        ),
        sa.CheckConstraint("kind IN ('member', 'invited', 'other')", name=op.f("ck_members_kind")),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_members_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
    )
    op.create_index(op.f("ix_members_kind"), "members", ["kind"], unique=False)


def _attendances() -> None:
    op.create_table(
        "attendances",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("why_extended", sa.Text(), nullable=True),
        sa.Column("made_up_on", sa.Date(), nullable=True),
        sa.Column("made_up_how", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'extended') = (why_extended IS NOT NULL)", name=op.f("ck_attendances_extended")
        ),
        sa.CheckConstraint("kind <> 'extended' OR unit IS NOT NULL", name=op.f("ck_attendances_department")),
        sa.CheckConstraint("kind <> 'member' OR member_id IS NOT NULL", name=op.f("ck_attendances_member")),
        sa.CheckConstraint(
            "kind IN ('member', 'invited', 'other', 'extended')", name=op.f("ck_attendances_kind")
        ),
        sa.CheckConstraint("status <> 'leave' OR reason IS NOT NULL", name=op.f("ck_attendances_leave")),
        sa.CheckConstraint(
            "status <> 'present' OR reason IS NULL AND made_up_on IS NULL",
            name=op.f("ck_attendances_present"),
        ),
        sa.CheckConstraint("status IN ('present', 'leave', 'absent')", name=op.f("ck_attendances_status")),
        sa.CheckConstraint(
            "(made_up_on IS NULL) = (made_up_how IS NULL)", name=op.f("ck_attendances_made_up")
        ),
        sa.CheckConstraint("(member_id IS NULL) = (unit IS NOT NULL)", name=op.f("ck_attendances_who")),
        sa.CheckConstraint("(unit IS NULL) = (post IS NULL)", name=op.f("ck_attendances_post")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_attendances_member_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_attendances_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
        sa.UniqueConstraint("session_id", "member_id", name=op.f("uq_attendances_session_id_member_id")),
    )
    op.create_index(op.f("ix_attendances_member_id"), "attendances", ["member_id"], unique=False)
    op.create_index(
        "uq_attendances_session_id_unit_post",
        "attendances",
        ["session_id", "unit", "post"],
        unique=True,
        postgresql_where="unit IS NOT NULL",
    )


def _self_study() -> None:
    op.create_table(
        "self_study",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "year",
            sa.Integer(),
            sa.Computed("date_part('year', day)::integer", persisted=True),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=3, scale=1), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("hours > 0 AND hours <= 24", name=op.f("ck_self_study_hours")),
        sa.CheckConstraint("pages > 0", name=op.f("ck_self_study_pages")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_self_study_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_study")),
    )
    op.create_index(op.f("ix_self_study_member_id"), "self_study", ["member_id"], unique=False)
    op.create_index(op.f("ix_self_study_year"), "self_study", ["year"], unique=False)


def _study_systems() -> None:
    op.create_table(
        "study_systems",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("adopted_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("file_media_type", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(file_sha256 IS NULL) = (file_name IS NULL) AND (file_sha256 IS NULL) = (file_size IS NULL) AND (file_sha256 IS NULL) = (file_media_type IS NULL)",
            name=op.f("ck_study_systems_file"),
        ),
        sa.CheckConstraint("ended_on >= adopted_on", name=op.f("ck_study_systems_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_systems")),
    )
    op.create_index(op.f("ix_study_systems_unit"), "study_systems", ["unit"], unique=False)
    op.create_index(
        "uq_study_systems_unit", "study_systems", ["unit"], unique=True, postgresql_where="ended_on IS NULL"
    )


def downgrade() -> None:
    for table in ("study_systems", "self_study", "attendances", "members"):
        op.drop_table(table)
    op.execute("DROP FUNCTION days_of(uuid, date, date)")
