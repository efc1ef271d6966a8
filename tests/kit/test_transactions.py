"""One transaction per request: all that a request does is there, or nothing is."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from sqlalchemy import delete, insert, select, update

from kit.district.clock import SHANGHAI
from kit.storage.transactions import Unaudited
from kit.testing import START
from tests.kit.conftest import eventually, in_the_middle, reachable
from tests.kit.notebook.app import Note

TABLES = ("notes", "events", "audit", "procrastinate_jobs", "number_series", "idempotency_keys")


def counts(notebook):
    return {table: notebook.sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def test_row_event_audit_job_and_remembered_answer_are_of_one_transaction(notebook, client):
    assert client.post("/notes", json={"text": "a"}, headers={"Idempotency-Key": "k"}).status_code == 201
    transactions = {notebook.sql(f"SELECT xmin::text FROM {table}")[0] for table in TABLES}
    assert len(transactions) == 1
    assert [(xid,) for (xid,) in notebook.sql("SELECT xid::text FROM events")] == list(transactions)


def test_a_moment_is_read_in_the_district_s_zone(notebook, client):
    client.post("/notes", json={"text": "a"})

    async def written_at(context):
        return await context.session.scalar(select(Note.written_at))

    assert notebook.run(written_at).tzinfo is SHANGHAI


def test_an_exception_after_the_writes_leaves_nothing(notebook, client):
    answer = client.post(
        "/notes", params={"fail": True}, json={"text": "a"}, headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 500
    assert set(counts(notebook).values()) == {0}


async def note(session):
    session.add(Note(**NOTE))


NOTE = {
    "number": "b",
    "text": "b",
    "rank": 1,
    "amount": 1,
    "day": START.date(),
    "written_at": START,
}
UNAUDITED = {
    "an entity": note,
    "a statement": lambda session: session.execute(update(Note).values(rank=7)),
    "a statement that returns": lambda session: session.scalars(update(Note).values(rank=7).returning(Note)),
    "many rows": lambda session: session.execute(
        insert(Note), [NOTE | {"number": "b"}, NOTE | {"number": "c"}]
    ),
    "a removal": lambda session: session.execute(delete(Note)),
}


@pytest.mark.parametrize("how", UNAUDITED)
def test_what_is_written_without_an_audit_entry_is_not_kept(notebook, client, how):
    client.post("/notes", json={"text": "a"})
    before = notebook.sql("SELECT * FROM notes")

    async def write():
        async with notebook.database.transaction(audited=True) as session:
            await UNAUDITED[how](session)

    with pytest.raises(Unaudited):
        notebook.call(write)
    assert notebook.sql("SELECT * FROM notes") == before


def test_a_statement_that_changes_nothing_needs_no_audit_entry(notebook):
    async def write():
        async with notebook.database.transaction(audited=True) as session:
            await session.execute(update(Note).values(rank=7))
            await session.execute(delete(Note).returning(Note))

    notebook.call(write)


def test_nothing_is_seen_before_the_commit(notebook, client):
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(client.post, "/notes", params={"hold": 0.5}, json={"text": "a"})
        eventually(lambda: in_the_middle(notebook))
        assert set(counts(notebook).values()) == {0}
        assert answer.result().status_code == 201
    assert notebook.sql("SELECT count(*) FROM notes") == [(1,)]


def test_a_server_killed_in_the_middle_loses_nothing_that_it_answered_for(notebook, start):
    server = start("serve")
    token = notebook.client()._headers
    answered = []

    def write(number):
        with httpx2.Client(base_url=server.address, headers=token) as http:
            for step in range(1000):
                try:
                    text = f"{number}-{step}"
                    if http.post("/notes", json={"text": text}).status_code == 201:
                        answered.append(text)
                except httpx2.HTTPError:
                    return

    eventually(lambda: reachable(server))
    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(write, number) for number in range(4)]
        eventually(lambda: len(answered) > 50)
        server.kill()
        for writer in writers:
            writer.result()
    written = {text for (text,) in notebook.sql("SELECT text FROM notes")}
    assert set(answered) <= written
    assert len(written) - len(answered) <= 4, "what was under way may have been committed, nothing else"
    for table in ("events", "audit", "procrastinate_jobs"):
        assert notebook.sql(f"SELECT count(*) FROM {table}") == [(len(written),)]


def test_ready_means_a_migrated_database(serve, notebook):
    assert notebook.http.get("/health/live").json() == {"status": "ok"}
    assert notebook.http.get("/health/ready").json() == {"status": "ok"}
    notebook.sql("DROP TABLE audit_head")
    answer = notebook.http.get("/health/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:dongsheng:problem:not-ready")
    assert notebook.http.get("/health/live").status_code == 200


def test_requests_beyond_the_pool_wait_their_turn(serve):
    from tests.kit.notebook.app import service

    notebook = serve(service, pool_size=1, pool_overflow=1)
    client = notebook.client()
    began = time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        answers = list(
            threads.map(
                lambda n: client.post("/notes", params={"hold": 0.1}, json={"text": f"{n}"}), range(6)
            )
        )
    assert {answer.status_code for answer in answers} == {201}
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("broken", ["events", "audit", "procrastinate_jobs"])
def test_what_cannot_be_told_audited_or_enqueued_is_not_written(notebook, client, broken):
    notebook.sql(f"ALTER TABLE {broken} RENAME TO elsewhere")
    assert client.post("/notes", json={"text": "a"}).status_code >= 500
    assert notebook.sql("SELECT count(*) FROM notes") == [(0,)]
