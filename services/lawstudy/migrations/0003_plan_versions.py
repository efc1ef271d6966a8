"""Plans have versions: what is studied keeps its identity, each version says when and by whom; and steps taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from uuid_utils.compat import uuid7

from kit.storage.going_back import loses, refuse_where

revision = "0003"
down_revision = "0002"

_MONTH = "month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'"
_SETTLED = "state in ('approved','in_force','superseded')"
_ISSUED = "state in ('in_force','superseded')"
_UNDER_WAY = "state in ('draft','submitted','approved')"
_VERSION_CHECKS = {
    "state": "state in ('draft','submitted','approved','in_force','superseded','withdrawn')",
    "version": "version >= 1",
    "settled": f"settled = ({_SETTLED})",
    "reason": "(adjusts is null) = (reason is null)",
    "adjusts": "adjusts < version",
    "approved": "not settled or approved_by is not null",
    "issued": f"({_ISSUED}) = (number is not null) and (number is null) = (issued_on is null)",
}
_ENTRY_CHECKS = {
    "form": "form IN ('pre_meeting', 'lecture')",
    "month": _MONTH,
    "year": "not settled or left(month, 4) = plan_year::text",
    "settled": "not settled or form <> 'pre_meeting' or month IS NOT NULL AND unit IS NOT NULL",
    "category": "not settled or num_nulls(category_number, category_reason) = 0",
    "unit": "(unit IS NULL) = (unit_written IS NULL)",
}
#: What a topic was until now, and what a version says of it from now on.
_MOVED = "position, form, title, month, unit, unit_written, category_number, category_reason, clause"

#: What a topic was checked for until now.
_TOPIC_CHECKS = {
    "settled": "form <> 'pre_meeting' OR month IS NOT NULL AND unit IS NOT NULL",
    "form": "form IN ('pre_meeting', 'lecture')",
    "month": f"{_MONTH} AND left(month, 4) = plan_year::text",
    "unit": "(unit IS NULL) = (unit_written IS NULL)",
}
#: A plan was one version, in force, and a topic was in it.
_MISFITS = {
    "years with another version than one in force": "SELECT year::text FROM plan_versions GROUP BY year"
    " HAVING count(*) > 1 OR bool_or(state <> 'in_force')",
    "topics that no version has": "SELECT id FROM topics WHERE id NOT IN (SELECT topic_id FROM topic_entries)",
}


def upgrade() -> None:
    _versions()
    _entries()
    op.create_table(
        "month_exceptions",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(_MONTH, name=op.f("ck_month_exceptions_month")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["plan_versions.id"], name=op.f("fk_month_exceptions_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "month", name=op.f("pk_month_exceptions")),
    )
    op.create_table(
        "steps",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
    )
    op.create_index(op.f("ix_steps_subject_id"), "steps", ["subject_id"])
    _move_rows()
    _leave_identities()


def _versions() -> None:
    op.create_table(
        "plan_versions",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("adjusts", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.CheckConstraint(check, name=op.f(f"ck_plan_versions_{name}"))
            for name, check in _VERSION_CHECKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.ForeignKeyConstraint(
            ["year", "adjusts"],
            ["plan_versions.year", "plan_versions.version"],
            name="fk_plan_versions_adjusts",
        ),
        sa.UniqueConstraint("year", "version", name=op.f("uq_plan_versions_year_version")),
        sa.UniqueConstraint("id", "year", "settled", name=op.f("uq_plan_versions_id_year_settled")),
        sa.UniqueConstraint("number", name=op.f("uq_plan_versions_number")),
    )
    for name, states in (("in_force", "state = 'in_force'"), ("under_way", _UNDER_WAY)):
        op.create_index(
            f"uq_plan_versions_{name}",
            "plan_versions",
            ["year"],
            unique=True,
            postgresql_where=sa.text(states),
        )


def _entries() -> None:
    op.create_unique_constraint("uq_topics_id_plan_year", "topics", ["id", "plan_year"])
    op.create_table(
        "topic_entries",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("plan_year", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_written", sa.Text(), nullable=True),
        sa.Column("category_number", sa.Integer(), nullable=True),
        sa.Column("category_reason", sa.Text(), nullable=True),
        sa.Column("clause", sa.Text(), nullable=False),
        *(
            sa.CheckConstraint(check, name=op.f(f"ck_topic_entries_{name}"))
            for name, check in _ENTRY_CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["category_number"], ["categories.number"], name=op.f("fk_topic_entries_category_number")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id", "plan_year"], ["topics.id", "topics.plan_year"], name="fk_topic_entries_topic_id"
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "plan_year", "settled"],
            ["plan_versions.id", "plan_versions.year", "plan_versions.settled"],
            name="fk_topic_entries_version_id",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "topic_id", name=op.f("pk_topic_entries")),
        sa.UniqueConstraint(
            "version_id",
            "position",
            name=op.f("uq_topic_entries_version_id_position"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_topic_entries_topic_id", "topic_entries", ["topic_id"])
    op.create_index(
        "uq_topic_entries_title",
        "topic_entries",
        ["version_id", "form", "title_key"],
        unique=True,
        postgresql_where=sa.text("settled"),
    )


def _move_rows() -> None:
    """Each plan becomes its first version, in force; no release so far had a title that is not its own normal form."""
    connection = op.get_bind()
    for (year,) in connection.execute(sa.text("SELECT year FROM plans")).all():
        moved = {"id": uuid7(), "year": year}
        connection.execute(
            sa.text(
                "INSERT INTO plan_versions (id, year, version, state, settled, title, drafted_by, approved_by, number,"
                " issued_on, edits) SELECT :id, year, 1, 'in_force', true, title, drafted_by, approved_by, number,"
                " issued_on, 1 FROM plans WHERE year = :year"
            ),
            moved,
        )
        connection.execute(
            sa.text(
                f"INSERT INTO topic_entries (version_id, topic_id, plan_year, settled, title_key, {_MOVED})"  # noqa: S608
                f" SELECT :id, id, plan_year, true, title, {_MOVED} FROM topics WHERE plan_year = :year"
            ),
            moved,
        )


def _leave_identities() -> None:
    op.drop_constraint("fk_topics_plan_year", "topics")
    for name in ("uq_topics_plan_year_form_title", "uq_topics_plan_year_position"):
        op.drop_constraint(name, "topics")
    for name in ("settled", "form", "month", "unit"):
        op.drop_constraint(op.f(f"ck_topics_{name}"), "topics")
    for column in _MOVED.split(", "):
        op.drop_column("topics", column)
    op.drop_table("plans")


def downgrade() -> None:
    for misfits, query in _MISFITS.items():
        refuse_where(op, misfits, query)
    for table in ("steps", "month_exceptions"):
        op.drop_table(table)
    loses(op, "plan_versions.approved_on", "SELECT FROM plan_versions WHERE approved_on IS NOT NULL")
    _plans()
    _topics()
    for table in ("topic_entries", "plan_versions"):
        op.execute(f"DROP TABLE {table}")  # what they say stands in plans and topics again
    op.drop_constraint("uq_topics_id_plan_year", "topics")
    op.create_foreign_key("fk_topics_plan_year", "topics", "plans", ["plan_year"], ["year"])


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("number", "title")),
        sa.Column("issued_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("drafted_by", "approved_by")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_plans")),
    )
    op.execute(
        "INSERT INTO plans SELECT year, number, title, issued_on, drafted_by, approved_by FROM plan_versions"
    )
    op.drop_constraint("uq_plan_versions_number", "plan_versions")
    op.create_unique_constraint("uq_plans_number", "plans", ["number"])


def _topics() -> None:
    for column in _MOVED.split(", "):
        kind = sa.Integer() if column in ("position", "category_number") else sa.Text()
        op.add_column("topics", sa.Column(column, kind))
    op.execute(
        f"UPDATE topics t SET ({_MOVED}) = (SELECT {_MOVED} FROM topic_entries e WHERE e.topic_id = t.id)"  # noqa: S608
    )
    for column in set(_MOVED.split(", ")) - {"month", "unit", "unit_written"}:
        op.alter_column("topics", column, nullable=False)
    for name, check in _TOPIC_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_topics_{name}"), "topics", check)
    op.create_foreign_key(
        "fk_topics_category_number", "topics", "categories", ["category_number"], ["number"]
    )
    for columns in (["plan_year", "form", "title"], ["plan_year", "position"]):
        op.create_unique_constraint(f"uq_topics_{'_'.join(columns)}", "topics", columns)
