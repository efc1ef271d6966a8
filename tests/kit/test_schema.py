"""A process and the revision of its database: newer is refused at the start, older is waited for, what runs goes on."""

import asyncio

import psycopg
import pytest

from kit.storage import schema
from kit.testing import NOT_SAID
from tests.kit.conftest import eventually, reachable
from tests.kit.notebook.app import service


def stand_at(notebook, revision):
    notebook.sql("UPDATE alembic_version SET version_num = %s WHERE version_num NOT LIKE 'k%%'", revision)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "load"])
def test_a_database_that_a_newer_release_migrated_is_refused_in_one_line(notebook, start, command):
    stand_at(notebook, "0003")
    process = start(command)
    assert process.wait(30) == 1
    [told] = process.said().splitlines()
    assert told.startswith("notebook: the database stands at revision 0003, which this release does not know")
    newest = " ".join(sorted(schema.newest_revisions(notebook.service)))
    assert told.endswith(f"migrate --to {newest}")


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_that_is_not_up_to_date_is_waited_for(notebook, start, command):
    stand_at(notebook, "0001")
    process = start(command)
    eventually(lambda: "it stands at 0001 k0" in process.said())
    assert notebook.sql("SELECT count(*) FROM procrastinate_workers") == [(0,)]
    assert not reachable(process)
    stand_at(notebook, "0002")
    if command == "serve":
        eventually(lambda: reachable(process))
    else:
        eventually(lambda: notebook.sql("SELECT count(*) FROM procrastinate_workers") == [(1,)])
    assert process.said().count("waiting-for-database") == 1


def test_what_runs_goes_on_while_a_newer_release_brings_the_database_further(notebook, start):
    server = start("serve", "--with-worker")
    eventually(lambda: reachable(server))
    stand_at(notebook, "0003")
    notebook.sql("ALTER TABLE notes ADD COLUMN further text NOT NULL DEFAULT ''")
    notebook.client().post("/notes", json={"text": "买灯泡"})
    eventually(lambda: notebook.sql("SELECT 1 FROM notes WHERE text = 'job: 买灯泡'"))
    assert reachable(server)
    assert server.lives()


def test_a_database_that_is_away_is_waited_for(monkeypatch):
    answers = [psycopg.OperationalError(), psycopg.OperationalError(), schema.newest_revisions(service)]

    def stands(_url):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(schema, "standing", stands)
    monkeypatch.setattr(schema, "_PAUSE", 0)
    asyncio.run(schema.wait_until_known(service, NOT_SAID))
    assert answers == []
