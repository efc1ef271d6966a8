"""Compounds and companies are found by any part of their names, also former and other ones; what was merged says into what."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

#: The tables that are found by a name, each with the column of its normal form.
_FOUND = {"compounds": "name_key", "companies": "name_key", "corrections": "former_key"}


def upgrade() -> None:
    for table in ("compounds", "companies"):
        op.add_column(table, sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(f"fk_{table}_merged_into_id", table, table, ["merged_into_id"], ["id"])
        op.create_index(f"ix_{table}_merged_into_id", table, ["merged_into_id"])
        op.execute(
            f"UPDATE {table} SET merged_into_id = into_id FROM corrections"  # noqa: S608 - constants
            f" WHERE subject_id = {table}.id AND action = 'merged'"
        )
    op.create_table(
        "aliases",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("compound_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("name_like", sa.Text(), nullable=False),
        sa.Column("found_by", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('alias','address')", name=op.f("ck_aliases_kind")),
        sa.CheckConstraint("num_nonnulls(compound_id, company_id) = 1", name=op.f("ck_aliases_of_one")),
        sa.CheckConstraint("found_by[1] = left(name_key, 32)", name=op.f("ck_aliases_found_by")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_aliases_company_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compounds.id"], name=op.f("fk_aliases_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aliases")),
        sa.UniqueConstraint(
            "company_id", "kind", "name_key", name=op.f("uq_aliases_company_id_kind_name_key")
        ),
        sa.UniqueConstraint(
            "compound_id", "kind", "name_key", name=op.f("uq_aliases_compound_id_kind_name_key")
        ),
    )
    op.create_index(op.f("ix_aliases_name_like"), "aliases", ["name_like"])
    # What stands there already is given its words when the service is loaded, before it answers.
    for table, key in _FOUND.items():
        op.add_column(table, sa.Column("found_by", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
        op.alter_column(table, "found_by", server_default=None)
        op.create_check_constraint(op.f(f"ck_{table}_found_by"), table, f"found_by[1] = left({key}, 32)")
    for table in (*_FOUND, "aliases"):
        words = sa.text("array_to_tsvector(found_by)")
        op.create_index(f"ix_{table}_found_by", table, [words], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("aliases")
    for table in _FOUND:
        op.drop_index(f"ix_{table}_found_by", table_name=table)
        op.drop_column(table, "found_by")
    for table in ("compounds", "companies"):
        op.drop_column(table, "merged_into_id")
