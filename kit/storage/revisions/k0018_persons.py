"""An audit entry names the person behind the client that acted, where there is one."""

import sqlalchemy as sa
from alembic import op

revision = "k0018"
down_revision = "k0017"


def upgrade() -> None:
    op.add_column("audit", sa.Column("person", sa.Text()))
    op.add_column("audit", sa.Column("person_name", sa.Text()))


def downgrade() -> None:
    op.drop_column("audit", "person_name")
    op.drop_column("audit", "person")
