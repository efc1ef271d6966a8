"""Who was found responsible for an accident: the unified social credit code of a company that is held to account."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("accountabilities", sa.Column("company", sa.Text()))
    op.create_check_constraint(
        "ck_accountabilities_responsible", "accountabilities", "company is null or kind = 'accountability'"
    )


def downgrade() -> None:
    op.drop_constraint("ck_accountabilities_responsible", "accountabilities")
    op.drop_column("accountabilities", "company")
