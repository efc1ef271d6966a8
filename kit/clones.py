"""Databases for tests: clones of a template, each made as new again for the next test."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
from pydantic import SecretStr

from kit.storage import migrations
from kit.storage.db import new_id
from kit.storage.schema import Home

#: What is emptied leaves its dead rows behind: after so many tests a clone has served its time.
_TESTS = 40

_TABLES = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
_SEQUENCES = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), start_value, last_value FROM pg_sequences
"""
#: Changes with whatever is made, altered or dropped, and with settings of the database.
_SHAPE = """
    SELECT md5(concat(
        (SELECT string_agg(oid::text || xmin::text, ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384),
        (SELECT string_agg(oid::text || xmin::text, ',' ORDER BY oid) FROM pg_trigger),
        (SELECT string_agg(oid::text || xmin::text, ',' ORDER BY oid) FROM pg_proc WHERE oid >= 16384),
        (SELECT string_agg(oid::text || xmin::text, ',' ORDER BY oid) FROM pg_constraint WHERE oid >= 16384),
        (SELECT string_agg(attrelid::text || attnum::text || xmin::text, ',' ORDER BY attrelid, attnum)
         FROM pg_attribute WHERE attrelid >= 16384),
        (SELECT string_agg(setconfig::text, ',') FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
         WHERE d.datname = current_database())
    ))
"""
#: Triggers keep rows from being deleted.
_UNGUARDED, _GUARDED = (f"SET session_replication_role = {role}" for role in ("replica", "origin"))
_OTHERS = """
    SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class _Made(NamedTuple):
    """What a clone is like when it is made: its empty tables, marks and rows of the others, its shape, its sequences."""

    empty: tuple[str, ...]
    loaded: dict[str, str]
    rows: dict[str, bytes]
    shape: str
    sequences: dict[str, tuple[int, int | None]]


class Clone:
    """A database as its template is, for one test after another."""

    _made: ClassVar[dict[str, _Made]] = {}

    def __init__(self, home: Home, load: Callable[[SecretStr], Coroutine[Any, Any, None]]) -> None:
        """load: brings what it begins with into the database of an address."""
        self.home = home
        self._admin = os.environ["TEST_POSTGRES_URL"]
        self._name = f"test_{home.name}_{new_id().hex}"
        with psycopg.connect(self._admin, autocommit=True) as connection:
            template = _template(home, load, connection, self._admin)
            made = f'CREATE DATABASE "{self._name}" TEMPLATE "{template}" STRATEGY=file_copy'
            connection.execute(made.encode())
        self.url = address(self._admin, self._name)
        # Statements are not kept prepared: a test may alter the tables that they are of.
        self._connection = psycopg.connect(
            self.url.replace("+psycopg", ""), autocommit=True, prepare_threshold=None
        )
        self._free = threading.Lock()
        self._left = _TESTS
        if home.name not in self._made:
            self._made[home.name] = self._look()

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement as somebody with direct access to the database; several may at once."""
        if not self._free.acquire(blocking=False):
            with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as another:
                return _answer(another, statement, parameters)
        try:
            return _answer(self._connection, statement, parameters)
        finally:
            self._free.release()

    def renew(self, *, alone: bool = False) -> bool:
        """Make it as it was; False where it cannot be, since somebody still works on it or it has another shape.

        alone: nobody else may be connected either.
        """
        self._left -= 1
        made = self._made[self.home.name]
        try:
            if self._left <= 0 or self._is_used(alone):
                return False
            empty = (f"DELETE FROM {table}" for table in made.empty)  # noqa: S608 - names of tables
            self._connection.execute(";".join((_UNGUARDED, *empty, _GUARDED)).encode())
            if not self._load_again(made) or self._one(_SHAPE) != made.shape:
                return False
            for sequence, (start, last) in self._sequences().items():
                if (start, last) != made.sequences[sequence]:
                    start, last = made.sequences[sequence]
                    self._connection.execute(
                        "SELECT setval(%s::regclass, %s, %s)", (sequence, last or start, last is not None)
                    )
        except psycopg.Error:
            return False
        return True

    def drop(self) -> None:
        """Remove it, whoever is connected."""
        self._connection.close()
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{self._name}" WITH (FORCE)'.encode())

    def _load_again(self, made: _Made) -> bool:
        """Give the tables that a test has changed the rows that they were loaded with; whether they are as they were."""
        found = self._marks(made.loaded)
        changed = [table for table in found if found[table] != made.loaded[table]]
        if not changed:
            return True
        self._connection.execute(_UNGUARDED.encode())
        for table in changed:
            self._connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - names of tables
            with self._connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                copy.write(made.rows[table])
        self._connection.execute(_GUARDED.encode())
        return self._marks(changed) == {table: made.loaded[table] for table in changed}

    def _rows(self, table: str) -> bytes:
        with self._connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
            return b"".join(copy)

    def _look(self) -> _Made:
        tables = [name for (name,) in self._connection.execute(_TABLES).fetchall()]
        found = {each: self._one(f"SELECT EXISTS (SELECT FROM {each})") for each in tables}  # noqa: S608
        loaded = self._marks([each for each in tables if found[each]])
        return _Made(
            tuple(each for each in tables if not found[each]),
            loaded,
            {each: self._rows(each) for each in loaded},
            self._one(_SHAPE),
            self._sequences(),
        )

    def _marks(self, tables: Any) -> dict[str, str]:
        mark = "SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {} t"
        return {table: self._one(mark.format(table)) for table in tables}

    def _sequences(self) -> dict[str, tuple[int, int | None]]:
        rows = self._connection.execute(_SEQUENCES).fetchall()
        return {name: (start, last) for name, start, last in rows}

    def _is_used(self, alone: bool) -> bool:
        deadline = time.monotonic() + 0.2
        while self._connection.execute(_OTHERS).fetchall()[0][not alone]:
            if time.monotonic() > deadline:
                return True
            time.sleep(0.002)
        return False

    def _one(self, query: str) -> Any:
        found = self._connection.execute(query.encode()).fetchone()
        assert found is not None
        return found[0]


def _answer(
    connection: psycopg.Connection[Any], statement: str, parameters: tuple[Any, ...]
) -> list[tuple[Any, ...]]:
    cursor = connection.execute(statement.encode(), parameters or None)
    return cursor.fetchall() if cursor.description else []


_templates: dict[str, str] = {}


def _template(
    home: Home,
    load: Callable[[SecretStr], Coroutine[Any, Any, None]],
    connection: psycopg.Connection[Any],
    admin: str,
) -> str:
    """Its template database, made by whichever test process comes first."""
    if home.name in _templates:
        return _templates[home.name]
    name = f"template_{home.name}"
    connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
    try:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}_new" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}_new"'.encode())
            url = SecretStr(address(admin, f"{name}_new"))
            migrations.migrate(home, url)
            asyncio.run(load(url))
            connection.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"'.encode())
    finally:
        connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,))
    _templates[home.name] = name
    return name


def address(admin: str, database: str) -> str:
    """The address of another database of the server."""
    parts = urlsplit(admin)
    return urlunsplit(("postgresql+psycopg", parts.netloc, f"/{database}", "", ""))
