"""The audit chain: every write is in it, and whoever touches it is found."""

import asyncio
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from kit.audit import auditing
from kit.storage import migrations
from kit.storage.schema import Refused
from kit.web.caller import Person
from kit.worker import seal_all
from tests.kit.conftest import eventually, in_the_middle, queueing
from tests.kit.notebook.app import service as notebook_service


def verify(notebook):
    return notebook.client("notebook:audit").get("/audit/verify").json()


def sealed(notebook):
    """The verification once everything is sealed; an older transaction anywhere may hide an entry for a while."""

    def whole():
        notebook.call(seal_all, notebook.database)
        return verify(notebook)["unsealed"] == 0

    eventually(whole)
    return verify(notebook)


def holding(entries, unsealed=0):
    return {"holds": True, "entries": entries, "broken_at": None, "unsealed": unsealed}


def by_hand(notebook, *statements):
    """What somebody does who owns the table and switches its trigger off."""
    for statement in (
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "ALTER TABLE audit_seals DISABLE TRIGGER ALL",
        *statements,
        "ALTER TABLE audit ENABLE TRIGGER ALL",
        "ALTER TABLE audit_seals ENABLE TRIGGER ALL",
    ):
        notebook.sql(statement)


@pytest.fixture
def five(notebook):
    """A notebook with five entries in its audit, all sealed."""
    client = notebook.client()
    for number in range(5):
        assert client.post("/notes", json={"text": f"{number}"}).status_code == 201
    assert sealed(notebook) == holding(5)
    return notebook


def test_a_write_is_audited_with_who_what_and_when(notebook):
    caller = notebook.client("notebook:write", unit="emergency-bureau", name="bureau")
    number = caller.post("/notes", json={"text": "a"}, headers={"X-Request-ID": "r-1"}).json()["number"]
    assert notebook.sql("SELECT id, at, client, unit, action, subject, request_id, details FROM audit") == [
        (
            1,
            notebook.clock(),
            "bureau",
            "emergency-bureau",
            "notebook.note.written",
            number,
            "r-1",
            {"text": "a"},
        )
    ]


def test_a_write_of_a_person_names_the_person_and_whoever_makes_it_another_s_is_found(five):
    person = Person("p-1", "张三")
    five.client(name="console", unit="tianjiao-street", person=person).post("/notes", json={"text": "b"})
    assert five.sql("SELECT client, person, person_name, unit FROM audit WHERE id > 4 ORDER BY id") == [
        ("tester", None, None, None),
        ("console", "p-1", "张三", "tianjiao-street"),
    ]
    assert sealed(five) == holding(6)
    by_hand(five, "UPDATE audit SET person_name = '李四' WHERE id = 6")
    assert verify(five)["broken_at"] == 6


@pytest.mark.parametrize("column", ["person", "person_name"])
def test_nobody_is_made_the_author_of_what_a_system_did(five, column):
    by_hand(five, f"UPDATE audit SET {column} = '' WHERE id = 2")
    assert verify(five)["broken_at"] == 2


def test_seals_from_before_there_were_persons_hold_and_the_chain_goes_on(five):
    """As a release wrote them that knew no persons: the formula is spelled out here, since kept seals have it for good."""
    rows = five.sql(
        "SELECT at, client, unit, action, subject, request_id, details::text FROM audit ORDER BY id"
    )
    hash = auditing.GENESIS
    for seq, (at, *entry) in enumerate(rows, 1):
        line = json.dumps([seq, at.astimezone(UTC).isoformat(), *entry, hash], ensure_ascii=False)
        hash = hashlib.sha256(line.encode()).hexdigest()
    assert five.sql("SELECT seq, hash FROM audit_head") == [(5, hash)]

    for revision in ("k0017", "k0018"):
        migrations.migrate(notebook_service, SecretStr(five.url), "0002", revision)
    five.client(name="console", person=Person("p-1", "张三")).post("/notes", json={"text": "b"})
    assert sealed(five) == holding(6)


def test_a_way_back_that_would_lose_who_acted_is_refused(five):
    five.client(name="console", person=Person("p-1", "张三")).post("/notes", json={"text": "b"})
    with pytest.raises(Refused, match="person"):
        migrations.migrate(notebook_service, SecretStr(five.url), "0002", "k0017")


def test_no_request_leaves_a_written_row_without_an_audit_entry(notebook):
    client = notebook.client()
    made = client.post("/notes", json={"text": "as it was"})
    path, seen = f"/notes/{made.json()['id']}", {"If-Match": made.headers["etag"]}
    silent = client.put(path, params={"silent": True}, json={"text": "changed"}, headers=seen)
    assert silent.status_code == 500
    assert client.get(path).json()["text"] == "as it was"
    assert client.put(path, json={"text": "changed"}, headers=seen).status_code == 200
    assert notebook.sql("SELECT action FROM audit ORDER BY id") == [
        ("notebook.note.written",),
        ("notebook.note.changed",),
    ]


def test_an_untouched_chain_holds(five):
    assert verify(five) == holding(5)


def test_what_is_not_sealed_yet_is_told_and_sealed_afterwards(five):
    five.client().post("/notes", json={"text": "new"})
    assert verify(five) == holding(5, unsealed=1)
    assert sealed(five) == holding(6)


def test_an_empty_chain_holds(notebook):
    assert sealed(notebook) == holding(0)


def test_only_who_may_audit_may_verify(notebook):
    assert notebook.client().get("/audit/verify").status_code == 403


@pytest.mark.parametrize(
    ("deed", "place"),
    [
        (["UPDATE audit SET client = 'somebody' WHERE id = 3"], 3),
        (["UPDATE audit SET details = '{}' WHERE id = 1"], 1),
        (["UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 2"], 2),
        (["UPDATE audit SET unit = 'x' WHERE id = 5"], 5),
        (["UPDATE audit_seals SET hash = repeat('f', 64) WHERE seq = 4"], 4),
        (["DELETE FROM audit WHERE id = 3"], 3),
        (["DELETE FROM audit_seals WHERE seq = 1"], 1),
        (["DELETE FROM audit_seals WHERE seq = 3", "UPDATE audit_seals SET seq = seq - 1 WHERE seq > 3"], 3),
        (["DELETE FROM audit WHERE id > 3", "DELETE FROM audit_seals WHERE seq > 3"], 4),
        (["DELETE FROM audit_seals"], 1),
        (["UPDATE audit_head SET seq = 4"], 5),
        (["UPDATE audit_head SET hash = repeat('f', 64)"], 6),
        (["DELETE FROM audit_seals WHERE seq > 3", "UPDATE audit_head SET seq = 3"], 4),
        (["DELETE FROM audit_head"], 6),
        (
            [
                "INSERT INTO audit SELECT 99, '0', at, client, unit, action, subject, request_id, details FROM audit LIMIT 1"
            ],
            6,
        ),
        (["DELETE FROM audit_seals WHERE seq = 5"], 5),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_a_deed_by_hand_is_found_with_its_place(five, deed, place):
    by_hand(five, *deed)
    found = verify(five)
    assert (found["holds"], found["entries"], found["broken_at"]) == (False, place - 1, place)


@pytest.mark.parametrize("table", ["audit", "audit_seals"])
@pytest.mark.parametrize("deed", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_the_audit(five, deed, table):
    with pytest.raises(Exception, match="the audit only grows"):
        five.sql(deed.format(table, {"audit": "client", "audit_seals": "hash"}[table]))
    assert verify(five)["holds"]


async def write(context, subject, hold=0.0):
    """Leave an entry; hold the transaction open for a while after it has its number."""
    await context.session.execute(text("SELECT pg_current_xact_id()"))
    await asyncio.sleep(hold)
    context.audit("notebook.tried", subject)


def test_concurrent_writers_are_sealed_in_one_chain_while_it_is_verified(notebook):
    def several(number):
        for step in range(3):
            notebook.run(write, f"{number}-{step}")

    with ThreadPoolExecutor(10) as threads:
        written = [threads.submit(several, number) for number in range(40)]
        verified = []
        while not all(writing.done() for writing in written):
            notebook.call(seal_all, notebook.database)
            verified.append(verify(notebook))
        for writing in written:
            writing.result()
    assert all(found["holds"] for found in verified), verified
    assert sealed(notebook) == holding(120)


def test_a_writer_waits_for_no_other_and_not_for_the_sealer(notebook):
    with ThreadPoolExecutor(2) as threads, psycopg.connect(notebook.url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM audit_head FOR UPDATE")
        slow = threads.submit(notebook.run, write, "slow", 1)
        eventually(lambda: in_the_middle(notebook))
        notebook.run(write, "quick")
        assert notebook.sql("SELECT subject FROM audit") == [("quick",)]
        slow.result()
    assert sealed(notebook) == holding(2)


def test_entries_are_sealed_in_commit_order_and_never_before_an_older_transaction_has_ended(notebook):
    with ThreadPoolExecutor(1) as threads:
        older = threads.submit(notebook.run, write, "began first", 1)
        eventually(lambda: in_the_middle(notebook))
        notebook.run(write, "began later")
        notebook.call(seal_all, notebook.database)
        assert verify(notebook) == holding(0, unsealed=1)
        older.result()
    assert sealed(notebook) == holding(2)
    order = "SELECT subject FROM audit JOIN audit_seals ON entry = id ORDER BY seq"
    assert notebook.sql(order) == [("began first",), ("began later",)]


def test_two_sealers_at_once_make_one_chain(notebook):
    for number in range(30):
        notebook.run(write, f"{number}")
    with ThreadPoolExecutor(2) as threads, psycopg.connect(notebook.url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM audit_head FOR UPDATE")
        sealing = [threads.submit(notebook.call, seal_all, notebook.database) for _ in range(2)]
        eventually(lambda: queueing(notebook, 2))
        other.commit()
        for each in sealing:
            each.result()
    assert sealed(notebook) == holding(30)


@pytest.mark.parametrize(
    "statement", ["SELECT audit_head", "SELECT audit.id", "INSERT INTO audit_seals", "UPDATE audit_head"]
)
def test_a_sealer_that_dies_at_any_step_leaves_a_chain_that_the_next_one_goes_on_with(five, statement):
    for number in range(3):
        five.run(write, f"{number}")

    hidden = "SELECT EXISTS (SELECT FROM audit WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))"
    eventually(lambda: five.sql(hidden) == [(False,)])

    async def die(context):
        def after(connection, _cursor, said, *_):
            if said.startswith(statement):
                connection.connection.driver_connection.pgconn.finish()  # as when the process is gone

        sync = (await context.session.connection()).sync_connection
        event.listen(sync, "after_cursor_execute", after)
        await auditing.seal(context.session)

    with pytest.raises(DBAPIError):
        five.run(die)
    assert verify(five) == holding(5, unsealed=3)
    assert sealed(five) == holding(8)


def test_a_worker_killed_while_it_seals_leaves_nothing_out(notebook, start):
    for number in range(20):
        notebook.run(write, f"{number}")
    for _ in range(3):
        worker = start("worker")
        eventually(lambda: notebook.sql("SELECT count(*) > 0 FROM audit_seals") == [(True,)], seconds=60)
        notebook.run(write, "one more")
        worker.kill()
    found = verify(notebook)
    assert found["holds"]
    assert sealed(notebook)["holds"]
    assert notebook.sql("SELECT count(*) FROM audit") == notebook.sql("SELECT count(*) FROM audit_seals")


def test_a_rolled_back_write_leaves_no_entry(five):
    assert five.client().post("/notes", params={"fail": True}, json={"text": "a"}).status_code == 500
    assert sealed(five) == holding(5)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
lists_of_scalars = st.lists(scalars, max_size=3) | st.dictionaries(st.text(), scalars, max_size=3)
json_values = scalars | lists_of_scalars | st.lists(lists_of_scalars, max_size=3)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several=st.lists(st.dictionaries(st.text(), json_values, max_size=4), min_size=1, max_size=12))
def test_whatever_json_is_audited_is_found_again_as_it_was(notebook, several):
    async def leave(context):
        for details in several:
            context.audit("notebook.tried", "x", **details)

    notebook.run(leave)
    assert sealed(notebook)["holds"]
