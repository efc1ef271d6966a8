"""A test's database is as the template, whatever the test before it did."""

import pytest

from kit.clones import Clone
from kit.testing import Running
from tests.kit.notebook.app import service


@pytest.fixture
def clone(serve) -> Clone:
    running: Running = serve(service)
    running.bent = True  # what is done here is no other test's
    return running.clone


def state(clone: Clone) -> tuple:
    return (
        clone.sql("SELECT count(*) FROM notes"),
        clone.sql("SELECT last_value FROM pg_sequences ORDER BY sequencename"),
        clone.sql("SELECT count(*) FROM events"),
    )


def test_what_was_written_is_gone_and_numbers_begin_anew(serve, clone):
    before = state(clone)
    running = serve(service)
    for text in "ab":
        assert running.client().post("/notes", json={"text": text}).status_code == 201
    assert running.clone.renew()
    assert state(running.clone) == before


@pytest.mark.parametrize(
    "deed",
    [
        "ALTER TABLE notes ADD COLUMN more text",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "CREATE TABLE other (id int)",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 64', current_database()); END $$",
    ],
)
def test_what_has_another_shape_is_not_used_again(clone, deed):
    assert clone.renew()
    clone.sql(deed)
    assert not clone.renew()


@pytest.mark.parametrize("deed", ["DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('x')"])
def test_loaded_rows_that_a_test_changed_are_loaded_again(clone, deed):
    before = clone.sql("SELECT * FROM alembic_version ORDER BY 1")
    clone.sql(deed)
    assert clone.renew()
    assert clone.sql("SELECT * FROM alembic_version ORDER BY 1") == before


def test_what_somebody_works_on_is_not_used_again(clone):
    import psycopg

    with psycopg.connect(clone.url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1")
        assert not clone.renew()
        other.rollback()
        assert clone.renew()
        assert not clone.renew(alone=True)
