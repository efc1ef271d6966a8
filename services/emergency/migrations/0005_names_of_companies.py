"""The normal form of a company's name is its key."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEY = r"lower(regexp_replace(translate(normalize(name, NFKC), '【】〔〕[]{}', '()()()()'), '\s', '', 'g'))"


def upgrade() -> None:
    op.drop_constraint("uq_companies_name", "companies")
    op.add_column("companies", sa.Column("name_key", sa.Text(), nullable=True))
    op.add_column("companies", sa.Column("name_like", sa.Text(), nullable=False, server_default=""))
    op.execute(f"UPDATE companies SET name_key = {_KEY}, name_like = {_KEY}")  # noqa: S608 - a constant
    op.alter_column("companies", "name_like", server_default=None)
    op.create_unique_constraint("uq_companies_name_key", "companies", ["name_key"])
    op.create_index("ix_companies_name_like", "companies", ["name_like"])


def downgrade() -> None:
    op.drop_index("ix_companies_name_like", table_name="companies")
    op.drop_constraint("uq_companies_name_key", "companies")
    op.drop_column("companies", "name_like")
    op.drop_column("companies", "name_key")
    op.create_unique_constraint("uq_companies_name", "companies", ["name"])
