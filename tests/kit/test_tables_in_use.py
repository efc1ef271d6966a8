"""Migrations of tables in use: a lock is waited for in short tries, and an index is made while others write."""

import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from kit.storage import migrations, schema
from kit.storage.migrations import Patience
from kit.storage.schema import Refused
from tests.kit.notebook.app import service

COLUMN = 'op.add_column("notes", sa.Column("mark", sa.Text()))'
INDEX = 'add_index(op, "ix_notes_text", "notes", ["text"])'
UNIQUE = 'add_index(op, "ix_notes_text", "notes", ["text"], unique=True)'
BACK = 'op.drop_index("ix_notes_text", "notes")'
#: Shorter than anybody's, and for as long as a test may take.
SHORT = Patience(lock="50ms", tries=400, pause=0.05)


@pytest.fixture
def migrate(tmp_path, empty):
    """`migrate(statement)` brings the database to a further revision that does this."""
    migrations.migrate(service, SecretStr(empty))
    for file in service.migrations.glob("*.py"):
        (tmp_path / file.name).write_text(file.read_text())

    def run(statement, patience=SHORT, back="pass"):
        (tmp_path / "0003_further.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\nfrom kit.storage.indexes import add_index\n"
            f"revision = '0003'\ndown_revision = '0002'\ndef upgrade():\n    {statement}\ndef downgrade():\n    {back}\n"
        )
        further = replace(service, migrations=tmp_path)
        migrations.migrate(further, SecretStr(empty), patience=patience)
        return further

    return run


@pytest.fixture
def session(empty):
    """`session()` is another's connection."""
    opened = []

    def connect():
        opened.append(psycopg.connect(empty.replace("+psycopg", "")))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def write(connection, number):
    """A note, written as a service would; how long that took."""
    began = time.monotonic()
    connection.execute(
        "INSERT INTO notes (id, version, number, text, rank, amount, day, written_at)"
        " VALUES (gen_random_uuid(), 1, %s, 'a', 1, 1, '2024-06-24', now())",
        [number],
    )
    return time.monotonic() - began


@contextmanager
def beside(run):
    """Run something in a thread meanwhile; it has ended well afterwards."""
    failed = []

    def guarded():
        try:
            run()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    yield thread
    thread.join(60)
    assert not thread.is_alive()
    assert failed == []


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def indexes(connection):
    """Of the notes, by name, whether they are valid."""
    connection.rollback()
    return dict(
        connection.execute(
            "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 'notes'::regclass"
        ).fetchall()
    )


def test_a_lock_is_waited_for_in_short_tries_between_which_others_go_on(migrate, session, empty):
    holder, other = session(), session()
    write(holder, "N1")  # and not committed: the table is in use
    other.autocommit = True
    with capture_logs() as logs, beside(lambda: migrate(COLUMN)) as migrating:
        until(lambda: len(logs) > 2)
        took = [write(other, f"N{number}") for number in range(2, 20)]
        assert migrating.is_alive()
        holder.commit()
    assert max(took) < 2, "nobody waits for longer than the migration waits for its lock"
    assert {line["event"] for line in logs} == {"lock-not-available"}
    assert f"process {holder.info.backend_pid}, idle in transaction" in logs[0]["oldest"]
    assert other.execute("SELECT count(*), count(mark) FROM notes").fetchone() == (19, 0)
    assert "0003" in schema.standing(SecretStr(empty))


def test_who_holds_a_lock_for_too_long_is_named_and_nothing_was_changed(migrate, session, empty):
    holder = session()
    write(holder, "N1")
    with pytest.raises(
        Refused, match=rf"in use each of 3 times; end what holds it \(process {holder.info.backend_pid}, idle"
    ):
        migrate(COLUMN, replace(SHORT, tries=3))
    assert "0002" in schema.standing(SecretStr(empty))


def test_an_index_is_made_while_others_write_and_waits_for_who_was_there_before(migrate, session, empty):
    holder, other = session(), session()
    write(holder, "N1")
    other.autocommit = True
    with beside(lambda: migrate(INDEX, replace(SHORT, tries=1), BACK)) as migrating:
        until(lambda: "ix_notes_text" in indexes(session()))
        took = [write(other, f"N{number}") for number in range(2, 20)]
        time.sleep(0.2)  # longer than a migration waits for a lock on a table
        assert migrating.is_alive()
        holder.commit()
    assert max(took) < 2
    assert indexes(other)["ix_notes_text"] is True
    assert "0003" in schema.standing(SecretStr(empty))


def test_an_index_that_was_left_invalid_is_made_anew(migrate, session, empty):
    other = session()
    other.autocommit = True
    for number in ("N1", "N2"):
        write(other, number)
    with pytest.raises(Exception, match="could not create unique index"):
        migrate(UNIQUE)
    assert indexes(other)["ix_notes_text"] is False
    assert "0002" in schema.standing(SecretStr(empty))
    other.execute("DELETE FROM notes WHERE number = 'N2'")
    further = migrate(UNIQUE, back=BACK)
    assert indexes(other)["ix_notes_text"] is True
    migrations.migrate(further, SecretStr(empty), "0002")
    assert "ix_notes_text" not in indexes(other)


def test_an_index_that_is_there_is_left(migrate, session, empty):
    other = session()
    other.autocommit = True
    other.execute("CREATE INDEX ix_notes_text ON notes (text)")
    made = other.execute("SELECT 'ix_notes_text'::regclass::oid").fetchone()
    migrate(INDEX)
    assert other.execute("SELECT 'ix_notes_text'::regclass::oid").fetchone() == made
    assert "0003" in schema.standing(SecretStr(empty))
