"""What a former key has sealed is sealed by the first one: table by table, in batches, beside whoever works.

A batch is one job, which puts the next into the queue as it commits: killed at any moment it goes on where it was, and
two at once do no harm. Rows are looked at without a lock; those that are to change are locked without waiting, so that
nobody ever waits for a batch that waits for them, and rows that were busy are come back to. Nothing else of a row
changes, neither its version nor its times, and no event and no audit entry tells of it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    RowMapping,
    Table,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.logs import log
from kit.personal.cipher import Cipher
from kit.storage import db
from kit.storage.pending import defer
from kit.storage.tables import IdempotencyKey, KitTable

#: The job's name.
RESEAL = "reseal"
#: What a batch holds at most: rows, and bytes of what they have sealed, unless one row alone has more.
ROWS, BYTES = 200, 4 * 1024 * 1024
#: Rows at either end of a table that are looked at to tell whether keys are those of the data.
SAMPLE = 50
#: After which rows that were busy are come back to.
AGAIN = timedelta(seconds=5)


class SealsOtherwise(Exception):
    """The worker seals with another key than was asked for: it was not restarted with it yet, and is asked again."""


@dataclass(frozen=True)
class SealedTable:
    """A table with sealed columns, and those by which they are found. Its key is one column."""

    table: Table
    sealed: tuple[Column[Any], ...]
    found_by: tuple[Column[Any], ...]

    @property
    def key(self) -> Column[Any]:
        (key,) = self.table.primary_key
        return key

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        return (self.key, *self.sealed, *self.found_by)


@dataclass(frozen=True)
class Standing:
    """How a table stands: rows with something sealed, those still left to a former key, those that no key opens."""

    table: str
    rows: int
    left: int
    lost: int


def sealed_tables(metadata: MetaData) -> dict[str, SealedTable]:
    """The tables with sealed columns, of a service and of the house, by name."""
    found = {}
    for name, table in sorted((metadata.tables | KitTable.metadata.tables).items()):
        if sealed := tuple(column for column in table.columns if isinstance(column.type, db.Sealed)):
            found_by = tuple(column for column in table.columns if db.FOUND_BY in column.info)
            found[name] = SealedTable(table, sealed, found_by)
    return found


async def reseal(
    context: Context, metadata: MetaData, key: str, place: Sequence[str | None] = ("", None), busy: int = 0
) -> None:
    """Seal a batch anew, and put the next into the queue.

    key: the id of the key to seal with; place: table and row after which to go on; busy: rows passed by so far.

    Raises: SealsOtherwise.
    """
    if context.cipher.id != key:
        raise SealsOtherwise
    tables, (name, after) = sealed_tables(metadata), place
    name = name or next(iter(tables))
    keys = await _next_keys(context.session, tables[name], after)
    if keys:
        busy += await _reseal(context, tables[name], keys)
        defer(context.session, RESEAL, key=key, place=(name, str(keys[-1])), busy=busy)
    elif following := next((each for each in tables if each > name), None):
        defer(context.session, RESEAL, key=key, place=(following, None), busy=busy)
    elif busy:
        defer(context.session, RESEAL, at=context.now + AGAIN, key=key)
    else:
        log.info("reseal-ended", key=key)


async def standings(session: AsyncSession, cipher: Cipher, metadata: MetaData) -> AsyncIterator[Standing]:
    """How each table stands, shown by opening every value: nothing is left once the former key is needed no more.

    Kept answers cannot be hashed anew, as what was asked is not kept; they end by themselves after a day.
    """
    for name, table in sealed_tables(metadata).items():
        rows = left = lost = 0
        after: str | None = None
        while keys := await _next_keys(session, table, after):
            after = str(keys[-1])
            for row in await _rows(session, table, keys):
                rows += 1
                try:
                    left += bool(_anew(cipher, table, row))
                except InvalidTag:
                    lost += 1
        yield Standing(name, rows, left, lost)
    others = IdempotencyKey.keyed_by.is_distinct_from(cipher.id)
    query = select(func.count(), func.count().filter(others)).select_from(IdempotencyKey)
    rows, left = (await session.execute(query)).one()
    yield Standing(IdempotencyKey.__tablename__, rows, left, 0)


async def sample(session: AsyncSession, cipher: Cipher, metadata: MetaData) -> AsyncIterator[Standing]:
    """How the oldest and the newest rows of each table stand: whether the keys that are there are those of the data."""
    for name, table in sealed_tables(metadata).items():
        some = select(table.key).where(_is_sealed(table)).limit(SAMPLE)
        keys = {
            key
            for order in (table.key, table.key.desc())
            for key in await session.scalars(some.order_by(order))
        }
        left = lost = 0
        for key in keys:  # one by one, as a row may hold a file
            for row in await _rows(session, table, [key]):
                try:
                    left += bool(_anew(cipher, table, row))
                except InvalidTag:
                    lost += 1
        yield Standing(name, len(keys), left, lost)


async def _reseal(context: Context, table: SealedTable, keys: Sequence[Any]) -> int:
    """Seal what a former key has sealed of these rows; how many of them were busy."""
    session, cipher, name = context.session, context.cipher, table.table.name
    stale = []
    for row in await _rows(session, table, keys):
        try:
            stale += [row[table.key]] if _anew(cipher, table, row) else []
        except InvalidTag:
            log.error("no-key-opens", table=name, key=str(row[table.key]))
    if not stale:
        return 0
    rows = await _rows(session, table, stale, lock=True)
    if anew := [values for row in rows if (values := _anew(cipher, table, row))]:
        columns = (*table.sealed, *table.found_by)
        await session.execute(
            update(table.table)
            .where(table.key == bindparam("of_row"))
            .values({column: bindparam(f"new_{column.name}") for column in columns}),
            anew,
        )
    log.info("resealed", table=name, rows=len(anew), busy=len(stale) - len(rows))
    return len(stale) - len(rows)


async def _next_keys(session: AsyncSession, table: SealedTable, after: str | None) -> list[Any]:
    """The keys of the rows of a batch."""
    size = sum((func.coalesce(func.octet_length(column), 0) for column in table.sealed), literal(0))
    query = select(table.key, size.label("size")).order_by(table.key).limit(ROWS)
    query = query.where(_is_sealed(table))
    if after is not None:
        query = query.where(table.key > table.key.type.python_type(after))
    keys: list[Any] = []
    room = BYTES
    for key, needed in await session.execute(query):
        if keys and needed > room:
            break
        keys.append(key)
        room -= needed
    return keys


def _is_sealed(table: SealedTable) -> ColumnElement[bool]:
    return or_(*(column.is_not(None) for column in table.sealed))


async def _rows(
    session: AsyncSession, table: SealedTable, keys: Sequence[Any], *, lock: bool = False
) -> Sequence[RowMapping]:
    """The rows' keys, and what is sealed in them; with a lock, those that nobody else has locked."""
    query = select(*table.columns).where(db.among(table.key, keys))
    if lock:
        query = query.with_for_update(key_share=True, skip_locked=True)
    return (await session.execute(query)).mappings().all()


def _anew(cipher: Cipher, table: SealedTable, row: RowMapping) -> dict[str, Any]:
    """A row's key and what it should hold instead, as parameters; empty where all is the first key's.

    Raises: InvalidTag where no key opens a value.
    """
    kept = {column: row[column] for column in (*table.sealed, *table.found_by)}
    made = dict(kept)
    for column in table.sealed:
        if kept[column] is not None and not cipher.is_first(kept[column]):
            made[column] = cipher.seal_bytes(cipher.open_bytes(kept[column]))
    for column in table.found_by:
        name, plain = column.info[db.FOUND_BY]
        sealed = row[table.table.columns[name]]
        made[column] = None if sealed is None else cipher.lookup(plain(cipher.open(sealed)))
    if made == kept:
        return {}
    return {"of_row": row[table.key]} | {f"new_{column.name}": value for column, value in made.items()}
