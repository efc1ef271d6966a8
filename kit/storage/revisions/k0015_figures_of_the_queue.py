"""What is due in the queue, and what failed in it, is found without reading all of it."""

from alembic import op

revision = "k0015"
down_revision = "k0013"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_procrastinate_jobs_due ON procrastinate_jobs (scheduled_at, id) WHERE status = 'todo'"
    )
    op.execute(
        "CREATE INDEX ix_procrastinate_jobs_failed ON procrastinate_jobs (task_name) WHERE status = 'failed'"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_procrastinate_jobs_due")
    op.execute("DROP INDEX ix_procrastinate_jobs_failed")
