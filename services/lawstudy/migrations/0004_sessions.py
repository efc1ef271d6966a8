"""Executive meetings, sessions of law study with their texts, and yearly notices of days off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _notices()
    _meetings()
    _sessions()
    _session_topics()
    _texts()


def _notices() -> None:
    op.create_table(
        "holiday_notices",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("days_off", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("worked", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_holiday_notices_year")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_holiday_notices")),
    )


def _meetings() -> None:
    op.create_table(
        "meetings",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("begins_at", sa.Time(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("agenda", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "held_on IS NULL OR date_part('year', held_on) = year", name=op.f("ck_meetings_year")
        ),
        sa.CheckConstraint("begins_at IS NULL OR held_on IS NOT NULL", name=op.f("ck_meetings_begins_at")),
        sa.CheckConstraint("number > 0", name=op.f("ck_meetings_number")),
        sa.CheckConstraint("number IS NOT NULL OR held_on IS NOT NULL", name=op.f("ck_meetings_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
    )
    op.create_index(op.f("ix_meetings_held_on"), "meetings", ["held_on"], unique=False)
    op.create_index(op.f("ix_meetings_year"), "meetings", ["year"], unique=False)
    op.create_index("uq_meetings_year_number", "meetings", ["year", "number"], unique=True)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("plan_year", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("postponed_to", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("begins_at", sa.Time(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("another_month", sa.Text(), nullable=True),
        sa.Column("text_workdays", sa.Integer(), nullable=True),
        sa.Column("text_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_due_provisional", sa.Boolean(), nullable=False),
        sa.Column("passed_sha256", sa.Text(), nullable=True),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("speaker_title", sa.Text(), nullable=True),
        sa.Column("speaker_organisation", sa.Text(), nullable=True),
        sa.Column("speaker_reason", sa.Text(), nullable=True),
        sa.Column("delegated_on", sa.Date(), nullable=True),
        sa.Column("delegation", sa.Text(), nullable=True),
        sa.Column("chair", sa.Text(), nullable=True),
        sa.Column("chair_name", sa.Text(), nullable=True),
        sa.Column("resumes_as", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'held') = (chair IS NOT NULL)", name=op.f("ck_sessions_held")),
        sa.CheckConstraint(
            "(passed_sha256 IS NULL) = (passed_at IS NULL)", name=op.f("ck_sessions_passed_at")
        ),
        sa.CheckConstraint(
            "(state = 'postponed') = (resumes_as IS NOT NULL)", name=op.f("ck_sessions_resumes_as")
        ),
        sa.CheckConstraint(
            "chair <> 'executive_deputy' OR delegated_on IS NOT NULL", name=op.f("ck_sessions_delegated")
        ),
        sa.CheckConstraint("chair IN ('head', 'executive_deputy')", name=op.f("ck_sessions_chair")),
        sa.CheckConstraint(
            "day IS NULL OR date_part('year', day) = plan_year", name=op.f("ck_sessions_year")
        ),
        sa.CheckConstraint("form IN ('pre_meeting', 'lecture')", name=op.f("ck_sessions_form")),
        sa.CheckConstraint(
            "state = 'postponed' OR postponed_to IS NULL", name=op.f("ck_sessions_postponed_to")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'postponed', 'cancelled') OR day IS NOT NULL",
            name=op.f("ck_sessions_dated"),
        ),
        sa.CheckConstraint(
            "state IN ('planned','scheduled','text_submitted','under_review','returned','passed','ready','held','cancelled','postponed')",
            name=op.f("ck_sessions_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('passed', 'ready', 'held') OR passed_sha256 IS NOT NULL",
            name=op.f("ck_sessions_passed"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('planned', 'postponed') OR day IS NULL", name=op.f("ck_sessions_undated")
        ),
        sa.CheckConstraint("(text_due_at IS NULL) = (day IS NULL)", name=op.f("ck_sessions_text_due_at")),
        sa.CheckConstraint("(text_workdays IS NULL) = (day IS NULL)", name=op.f("ck_sessions_text_workdays")),
        sa.CheckConstraint("begins_at IS NULL OR day IS NOT NULL", name=op.f("ck_sessions_begins_at")),
        sa.CheckConstraint("meeting_id IS NULL OR day IS NOT NULL", name=op.f("ck_sessions_meeting")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_sessions_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_day"), "sessions", ["day"], unique=False)
    op.create_index(op.f("ix_sessions_meeting_id"), "sessions", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_sessions_plan_year"), "sessions", ["plan_year"], unique=False)
    op.create_index(op.f("ix_sessions_state"), "sessions", ["state"], unique=False)
    op.create_index(op.f("ix_sessions_unit"), "sessions", ["unit"], unique=False)


def _session_topics() -> None:
    op.create_table(
        "session_topics",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_session_topics_session_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_session_topics_topic_id")),
        sa.PrimaryKeyConstraint("session_id", "topic_id", name=op.f("pk_session_topics")),
    )
    op.create_index(
        "uq_session_topics_topic_id",
        "session_topics",
        ["topic_id"],
        unique=True,
        postgresql_where=sa.text("live"),
    )


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("local", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_unit", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(outcome IN ('returned', 'passed')) = (reviewed_at IS NOT NULL)", name=op.f("ck_texts_reviewed")
        ),
        sa.CheckConstraint("outcome <> 'returned' OR opinion IS NOT NULL", name=op.f("ck_texts_returned")),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'returned', 'passed', 'replaced')", name=op.f("ck_texts_outcome")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_texts_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
    )
    op.create_index(op.f("ix_texts_session_id"), "texts", ["session_id"], unique=False)
    op.create_index(op.f("ix_texts_sha256"), "texts", ["sha256"], unique=False)
    op.create_index(
        "uq_texts_waiting",
        "texts",
        ["session_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'waiting'"),
    )


def downgrade() -> None:
    for table in ("texts", "session_topics", "sessions", "meetings", "holiday_notices"):
        op.drop_table(table)
