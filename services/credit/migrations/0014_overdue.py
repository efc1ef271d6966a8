"""What is overdue of objections and repairs is found without reading those that were decided."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for table in ("objections", "repairs"):
        op.create_index(f"ix_{table}_filed", table, ["due_on"], postgresql_where="state = 'filed'")


def downgrade() -> None:
    for table in ("objections", "repairs"):
        op.drop_index(f"ix_{table}_filed", table)
