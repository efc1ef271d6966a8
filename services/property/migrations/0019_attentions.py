"""Attention to compounds where requests came in more often than expected."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "attentions",
        sa.Column("pattern", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_to", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("requests", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('open','closed')", name=op.f("ck_attentions_state")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_attentions_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attentions")),
        sa.UniqueConstraint("pattern", name=op.f("uq_attentions_pattern")),
    )
    for column in ("compound_id", "state"):
        op.create_index(op.f(f"ix_attentions_{column}"), "attentions", [column])


def downgrade() -> None:
    op.drop_table("attentions")
