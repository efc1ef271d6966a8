"""What a table's keys have refused: which key it was, and every value of the row that another row has."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, UniqueConstraint, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession


def refused_by(error: IntegrityError) -> str:
    """The name of the constraint that refused a write; empty where the server named none."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""


async def taken_columns(session: AsyncSession, table: Any, row: Mapping[str, Any], refusing: str) -> set[str]:
    """The columns of every unique key of a row that another row has, after the database has refused to write it.

    row: its values, taken before it was written, since a failed write makes SQLAlchemy forget them; refusing: the
    key's name, which counts in any case: the row that was there may be gone by now. Keys that hold for some rows only
    are not asked. The transaction is rolled back, and nothing else of it remains.
    """
    keys = {
        str(key.name): list(key.columns)
        for key in (*table.constraints, *table.indexes)
        if isinstance(key, UniqueConstraint) or (isinstance(key, Index) and key.unique)
    }
    partial = {key.name for key in table.indexes if key.dialect_options["postgresql"]["where"] is not None}
    await session.rollback()
    asked = {
        name: exists().where(*(column == row[column.name] for column in columns), table.c.id != row["id"])
        for name, columns in keys.items()
        if name not in (refusing, *partial) and all(row.get(column.name) is not None for column in columns)
    }
    found = (await session.execute(select(*asked.values()))).one() if asked else ()
    taken = {refusing, *(name for name, is_taken in zip(asked, found, strict=True) if is_taken)}
    return {column.name for name in taken & keys.keys() for column in keys[name]}
