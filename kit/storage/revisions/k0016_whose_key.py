"""An answer that is kept names the key that its request was hashed with; without a name it is a former release's."""

import sqlalchemy as sa
from alembic import op

from kit.storage.going_back import drop_derived

revision = "k0016"
down_revision = "k0015"


def upgrade() -> None:
    op.add_column("idempotency_keys", sa.Column("keyed_by", sa.Text()))


def downgrade() -> None:
    drop_derived(op, "idempotency_keys", "keyed_by")
