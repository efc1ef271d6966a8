"""Names have a normal form that is their key; what is corrected, withdrawn or filed on paper is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

#: The normal form of what stands there already, without the letters that nobody sees.
_KEY = r"lower(regexp_replace(translate(normalize(name, NFKC), '【】〔〕[]{}', '()()()()'), '\s', '', 'g'))"
_NAMED = {"divisions": ("parent_id", "name"), "compounds": ("community_id", "name"), "companies": ("name",)}


def upgrade() -> None:
    op.drop_index("uq_divisions_parent_id_name", table_name="divisions")
    op.drop_constraint("uq_compounds_community_id_name", "compounds")
    op.drop_constraint("uq_companies_name", "companies")
    for table in _NAMED:
        op.add_column(table, sa.Column("name_key", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("name_like", sa.Text(), nullable=False, server_default=""))
        op.add_column(table, sa.Column("withdrawn_on", sa.Date(), nullable=True))
        op.execute(f"UPDATE {table} SET name_key = {_KEY}, name_like = {_KEY}")  # noqa: S608 - constants
        op.alter_column(table, "name_like", server_default=None)
        op.create_index(f"ix_{table}_name_like", table, ["name_like"])
    op.create_index("uq_divisions_parent_id_name_key", "divisions", ["parent_id", "name_key"], unique=True)
    op.create_unique_constraint(
        "uq_compounds_community_id_name_key", "compounds", ["community_id", "name_key"]
    )
    op.create_unique_constraint("uq_companies_name_key", "companies", ["name_key"])
    op.add_column("companies", sa.Column("reason", sa.Text(), nullable=True))
    op.create_table(
        "corrections",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("former_name", sa.Text(), nullable=False),
        sa.Column("former_key", sa.Text(), nullable=False),
        sa.Column("former_place", sa.Uuid(), nullable=True),
        sa.Column("into_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('compound','community','company')", name=op.f("ck_corrections_kind")),
        sa.CheckConstraint(
            "action in ('renamed','moved','merged','withdrawn')", name=op.f("ck_corrections_action")
        ),
        sa.CheckConstraint("(action = 'merged') = (into_id is not null)", name=op.f("ck_corrections_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_kind_former_key", "corrections", ["kind", "former_key"])
    op.add_column("surveys", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("surveys", sa.Column("withdrawn_by", sa.Text(), nullable=True))
    op.add_column("surveys", sa.Column("withdrawal_reason", sa.Text(), nullable=True))
    op.add_column("contracts", sa.Column("on_paper", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("contracts", "on_paper")
    for column in ("withdrawal_reason", "withdrawn_by", "withdrawn_at"):
        op.drop_column("surveys", column)
    op.drop_table("corrections")
    op.drop_column("companies", "reason")
    op.drop_index("uq_divisions_parent_id_name_key", table_name="divisions")
    op.drop_constraint("uq_compounds_community_id_name_key", "compounds")
    op.drop_constraint("uq_companies_name_key", "companies")
    for table in _NAMED:
        op.drop_index(f"ix_{table}_name_like", table_name=table)
        for column in ("withdrawn_on", "name_like", "name_key"):
            op.drop_column(table, column)
    op.create_index("uq_divisions_parent_id_name", "divisions", ["parent_id", "name"], unique=True)
    op.create_unique_constraint("uq_compounds_community_id_name", "compounds", ["community_id", "name"])
    op.create_unique_constraint("uq_companies_name", "companies", ["name"])
