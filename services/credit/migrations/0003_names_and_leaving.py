"""Names have a normal form by which they are found; a company that was taken back leaves the evaluation."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KEY = r"lower(regexp_replace(translate(normalize(name, NFKC), '【】〔〕[]{}', '()()()()'), '\s', '', 'g'))"


def upgrade() -> None:
    op.add_column("companies", sa.Column("name_key", sa.Text(), nullable=True))
    op.add_column("companies", sa.Column("name_like", sa.Text(), nullable=False, server_default=""))
    op.execute(f"UPDATE companies SET name_key = {_KEY}, name_like = {_KEY}")  # noqa: S608 - a constant
    op.alter_column("companies", "name_like", server_default=None)
    op.create_index("ix_companies_name_like", "companies", ["name_like"])
    op.add_column("companies", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("companies", "left_at")
    op.drop_index("ix_companies_name_like", table_name="companies")
    op.drop_column("companies", "name_like")
    op.drop_column("companies", "name_key")
