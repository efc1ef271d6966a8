"""The smart-property platform states projects too."""

import sqlalchemy as sa
from alembic import op

from kit.storage.going_back import refuse_where

revision = "0016"
down_revision = "0015"

_KIND = "kind in ('companies','projects','compounds','contracts')"
_ENTRY = "num_nonnulls(company_id, project_id, compound_id, contract_id)"
_CHECKS = {"kind": _KIND, "deleted": f"not deleted or {_ENTRY} = 0", "one_entry": f"{_ENTRY} <= 1"}
_FORMER_ENTRY = "num_nonnulls(company_id, compound_id, contract_id)"
_FORMER_CHECKS = {
    "kind": "kind in ('companies','compounds','contracts')",
    "deleted": f"not deleted or {_FORMER_ENTRY} = 0",
    "one_entry": f"{_FORMER_ENTRY} <= 1",
}


def upgrade() -> None:
    op.add_column("sync_rows", sa.Column("project_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_sync_rows_project_id", "sync_rows", "projects", ["project_id"], ["id"])
    op.create_index("ix_sync_rows_project_id", "sync_rows", ["project_id"])
    for name, condition in _CHECKS.items():
        op.drop_constraint(op.f(f"ck_sync_rows_{name}"), "sync_rows")
        op.create_check_constraint(op.f(f"ck_sync_rows_{name}"), "sync_rows", condition)


def downgrade() -> None:
    refuse_where(
        op, "projects that the platform has told", "SELECT key FROM sync_rows WHERE kind = 'projects'"
    )
    op.drop_column("sync_rows", "project_id")  # and with it the checks that name it
    op.drop_constraint(op.f("ck_sync_rows_kind"), "sync_rows")
    for name, condition in _FORMER_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_sync_rows_{name}"), "sync_rows", condition)
