"""A leg that was given another term to answer is raised in it anew, a request that went round too often once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from kit.storage.going_back import drop_derived, refuse_where

revision = "k0009"
down_revision = "k0008"

_RUNG = "uq_dispatch_steps_rung"


def upgrade() -> None:
    op.add_column("dispatch_legs", sa.Column("term", sa.Integer(), server_default="1", nullable=False))
    op.execute(
        "UPDATE dispatch_legs SET term = 1 + granted.times FROM"
        " (SELECT leg_id, count(*) AS times FROM dispatch_steps WHERE action = 'grant-extension' GROUP BY leg_id) granted"
        " WHERE granted.leg_id = dispatch_legs.id"
    )
    # The record only grows: what it holds already gets its term as a default.
    op.add_column("dispatch_steps", sa.Column("term", sa.Integer(), server_default="1"))
    op.drop_index(_RUNG, "dispatch_steps")
    op.create_index(
        _RUNG,
        "dispatch_steps",
        ["leg_id", "round", "term", "rung"],
        unique=True,
        postgresql_where=sa.text("rung is not null"),
    )
    op.add_column("dispatch_requests", sa.Column("returns", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "dispatch_requests", sa.Column("rungs", ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.execute(
        "UPDATE dispatch_requests SET returns = counted.returns, rungs = counted.rungs FROM"
        " (SELECT request_id, count(*) FILTER (WHERE action = 'grant-return') AS returns,"
        " array_remove(array_agg(DISTINCT seen ->> 'rung_of_request'), NULL) AS rungs"
        " FROM dispatch_steps WHERE action IN ('grant-return', 'raise') GROUP BY request_id) counted"
        " WHERE counted.request_id = dispatch_requests.id"
    )
    op.create_index(
        "uq_dispatch_steps_rung_of_request",
        "dispatch_steps",
        ["request_id", "rung"],
        unique=True,
        postgresql_where=sa.text("rung in ('units','redos')"),
    )


def downgrade() -> None:
    refuse_where(
        op,
        "parts of requests raised again in another term",
        "SELECT leg_id::text FROM dispatch_steps WHERE rung IS NOT NULL GROUP BY leg_id, round, rung HAVING count(*) > 1",
    )
    op.drop_index("uq_dispatch_steps_rung_of_request", "dispatch_steps")
    op.drop_column("dispatch_requests", "rungs")
    drop_derived(op, "dispatch_requests", "returns")
    op.drop_index(_RUNG, "dispatch_steps")
    op.drop_column("dispatch_steps", "term")
    drop_derived(op, "dispatch_legs", "term")
    op.create_index(
        _RUNG,
        "dispatch_steps",
        ["leg_id", "round", "rung"],
        unique=True,
        postgresql_where=sa.text("rung is not null"),
    )
