"""Evaluations of a period with their results, which are frozen once final, objections, and what was done step by step."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

_JSON = postgresql.JSONB(astext_type=sa.Text())
_TIME = sa.DateTime(timezone=True)
_CHECKS = {
    "state": "state in ('opened','computed','published','settled','final','listed')",
    "period": "ends_on > begins_on",
    "computed": "state = 'opened' or known_to is not null",
    "published": "state in ('opened','computed') or (published_on is not null and objections_until >= published_on)",
    "final": "(state in ('final','listed')) = (final_on is not null)",
    "listed": "(state = 'listed') = (listed_on is not null)",
}
_FROZEN = """
CREATE FUNCTION frozen_when_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM evaluations WHERE id = coalesce(NEW.evaluation_id, OLD.evaluation_id)
             AND state IN ('final', 'listed')) THEN
    RAISE EXCEPTION 'the results of a final evaluation are frozen' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$"""


def upgrade() -> None:
    op.create_table(
        "evaluations",
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("computed_at", _TIME, nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("objections_until", sa.Date(), nullable=True),
        sa.Column("final_on", sa.Date(), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(text, name=op.f(f"ck_evaluations_{name}")) for name, text in _CHECKS.items()),
        sa.ForeignKeyConstraint(["scheme"], ["schemes.code"], name=op.f("fk_evaluations_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("begins_on", name=op.f("uq_evaluations_begins_on")),
        sa.UniqueConstraint("ends_on", name=op.f("uq_evaluations_ends_on")),
    )
    _results()
    op.create_table(
        "objections",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_at", _TIME, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('filed','upheld','rejected')", name=op.f("ck_objections_state")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_objections_evaluation_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_objections_company_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_objections_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        sa.UniqueConstraint(
            "evaluation_id",
            "company_id",
            "record_id",
            name=op.f("uq_objections_evaluation_id_company_id_record_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_objections_company_id"), "objections", ["company_id"])
    op.create_table(
        "steps",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seen", _JSON, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
    )
    op.create_index(op.f("ix_steps_subject_id"), "steps", ["subject_id"])


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        *(
            sa.Column(column, sa.Numeric(), nullable=False)
            for column in ("score", "base", "good", "bad", "serious")
        ),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("vetoed", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Text(), nullable=True),
        sa.CheckConstraint("listed in ('red','black')", name=op.f("ck_results_listed")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name=op.f("fk_results_evaluation_id")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_results_company_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_results_project_id")),
        sa.PrimaryKeyConstraint("evaluation_id", "subject", name=op.f("pk_results")),
    )
    op.create_index("ix_results_company_id", "results", ["company_id", "evaluation_id"])
    op.execute(_FROZEN)
    op.execute(
        "CREATE TRIGGER frozen_when_final BEFORE INSERT OR UPDATE OR DELETE ON results"
        " FOR EACH ROW EXECUTE FUNCTION frozen_when_final()"
    )


def downgrade() -> None:
    for table in ("steps", "objections", "results", "evaluations"):
        op.drop_table(table)
    op.execute("DROP FUNCTION frozen_when_final()")
