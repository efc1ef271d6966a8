"""The house's own tables and the job queue."""

from alembic import op

from kit.storage.migrations import lay_floor

revision = "0001"
down_revision = None


def upgrade() -> None:
    lay_floor(op)


def downgrade() -> None:
    raise NotImplementedError("the floor stays")
