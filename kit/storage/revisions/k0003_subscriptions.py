"""Whose a subscription is, and whether it is served."""

import sqlalchemy as sa
from alembic import op

from kit.storage.going_back import refuse_where

revision = "k0003"
down_revision = "k0002"

#: Who made it stands in the audit; what the deployment names is nobody's.
_OWNED = (
    "UPDATE subscriptions SET client = (SELECT client FROM audit WHERE action LIKE '%.subscription.created'"
    " AND subject = subscriptions.name ORDER BY id DESC LIMIT 1)"
)


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("client", sa.Text()))
    op.add_column("subscriptions", sa.Column("state", sa.Text(), server_default="active", nullable=False))
    op.add_column("subscriptions", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_check_constraint("state", "subscriptions", "state in ('active','paused','gone')")
    op.drop_constraint("uq_subscriptions_name", "subscriptions")
    op.create_unique_constraint(
        "uq_subscriptions_client_name",
        "subscriptions",
        ["client", "name"],
        postgresql_nulls_not_distinct=True,
    )
    op.execute(_OWNED)


def downgrade() -> None:
    refuse_where(
        op,
        "names that several clients gave to subscriptions",
        "SELECT name FROM subscriptions GROUP BY name HAVING count(*) > 1",
    )
    op.drop_column("subscriptions", "version")
    op.drop_column("subscriptions", "state")
    op.drop_column("subscriptions", "client")
    op.create_unique_constraint("uq_subscriptions_name", "subscriptions", ["name"])
