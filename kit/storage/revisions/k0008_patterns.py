"""Patterns among requests; the legs of a request are found by it, those that count no more too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "k0008"
down_revision = "k0007"


def upgrade() -> None:
    op.create_index("ix_dispatch_legs_request_id", "dispatch_legs", ["request_id"])
    op.create_table(
        "dispatch_patterns",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("matter", "kind", "place", "words")),
        *(sa.Column(name, sa.Text()) for name in ("place_name", "division")),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("window_from", "window_to")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("count", "past", "windows")),
        sa.Column("expected", sa.Numeric(9, 4), nullable=False),
        sa.Column("probability", sa.Numeric(12, 10), nullable=False),
        sa.Column("requests", ARRAY(sa.Text()), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch_patterns"),
        sa.UniqueConstraint(
            "matter",
            "kind",
            "place",
            "window_from",
            name="uq_dispatch_patterns_matter_kind_place_window_from",
        ),
        sa.CheckConstraint("kind in ('compound','company')", name="kind"),
        sa.CheckConstraint("probability between 0 and 1", name="probability"),
    )
    op.create_index("ix_dispatch_patterns_noticed_at_id", "dispatch_patterns", ["noticed_at", "id"])


def downgrade() -> None:
    op.drop_table("dispatch_patterns")
    op.drop_index("ix_dispatch_legs_request_id", "dispatch_legs")
