"""Addresses of members' own calendars, of which only a hash is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "calendar_addresses",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_calendar_addresses_member_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_calendar_addresses")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_calendar_addresses_token_sha256")),
    )


def downgrade() -> None:
    op.drop_table("calendar_addresses")
