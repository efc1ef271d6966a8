"""What a merge moved is noted, so that it can be undone; two that are not one are dismissed as doubles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit.storage.going_back import refuse_where

revision = "0008"
down_revision = "0007"

_ACTIONS = "'renamed','moved','merged','withdrawn'"


def upgrade() -> None:
    op.add_column("corrections", sa.Column("gave_code", sa.Text(), nullable=True))
    op.add_column("corrections", sa.Column("undoes_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_corrections_undoes_id"), "corrections", "corrections", ["undoes_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_corrections_undoes_id"), "corrections", ["undoes_id"])
    _put_actions(f"{_ACTIONS},'restored'")
    op.create_check_constraint(
        op.f("ck_corrections_undoes"), "corrections", "(action = 'restored') = (undoes_id is not null)"
    )
    op.create_table(
        "merged_rows",
        sa.Column("correction_id", sa.Uuid(), nullable=False),
        sa.Column("of_table", sa.Text(), nullable=False),
        sa.Column("of_column", sa.Text(), nullable=False),
        sa.Column("row_key", postgresql.JSONB(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_merged_rows_correction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_rows")),
    )
    op.create_index(op.f("ix_merged_rows_correction_id"), "merged_rows", ["correction_id"])
    op.create_table(
        "dismissals",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('compound','company')", name=op.f("ck_dismissals_kind")),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_dismissals_pair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dismissals")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_dismissals_one_id_other_id")),
    )


def _put_actions(named: str) -> None:
    op.drop_constraint(op.f("ck_corrections_action"), "corrections")
    op.create_check_constraint(op.f("ck_corrections_action"), "corrections", f"action in ({named})")


def downgrade() -> None:
    refuse_where(op, "merges undone", "SELECT id::text FROM corrections WHERE action = 'restored'")
    _put_actions(_ACTIONS)
    op.drop_table("dismissals")
    op.drop_table("merged_rows")
    op.drop_constraint(op.f("ck_corrections_undoes"), "corrections")
    op.drop_column("corrections", "undoes_id")
    op.drop_column("corrections", "gave_code")
