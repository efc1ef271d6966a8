"""A month's figures are found by the terms that end in it, and what is open, late or just closed by indexes of its own."""

import sqlalchemy as sa
from alembic import op

revision = "k0010"
down_revision = "k0009"

_LATE = (
    "coalesce(answered_at, paused_at, 'infinity'::timestamptz) > due_at"
    " and state not in ('declined', 'merged', 'transferred')"
)
_INDEXES = (
    ("ix_dispatch_legs_sign_due_at", "dispatch_legs", ["sign_due_at"], None),
    ("ix_dispatch_legs_contact_due_at", "dispatch_legs", ["contact_due_at"], None),
    ("ix_dispatch_steps_due_at", "dispatch_steps", ["due_at"], None),
    ("ix_dispatch_requests_closed_at", "dispatch_requests", ["closed_at"], None),
    (
        "ix_dispatch_requests_open",
        "dispatch_requests",
        ["received_at", "id"],
        "state not in ('closed', 'declined', 'merged', 'transferred')",
    ),
    ("ix_dispatch_requests_late", "dispatch_requests", ["received_at", "id"], _LATE),
)


def upgrade() -> None:
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, postgresql_where=sa.text(where) if where else None)


def downgrade() -> None:
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table)
