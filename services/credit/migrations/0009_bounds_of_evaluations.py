"""What takes part in an evaluation is fixed when it is published; one that nobody has seen can be given up; nothing to keep."""

import sqlalchemy as sa
from alembic import op

from kit.storage.going_back import refuse_where

revision = "0009"
down_revision = "0008"

_STATES = "'opened','computed','published','settled','final','listed'"
_CHECKS = {
    "state": (f"state in ({_STATES})", f"state in ({_STATES},'cancelled')"),
    "computed": (
        "state = 'opened' or known_to is not null",
        "state in ('opened','cancelled') or known_to is not null",
    ),
    "published": tuple(
        f"state in ({states}) or (published_on is not null and objections_until >= published_on)"
        for states in ("'opened','computed'", "'opened','computed','cancelled'")
    ),
}
_SHARE = "(share_part is null) = (share_whole is null) and share_part between 0 and share_whole and share_whole {} 0"

#: An evaluation was never given up, and a share was one of something.
_MISFITS = {
    "evaluations given up": "SELECT begins_on::text FROM evaluations WHERE state = 'cancelled'",
    "records with a share of nothing": "SELECT id::text FROM records WHERE share_whole = 0",
}


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("entered_to", sa.BigInteger(), nullable=True))
    op.execute("UPDATE evaluations SET entered_to = known_to")
    _put_checks(1)
    op.create_check_constraint(op.f("ck_evaluations_bounds"), "evaluations", "entered_to <= known_to")
    op.create_check_constraint(
        op.f("ck_evaluations_known"), "evaluations", "(entered_to is null) = (known_to is null)"
    )
    for column in ("begins_on", "ends_on"):
        op.drop_constraint(op.f(f"uq_evaluations_{column}"), "evaluations")
        op.create_index(
            f"uq_evaluations_{column}",
            "evaluations",
            [column],
            unique=True,
            postgresql_where=sa.text("state <> 'cancelled'"),
        )
    _put_share(">=")


def downgrade() -> None:
    for misfits, query in _MISFITS.items():
        refuse_where(op, misfits, query)
    _put_share(">")
    for column in ("begins_on", "ends_on"):
        op.drop_index(f"uq_evaluations_{column}", "evaluations")
        op.create_unique_constraint(op.f(f"uq_evaluations_{column}"), "evaluations", [column])
    for name in ("bounds", "known"):
        op.drop_constraint(op.f(f"ck_evaluations_{name}"), "evaluations")
    _put_checks(0)
    op.drop_column("evaluations", "entered_to")


def _put_checks(which: int) -> None:
    for name, texts in _CHECKS.items():
        op.drop_constraint(op.f(f"ck_evaluations_{name}"), "evaluations")
        op.create_check_constraint(op.f(f"ck_evaluations_{name}"), "evaluations", texts[which])


def _put_share(than: str) -> None:
    op.drop_constraint(op.f("ck_records_share"), "records")
    op.create_check_constraint(op.f("ck_records_share"), "records", _SHARE.format(than))
