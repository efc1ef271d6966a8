"""No sealed column of any service is forgotten when the key of personal data changes."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import NullPool, create_engine, insert, select, text

from kit.personal.cipher import Cipher
from kit.personal.keys import Keys
from kit.personal.resealing import RESEAL, Standing, sealed_tables, standings
from kit.service import open_database
from kit.storage.db import FOUND_BY
from kit.storage.pending import defer
from kit.storage.tables import KitTable
from tests.contract.documents import NAMES, in_each_service, service_of

OLD, NEW = (bytes([letter]) * 32 for letter in b"on")
#: Columns of bytes that hold nothing secret: answers that are kept for a day, with what they show masked, and warnings
#: as the weather service publishes them.
PLAIN = {("idempotency_keys", "body"), ("warning_messages", "xml")}
FILLED = {
    str: "x",
    int: 1,
    bool: False,
    datetime: datetime(2024, 6, 24, tzinfo=UTC),
    date: date(2024, 6, 24),
    Decimal: Decimal(1),
    list: [],
    object: {},
    UUID: UUID(int=1),
}
ROWS = 3
#: What rows that are made up would break.
BOUNDS = text(
    "SELECT conrelid::regclass::text, conname FROM pg_constraint"
    " WHERE contype IN ('c', 'u', 'f') AND conrelid::regclass::text = ANY(:tables)"
)


def cipher(*keys):
    return Cipher(SecretStr(Keys(keys).written))


@in_each_service
def test_whatever_the_database_keeps_as_bytes_is_known_to_be_sealed_or_plain(serve, name):
    running = serve(service_of(name))
    found = running.sql(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'bytea' AND table_name NOT LIKE 'procrastinate%'"
    )
    sealed = {
        (table, column.name)
        for table, each in sealed_tables(running.service.metadata).items()
        for column in each.sealed
    }
    assert set(found) == sealed | (PLAIN & set(found))
    assert not sealed & PLAIN


def test_the_list_of_plain_columns_names_none_that_is_gone():
    tables = {
        (table.name, column.name)
        for name in NAMES
        for table in (*service_of(name).metadata.tables.values(), *KitTable.metadata.tables.values())
        for column in table.columns
    }
    assert tables >= PLAIN


@in_each_service
def test_nothing_is_unique_by_a_hash_that_depends_on_the_key(name):
    """Otherwise a row of the old key and one of the new would be let stand side by side."""
    for each in sealed_tables(service_of(name).metadata).values():
        unique = [index for index in each.table.indexes if index.unique]
        unique += [one for one in each.table.constraints if type(one).__name__ == "UniqueConstraint"]
        assert not [one for one in unique if {*each.found_by, *each.sealed} & {*one.columns}]


@in_each_service
def test_every_sealed_column_of_every_table_is_sealed_anew_and_nothing_else_of_its_row_changes(serve, name):
    running = serve(service_of(name))
    tables = sealed_tables(running.service.metadata)
    assert {"dispatch_requests", "originals", "subscriptions"} <= tables.keys()
    engine = create_engine(running.url, poolclass=NullPool)
    with engine.begin() as connection:
        for name, constraint in connection.execute(BOUNDS, {"tables": list(tables)}).all():
            drop = f'ALTER TABLE "{name}" DROP CONSTRAINT IF EXISTS "{constraint}" CASCADE'
            connection.execute(text(drop))
        for table in tables.values():
            connection.execute(insert(table.table), [_row(table, number) for number in range(ROWS)])
    before = _all(engine, tables)

    both = running.app.state.settings.model_copy(
        update={"personal_key": SecretStr(Keys((NEW, OLD)).written), "database_url": SecretStr(running.url)}
    )
    assert asyncio.run(_standings(running.service, both))[: len(tables)] == [
        Standing(table, rows=ROWS, left=ROWS, lost=0) for table in tables
    ]
    asyncio.run(_reseal(running.service, both))
    assert asyncio.run(_standings(running.service, both))[: len(tables)] == [
        Standing(table, rows=ROWS, left=0, lost=0) for table in tables
    ]

    after, alone = _all(engine, tables), cipher(NEW)
    for table in tables.values():
        for old, new in zip(before[table.table.name], after[table.table.name], strict=True):
            for column in table.table.columns:
                if column in table.sealed:
                    assert alone.open(new[column]) == _plain(column)
                elif column in table.found_by:
                    of, plain = column.info[FOUND_BY]
                    assert new[column] == alone.lookup(plain(_plain(table.table.columns[of])))
                else:
                    assert new[column] == old[column], column


def _plain(column):
    return f"{column.name} 13800000000"


def _row(table, number):
    row = {column.name: cipher(OLD).seal(_plain(column)) for column in table.sealed}
    row |= {column.name: "of the old key" for column in table.found_by}
    for column in table.table.columns:
        made = column.default is not None or column.server_default is not None
        if column.name not in row and not (made or column.nullable):
            row[column.name] = _filled(column, number)
    return row


def _filled(column, number):
    kind = column.type.python_type
    value = FILLED[kind]
    return f"{value}{number}" if kind is str else value


def _all(engine, tables):
    with engine.connect() as connection:
        return {
            name: connection.execute(
                select(each.table)
                .where(each.sealed[0].is_not(None))
                .order_by(each.key)  # some come with the service
            )
            .mappings()
            .all()
            for name, each in tables.items()
        }


async def _standings(service, settings):
    async with open_database(service, settings) as database, database.reading() as session:
        return [each async for each in standings(session, database.cipher, service.metadata)]


async def _reseal(service, settings):
    async with open_database(service, settings) as database:
        async with database.transaction() as session:
            defer(session, RESEAL, key=database.cipher.id)
        queue = database.queue.app
        queue.periodic_registry.periodic_tasks.clear()
        async with queue.open_async():
            await queue.run_worker_async(
                wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="successful"
            )
