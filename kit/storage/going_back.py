"""What a way back would lose, and what keeps it from being gone at all: for the `downgrade` of revisions."""

from types import ModuleType
from typing import Any

from alembic.config import Config
from alembic.operations import Operations, ops, toimpl
from sqlalchemy import text

from kit.storage.schema import Refused

#: What a column says nothing by, whatever its type.
_EMPTY = "('', '{}', '[]', 'false', '0')"


def note_losses(config: Config) -> list[str]:
    """A list that fills with what is lost while revisions are gone back over."""
    losses: list[str] = []
    config.attributes["losses"] = losses
    return losses


def refuse_where(op: ModuleType, why: str, misfits: str) -> None:
    """Go no further where rows have no place in the former tables.

    misfits: a query that names them, one text each.
    Raises: Refused, with how many there are and the first.
    """
    counted = text(f"SELECT count(*), min(m.name) FROM ({misfits}) AS m(name)")  # noqa: S608 - of a revision
    count, first = op.get_bind().execute(counted).one()
    if count:
        raise Refused(f"{why}: {count}, the first is {first}")


def loses(op: ModuleType, what: str, lost: str) -> None:
    """Note what is lost by what follows.

    lost: a query that gives each as a row; gone only `--losing-data`.
    """
    losses = op.get_context().config.attributes.get("losses")
    if losses is not None:
        count = op.get_bind().scalar(text(f"SELECT count(*) FROM ({lost}) AS lost"))  # noqa: S608 - of a revision
        if count:
            losses.append(f"{what}: {count}")


def drop_derived(op: ModuleType, table: str, *columns: str) -> None:
    """Drop columns whose values are found again from others, so that nothing is lost."""
    for column in columns:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


@Operations.implementation_for(ops.DropTableOp, replace=True)
def _drop_table(operations: Any, operation: ops.DropTableOp) -> None:
    loses(operations, operation.table_name, f'SELECT FROM "{operation.table_name}"')
    toimpl.drop_table(operations, operation)


@Operations.implementation_for(ops.DropColumnOp, replace=True)
def _drop_column(operations: Any, operation: ops.DropColumnOp) -> None:
    table, column = operation.table_name, operation.column_name
    # What a column is by default, or makes of others, is there again when it is.
    [standard, generated] = (
        operations.get_bind()
        .execute(
            text(
                "SELECT pg_get_expr(adbin, adrelid), attgenerated <> '' FROM pg_attribute"
                " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
                " WHERE attrelid = to_regclass(:table) AND attname = :column"
            ),
            {"table": table, "column": column},
        )
        .one()
    )
    if not generated:
        telling = f'"{column}"::text NOT IN {_EMPTY}' + (f' AND "{column}" <> {standard}' if standard else "")
        loses(operations, f"{table}.{column}", f'SELECT FROM "{table}" WHERE {telling}')
    toimpl.drop_column(operations, operation)
