"""What a leg has used up in its round stands with it, an appeal is about a round, and what ended may wait for somebody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from kit.storage.going_back import drop_derived, refuse_where

revision = "k0012"
down_revision = "k0010"

_RUNGS = """
UPDATE dispatch_legs SET rungs = kept.rungs,
    next_rung_at = CASE WHEN kept.state NOT IN ('closed', 'declined', 'merged', 'transferred') THEN now() END
FROM (
    SELECT l.id, r.state, coalesce((
        SELECT array_agg(rung)
        FROM unnest(l.rungs) AS rung
        WHERE rung NOT LIKE 'answer-%' OR EXISTS (
            SELECT FROM dispatch_steps s
            WHERE s.request_id = l.request_id AND s.leg_id = l.id AND s.round = l.round AND s.term = l.term
                AND s.rung = rung
        )
    ), '{}') AS rungs
    FROM dispatch_legs l
    JOIN dispatch_requests r ON r.id = l.request_id
    WHERE l.term > 1
) AS kept
WHERE kept.id = dispatch_legs.id AND kept.rungs <> dispatch_legs.rungs
"""
_OPEN = (
    "state in ('received', 'accepted', 'answered') or appeals > 0"
    " or (state = 'closed' and (solved is false or satisfied is false))"
    " or (state in ('declined', 'merged') and (reached is not true"
    " or (explained_at is null and (solved is false or satisfied is false))))"
)


def upgrade() -> None:
    _legs()
    _appeals()
    _rungs()
    _open()


def _legs() -> None:
    op.add_column("dispatch_legs", sa.Column("extensions", sa.Integer(), server_default="0", nullable=False))
    op.add_column("dispatch_legs", sa.Column("due_as_of", sa.DateTime(timezone=True)))
    op.add_column(
        "dispatch_legs", sa.Column("appealed", ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.execute(
        "UPDATE dispatch_legs SET extensions = used.times, appealed = used.figures FROM"
        " (SELECT leg_id, round, count(*) FILTER (WHERE action = 'grant-extension') AS times,"
        " coalesce(array_agg(seen ->> 'figure') FILTER (WHERE action = 'appeal'), '{}') AS figures"
        " FROM dispatch_steps WHERE action IN ('grant-extension', 'appeal') GROUP BY leg_id, round) used"
        " WHERE used.leg_id = dispatch_legs.id AND used.round = dispatch_legs.round"
    )


def _appeals() -> None:
    op.add_column("dispatch_appeals", sa.Column("round", sa.Integer(), server_default="1", nullable=False))
    op.execute(
        "UPDATE dispatch_appeals a SET round = s.round FROM dispatch_steps s"
        " WHERE s.action = 'appeal' AND s.leg_id = a.leg_id AND s.seen ->> 'figure' = a.figure"
    )
    op.drop_constraint("uq_dispatch_appeals_leg_id_figure", "dispatch_appeals")
    op.create_unique_constraint(
        "uq_dispatch_appeals_leg_id_round_figure", "dispatch_appeals", ["leg_id", "round", "figure"]
    )


def _rungs() -> None:
    # k0009 gave legs their later terms and left them the rungs of the former: in these they would not be raised.
    op.execute(_RUNGS)


def _open() -> None:
    op.add_column("dispatch_requests", sa.Column("explained_at", sa.DateTime(timezone=True)))
    op.drop_index("ix_dispatch_requests_open", "dispatch_requests")
    op.create_index(
        "ix_dispatch_requests_open",
        "dispatch_requests",
        ["received_at", "id"],
        postgresql_where=sa.text(_OPEN),
    )


def downgrade() -> None:
    refuse_where(
        op,
        "figures appealed against in two rounds",
        "SELECT leg_id::text FROM dispatch_appeals GROUP BY leg_id, figure HAVING count(*) > 1",
    )
    op.drop_index("ix_dispatch_requests_open", "dispatch_requests")
    op.create_index(
        "ix_dispatch_requests_open",
        "dispatch_requests",
        ["received_at", "id"],
        postgresql_where=sa.text("state not in ('closed', 'declined', 'merged', 'transferred')"),
    )
    op.drop_column("dispatch_requests", "explained_at")
    op.drop_constraint("uq_dispatch_appeals_leg_id_round_figure", "dispatch_appeals")
    op.create_unique_constraint("uq_dispatch_appeals_leg_id_figure", "dispatch_appeals", ["leg_id", "figure"])
    drop_derived(op, "dispatch_appeals", "round")
    op.drop_column("dispatch_legs", "due_as_of")
    drop_derived(op, "dispatch_legs", "extensions", "appealed")
