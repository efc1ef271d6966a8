"""The audit chain: every write is in it, and whoever touches it is found."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.audit.auditing import audit
from kit.web.tokens import Caller
from tests.kit.conftest import eventually, queueing

CALLER = Caller(client="bureau", unit="emergency-bureau")


def verify(notebook):
    return notebook.client("notebook:audit").get("/audit/verify").json()


def by_hand(notebook, *statements):
    """What somebody does who owns the table and switches its trigger off."""
    for statement in (
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        *statements,
        "ALTER TABLE audit ENABLE TRIGGER ALL",
    ):
        notebook.sql(statement)


@pytest.fixture
def five(notebook):
    """A notebook with five entries in its audit."""
    client = notebook.client()
    for number in range(5):
        assert client.post("/notes", json={"text": f"{number}"}).status_code == 201
    return notebook


def test_a_write_is_audited_with_who_what_and_when(notebook):
    caller = notebook.client("notebook:write", unit="emergency-bureau", name="bureau")
    number = caller.post("/notes", json={"text": "a"}, headers={"X-Request-ID": "r-1"}).json()["number"]
    assert notebook.sql("SELECT seq, at, client, unit, action, subject, request_id, details FROM audit") == [
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


def test_an_untouched_chain_holds(five):
    assert verify(five) == {"holds": True, "entries": 5, "broken_at": None}


def test_an_empty_chain_holds(notebook):
    assert verify(notebook) == {"holds": True, "entries": 0, "broken_at": None}


def test_only_who_may_audit_may_verify(notebook):
    assert notebook.client().get("/audit/verify").status_code == 403


@pytest.mark.parametrize(
    ("deed", "place"),
    [
        (["UPDATE audit SET client = 'somebody' WHERE seq = 3"], 3),
        (["UPDATE audit SET details = '{}' WHERE seq = 1"], 1),
        (["UPDATE audit SET at = at + interval '1 microsecond' WHERE seq = 2"], 2),
        (["UPDATE audit SET unit = 'x' WHERE seq = 5"], 5),
        (["UPDATE audit SET hash = repeat('f', 64) WHERE seq = 4"], 4),
        (["DELETE FROM audit WHERE seq = 3"], 3),
        (["DELETE FROM audit WHERE seq = 1"], 1),
        (["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3"], 3),
        (["DELETE FROM audit WHERE seq > 3"], 4),
        (["DELETE FROM audit"], 1),
        (["UPDATE audit_head SET seq = 4"], 5),
        (["UPDATE audit_head SET hash = repeat('f', 64)"], 6),
        (["DELETE FROM audit WHERE seq > 3", "UPDATE audit_head SET seq = 3"], 4),
        (["DELETE FROM audit_head"], 6),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_a_deed_by_hand_is_found_with_its_place(five, deed, place):
    by_hand(five, *deed)
    assert verify(five) == {"holds": False, "entries": place - 1, "broken_at": place}


@pytest.mark.parametrize("deed", ["UPDATE audit SET client = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_database_refuses_to_change_the_audit(five, deed):
    with pytest.raises(Exception, match="the audit only grows"):
        five.sql(deed)
    assert verify(five)["holds"]


def test_concurrent_writers_keep_one_chain_while_it_is_verified(notebook):
    async def write(session, number):
        for step in range(3):
            audit(session, "notebook.tried", f"{number}-{step}", CALLER, notebook.clock(), {})

    with ThreadPoolExecutor(8) as threads:
        written = [threads.submit(notebook.run, write, number) for number in range(40)]
        verified = [verify(notebook) for _ in range(10)]
        for writing in written:
            writing.result()
    assert all(found["holds"] for found in verified), verified
    assert verify(notebook) == {"holds": True, "entries": 120, "broken_at": None}


def test_a_writer_waits_for_the_head_of_the_chain(notebook):
    async def write(session):
        audit(session, "notebook.tried", "x", CALLER, notebook.clock(), {})

    with ThreadPoolExecutor(2) as threads, psycopg.connect(notebook.url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM audit_head FOR UPDATE")
        writing = [threads.submit(notebook.run, write) for _ in range(2)]
        eventually(lambda: queueing(notebook, 2))
        assert notebook.sql("SELECT count(*) FROM audit") == [(0,)], "and inserts nothing before"
        other.commit()
        for written in writing:
            written.result()
    assert verify(notebook) == {"holds": True, "entries": 2, "broken_at": None}


def test_a_rolled_back_write_leaves_no_entry(five):
    assert five.client().post("/notes", params={"fail": True}, json={"text": "a"}).status_code == 500
    assert verify(five) == {"holds": True, "entries": 5, "broken_at": None}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(details=st.dictionaries(st.text(), json_values, max_size=4))
def test_whatever_json_is_audited_is_found_again_as_it_was(notebook, details):
    async def write(session):
        audit(session, "notebook.tried", "x", CALLER, notebook.clock(), details)

    notebook.run(write)
    assert verify(notebook)["holds"]
