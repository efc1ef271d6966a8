"""Questions of citizens: what the public may know of each, and that nothing secret is among it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "k0013"
down_revision = "k0012"

_WORDING = "num_nonnulls(matter, title, question, answer, published_at, published_by)"


def upgrade() -> None:
    op.create_unique_constraint("uq_dispatch_requests_id_secret", "dispatch_requests", ["id", "secret"])
    op.create_table(
        "dispatch_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("matter", "title", "question", "answer", "phone")),
        sa.Column("grams", ARRAY(sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_by", sa.Text()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch_questions"),
        sa.ForeignKeyConstraint(
            ["request_id", "secret"],
            ["dispatch_requests.id", "dispatch_requests.secret"],
            name="fk_dispatch_questions_request_id_secret",
        ),
        sa.UniqueConstraint("request_id", name="uq_dispatch_questions_request_id"),
        sa.CheckConstraint("state in ('unpublished','published','withdrawn')", name="state"),
        sa.CheckConstraint("state = 'unpublished' or not secret", name="secret"),
        sa.CheckConstraint(f"{_WORDING} = case state when 'unpublished' then 0 else 6 end", name="wording"),
        sa.CheckConstraint("phone is null or title is not null", name="phone"),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at is not null)", name="withdrawn"),
    )
    op.create_index(
        "ix_dispatch_questions_published_at_id",
        "dispatch_questions",
        ["published_at", "id"],
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index("ix_dispatch_questions_grams", "dispatch_questions", ["grams"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("dispatch_questions")
    op.drop_constraint("uq_dispatch_requests_id_secret", "dispatch_requests")
