"""Kinds of content, yearly plans and their topics."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 7", name=op.f("ck_categories_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_categories_name")),
    )
    op.create_table(
        "plans",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_plans")),
        sa.UniqueConstraint("number", name=op.f("uq_plans_number")),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("plan_year", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_written", sa.Text(), nullable=True),
        sa.Column("category_number", sa.Integer(), nullable=False),
        sa.Column("category_reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "form <> 'pre_meeting' OR month IS NOT NULL AND unit IS NOT NULL", name=op.f("ck_topics_settled")
        ),
        sa.CheckConstraint("form IN ('pre_meeting', 'lecture')", name=op.f("ck_topics_form")),
        sa.CheckConstraint(
            "month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' AND left(month, 4) = plan_year::text",
            name=op.f("ck_topics_month"),
        ),
        sa.CheckConstraint("(unit IS NULL) = (unit_written IS NULL)", name=op.f("ck_topics_unit")),
        sa.ForeignKeyConstraint(
            ["category_number"], ["categories.number"], name=op.f("fk_topics_category_number")
        ),
        sa.ForeignKeyConstraint(["plan_year"], ["plans.year"], name=op.f("fk_topics_plan_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("plan_year", "form", "title", name=op.f("uq_topics_plan_year_form_title")),
        sa.UniqueConstraint("plan_year", "position", name=op.f("uq_topics_plan_year_position")),
    )


def downgrade() -> None:
    op.drop_table("topics")
    op.drop_table("plans")
    op.drop_table("categories")
