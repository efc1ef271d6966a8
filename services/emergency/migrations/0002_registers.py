"""Warnings, registers and drills."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "experts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "specialty in ('dangerous_goods','coal','oil_gas_pipeline','power','construction','transport','fire','special_equipment','water_works','geology','environment','medicine','weather','industry','other')",
            name=op.f("ck_experts_specialty"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experts")),
    )
    op.create_index(op.f("ix_experts_available"), "experts", ["available"], unique=False)
    op.create_index(op.f("ix_experts_department"), "experts", ["department"], unique=False)
    op.create_index(op.f("ix_experts_specialty"), "experts", ["specialty"], unique=False)
    op.create_table(
        "supplies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "category in ('supplies','equipment','medical','transport')", name=op.f("ck_supplies_category")
        ),
        sa.CheckConstraint("(latitude is null) = (longitude is null)", name=op.f("ck_supplies_position")),
        sa.CheckConstraint("minimum >= 0", name=op.f("ck_supplies_minimum")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_supplies_stock")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplies")),
    )
    op.create_index(op.f("ix_supplies_category"), "supplies", ["category"], unique=False)
    op.create_index(op.f("ix_supplies_keeper"), "supplies", ["keeper"], unique=False)
    op.create_index(op.f("ix_supplies_street"), "supplies", ["street"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_supplies_street"), table_name="supplies")
    op.drop_index(op.f("ix_supplies_keeper"), table_name="supplies")
    op.drop_index(op.f("ix_supplies_category"), table_name="supplies")
    op.drop_table("supplies")
    op.drop_index(op.f("ix_experts_specialty"), table_name="experts")
    op.drop_index(op.f("ix_experts_department"), table_name="experts")
    op.drop_index(op.f("ix_experts_available"), table_name="experts")
    op.drop_table("experts")
