"""Events that a subscriber did not take, secrets that change, and subscriptions to one's own."""

import sqlalchemy as sa
from alembic import op

revision = "k0006"
down_revision = "k0005"

_STATES = "state in ('active','paused','gone'{})"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("old_secret", sa.LargeBinary()))
    op.add_column("subscriptions", sa.Column("old_secret_until", sa.DateTime(timezone=True)))
    op.add_column("subscriptions", sa.Column("mine", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("subscriptions", sa.Column("failing_since", sa.DateTime(timezone=True)))
    op.add_column("subscriptions", sa.Column("stopped_at", sa.DateTime(timezone=True)))
    op.drop_constraint("state", "subscriptions")
    op.create_check_constraint("state", "subscriptions", _STATES.format(",'off'"))
    op.create_table(
        "held_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("dead_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_held_events"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name="fk_held_events_subscription_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="fk_held_events_event"),
        sa.UniqueConstraint("subscription_id", "event", name="uq_held_events_subscription_id_event"),
    )


def downgrade() -> None:
    op.drop_table("held_events")
    op.execute("UPDATE subscriptions SET state = 'paused' WHERE state = 'off'")
    op.drop_constraint("state", "subscriptions")
    op.create_check_constraint("state", "subscriptions", _STATES.format(""))
    for column in ("stopped_at", "failing_since", "mine", "old_secret_until", "old_secret"):
        op.drop_column("subscriptions", column)
