"""Whose an accident is: the unified social credit code of the company where it happened."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("company", sa.Text()))
    op.create_index("ix_incidents_company", "incidents", ["company"])


def downgrade() -> None:
    op.drop_index("ix_incidents_company", "incidents")
    op.drop_column("incidents", "company")
