"""What the smart-property platform states, row by row, and the receipts of its requests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "sync_receipts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("stale", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("rejections", postgresql.JSONB(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('running','done','broken')", name=op.f("ck_sync_receipts_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_receipts")),
    )
    op.create_table(
        "sync_rows",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("compound_id", sa.Uuid(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("left_id", sa.Uuid(), nullable=True),
        sa.Column("replaced", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('companies','compounds','contracts')", name=op.f("ck_sync_rows_kind")),
        sa.CheckConstraint(
            "not deleted or num_nonnulls(company_id, compound_id, contract_id) = 0",
            name=op.f("ck_sync_rows_deleted"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(company_id, compound_id, contract_id) <= 1", name=op.f("ck_sync_rows_one_entry")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_sync_rows_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_sync_rows_compound_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_sync_rows_contract_id")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_sync_rows")),
    )
    for column in ("company_id", "compound_id", "contract_id"):
        op.create_index(f"ix_sync_rows_{column}", "sync_rows", [column])
    op.create_index("ix_sync_rows_kind_street", "sync_rows", ["kind", "street"])


def downgrade() -> None:
    op.drop_table("sync_rows")
    op.drop_table("sync_receipts")
