"""The change feed: what happened, in order, without a gap or a repeat while writers run."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

import pytest
from sqlalchemy import text

from tests.kit.conftest import eventually, in_the_middle
from tests.kit.notebook.app import NoteWritten


def texts(items):
    return [event["data"]["text"] for event in items]


def read(client, since=None, limit=200):
    """One stretch of the feed and the cursor after it."""
    answer = client.get("/changes", params={"limit": limit} | ({"since": since} if since else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_whom_an_event_concerns_is_kept_and_told_to_nobody(notebook, client):
    async def telling(context):
        context.record(NoteWritten(text="a"), "x", concerns="hotline")
        context.tell(NoteWritten(text="b"), "x")

    notebook.run(telling)
    assert notebook.sql("SELECT data->>'text', client FROM events ORDER BY id") == [
        ("a", "hotline"),
        ("b", None),
    ]
    assert "hotline" not in str(client.changes(2))
    assert "hotline" not in str(notebook.sql("SELECT a::text FROM audit AS a"))


def test_an_event_is_a_cloud_event(notebook, client):
    number = client.post("/notes", json={"text": "买灯泡"}).json()["number"]
    [event] = client.changes(1)
    [(id,)] = notebook.sql("SELECT event_id::text FROM events")
    assert event == {
        "specversion": "1.0",
        "id": id,
        "source": "/notebook",
        "type": "notebook.note.written",
        "subject": number,
        "time": "2024-06-24T09:30:00+08:00",
        "datacontenttype": "application/json",
        "data": {"text": "买灯泡"},
    }


def test_the_feed_is_read_on_from_its_cursor(client):
    for number in range(5):
        client.post("/notes", json={"text": f"{number}"})
    client.changes(5)
    first = read(client, limit=3)
    assert (texts(first["items"]), first["more"]) == (["0", "1", "2"], True)
    second = read(client, first["next"], limit=3)
    assert (texts(second["items"]), second["more"]) == (["3", "4"], False)
    third = read(client, second["next"], limit=3)
    assert third == {"items": [], "next": second["next"], "more": False}
    client.post("/notes", json={"text": "5"})
    eventually(lambda: texts(read(client, third["next"])["items"]) == ["5"])


def test_an_empty_feed_has_a_cursor_too(client):
    empty = read(client)
    assert (empty["items"], empty["more"]) == ([], False)
    client.post("/notes", json={"text": "a"})
    eventually(lambda: texts(read(client, empty["next"])["items"]) == ["a"])


async def tell(context, words, pause=0):
    """A transaction that begins to write now and tells of it after a while."""
    await context.session.execute(text("SELECT pg_current_xact_id()"))
    await asyncio.sleep(pause)
    context.record(NoteWritten(text=words), "x")


def test_an_event_waits_for_an_older_transaction_that_still_runs(notebook, client):
    with ThreadPoolExecutor() as threads:
        older = threads.submit(notebook.run, tell, "began first", 1)
        eventually(lambda: in_the_middle(notebook))
        notebook.run(tell, "began later")
        assert notebook.sql("SELECT data->>'text' FROM events") == [("began later",)]
        assert read(client)["items"] == [], "or a reader would pass by what began first"
        older.result()
    assert texts(client.changes(2)) == ["began first", "began later"]


def test_events_of_one_transaction_keep_their_order(notebook, client):
    async def many(context):
        for number in range(50):
            context.record(NoteWritten(text=f"{number}"), "x")

    notebook.run(many)
    assert texts(client.changes(50)) == [f"{number}" for number in range(50)]


def test_a_reader_among_writers_that_commit_out_of_order_misses_and_repeats_nothing(notebook, client):
    writers, each = 8, 12
    pauses = random.Random(20240624)
    finished = Flag()

    def write(writer):
        for step in range(each):
            pause = pauses.choice([0, 0, 0.01, 0.05, 0.2])
            notebook.run(tell, f"{writer}-{step}", pause)

    def follow(limit):
        seen, cursor = [], None
        while not (finished.is_set() and len(seen) >= writers * each):
            stretch = read(client, cursor, limit)
            seen += stretch["items"]
            cursor = stretch["next"]
        return seen

    with ThreadPoolExecutor(writers + 2) as threads:
        readers = [threads.submit(follow, limit) for limit in (3, 200)]
        for writing in [threads.submit(write, writer) for writer in range(writers)]:
            writing.result()
        finished.set()
        streams = [reader.result() for reader in readers]
    in_order = [id for (id,) in notebook.sql("SELECT event_id::text FROM events ORDER BY xid, id")]
    assert len(in_order) == writers * each
    assert in_order != [id for (id,) in notebook.sql("SELECT event_id::text FROM events ORDER BY id")]
    for seen in streams:
        assert [event["id"] for event in seen] == in_order
    for writer in range(writers):
        own = [words for words in texts(streams[0]) if words.startswith(f"{writer}-")]
        assert own == [f"{writer}-{step}" for step in range(each)], "one after the other stays so"


@pytest.mark.parametrize(
    "since",
    ["x", "", "1", "1-", "-1", "1-1-1", "1_1", "-1-1", "１-１", "9" * 20 + "-1", "1-" + "9" * 19, "1-1\n"],
)
def test_a_cursor_that_nobody_gave_out_is_refused(client, since):
    answer = client.get("/changes", params={"since": since})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:bad-cursor")


@pytest.mark.parametrize("since", ["0-0", "9" * 19 + "-1", "18446744073709551615-1"])
def test_a_cursor_of_any_size_is_read(client, since):
    assert client.get("/changes", params={"since": since}).status_code in (200, 422)


def test_the_feed_needs_a_scope_and_the_whole_district(notebook):
    assert notebook.stranger().get("/changes").status_code == 401
    assert notebook.client("notebook:write").get("/changes").status_code == 403
    limited = notebook.client(division="天骄街道").get("/changes")
    assert (limited.status_code, limited.json()["type"]) == (403, "urn:dongsheng:problem:district-only")
