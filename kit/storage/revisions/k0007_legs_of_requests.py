"""Requests of citizens get legs, clocks and a record that only grows."""

from pathlib import Path

from alembic import op

from kit.storage.going_back import drop_derived, loses, refuse_where
from kit.storage.migrations import run_sql

revision = "k0007"
down_revision = "k0006"


def upgrade() -> None:
    run_sql(op, Path(__file__).with_suffix(".sql"))


#: A request was one unit's, and went no further than to its end.
_MISFITS = {
    "requests with several parts": "SELECT min(r.number) FROM dispatch_requests r JOIN dispatch_legs ON request_id = r.id"
    " GROUP BY r.id HAVING count(*) > 1",
    "requests declined, merged or transferred": "SELECT number FROM dispatch_requests"
    " WHERE state IN ('declined', 'merged', 'transferred')",
}
_LOST = {
    "dispatch_legs": "SELECT FROM dispatch_legs WHERE num_nonnulls(contacted_at, paused_at, proposed_unit, extension_until) > 0"
    " OR forced OR rungs <> '{}' OR sign_due_at <> answer_due_at OR contact_due_at <> answer_due_at",
    "dispatch_requests.urgency": "SELECT FROM dispatch_requests WHERE urgency <> 'normal'",
    "dispatch_requests.compound": "SELECT FROM dispatch_requests WHERE compound::text <> lower(details ->> 'compound')"
    " OR compound IS NOT NULL AND details ->> 'compound' IS NULL",
    "dispatch_requests.redos": "SELECT FROM dispatch_requests r WHERE redos <>"
    " (SELECT count(*) FROM dispatch_steps s WHERE s.request_id = r.id AND s.action = 'redo')",
}
_OF_REQUESTS = (
    "client, longitude, latitude, coordinates, source_fields, attachments, alarm, secret, occurred_at, paused_at, raised,"
    " reached, solved, satisfied, called_back_at, merged_into, transferred_to, transferred_from, appeals, unreasonable_by,"
    " declined_by"
)


def downgrade() -> None:
    for misfits, query in _MISFITS.items():
        refuse_where(op, misfits, query)
    for what, lost in _LOST.items():
        loses(op, what, lost)
    op.drop_table("dispatch_appeals")
    op.execute("DROP TRIGGER dispatch_steps_only_grow ON dispatch_steps")
    op.execute("DROP FUNCTION dispatch_steps_only_grow")
    op.drop_index("ix_dispatch_steps_action_at", "dispatch_steps")
    for column in ("seen", "rung", "round", "state", "leg_state", "unit_of_leg", "due_at"):
        op.drop_column("dispatch_steps", column)
    drop_derived(op, "dispatch_steps", "leg_id")
    op.execute("DROP TABLE dispatch_legs")  # what stands of the one part in its request was no loss
    _requests()


def _requests() -> None:
    for name in ("matter", "unit", "division", "state"):
        op.drop_index(f"ix_dispatch_requests_{name}_received_at_id", "dispatch_requests")
    for column in _OF_REQUESTS.split(", "):
        op.drop_column("dispatch_requests", column)
    drop_derived(op, "dispatch_requests", "urgency", "compound", "grams", "updated_at", "units", "redos")
    op.drop_constraint("ck_dispatch_requests_state", "dispatch_requests")
    op.create_check_constraint(
        "ck_dispatch_requests_state",
        "dispatch_requests",
        "state in ('received','accepted','answered','closed')",
    )
    for name in ("state", "unit"):
        op.create_index(f"ix_dispatch_requests_{name}", "dispatch_requests", [name])
