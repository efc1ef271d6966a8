"""Indexes on tables in use, for the `upgrade` of revisions."""

from types import ModuleType
from typing import Any

from sqlalchemy import text

_INVALID = text(
    "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid)"
)
#: While an index is made CONCURRENTLY nobody waits behind it, but it waits for whoever was there before: longer than a
#: service's transactions last, and not without an end, so that the log says whose transaction it is.
_WAITING = "SET lock_timeout = '5min'"


def add_index(op: ModuleType, name: str, table: str, columns: list[Any], **kwargs: Any) -> None:
    """Make an index while others go on writing to its table; in a revision that does nothing else.

    kwargs: as of `op.create_index`. It is made outside of a transaction, so that a revision that fails is begun anew: an index
    that is there is left, and one that was left invalid is made again.
    """
    with op.get_context().autocommit_block():
        op.execute(_WAITING)
        if op.get_bind().scalar(_INVALID, {"name": name}):
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, if_not_exists=True, **kwargs)
        op.execute("RESET lock_timeout")
