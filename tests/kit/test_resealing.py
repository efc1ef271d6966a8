"""Sealing anew with the next key: killed, beside live writes, with somebody in the way, and shown to be done."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import psycopg
import pytest
from pydantic import SecretStr

from kit.personal import resealing
from kit.personal.cipher import Cipher
from kit.personal.keys import Keys
from kit.personal.resealing import RESEAL, SealsOtherwise, standings
from kit.storage.pending import defer
from kit.testing import PERSONAL_KEY
from tests.kit.conftest import NotebookProcess, eventually, reachable
from tests.kit.notebook.app import service

(OLD,) = Keys.read(PERSONAL_KEY.get_secret_value()).opening
NEW = b"n" * 32
BOTH = SecretStr(Keys((NEW, OLD)).written)
TYPED = "家属电话 13800000001"
RECEIVER = {
    "name": "r",
    "url": "http://127.0.0.1:9/",
    "secret": "whsec_" + base64.b64encode(b"s" * 32).decode(),
}


@pytest.fixture
def rotated(notebook, serve):
    """The notebook with notes that the old key has sealed, served by both keys, the new one first."""
    for number in range(5):
        assert notebook.client().post("/notes", json={"text": f"{TYPED} {number}"}).status_code == 201
    return with_both(serve, notebook)


def with_both(serve, notebook):
    running = serve(service, database_url=SecretStr(notebook.url), personal_key=BOTH)
    running.clone = notebook.clone
    return running


@pytest.fixture
def process(notebook):
    """`process("worker", keys=[…])`: a command of the notebook with these keys."""
    running = []

    def begin(*command, keys):
        running.append(NotebookProcess(notebook, *command, NOTEBOOK_PERSONAL_KEY=Keys(tuple(keys)).written))
        return running[-1]

    yield begin
    for each in running:
        each.kill()


def reseal(running):
    """Put the job into the queue and do what is due."""

    async def begin(context):
        defer(context.session, RESEAL, key=context.cipher.id)

    running.run(begin)
    running.work()


def left(running, key=BOTH):
    """Rows left to a former key and rows that no key opens, by table, where there are any."""

    async def look(context):
        found = [each async for each in standings(context.session, Cipher(key), running.service.metadata)]
        return {each.table: (each.left, each.lost) for each in found if each.left or each.lost}

    return running.run(look)


def sealed(running):
    return [bytes(value) for (value,) in running.sql("SELECT sealed FROM originals ORDER BY id")]


def test_rows_are_sealed_anew_in_batches_and_nobody_is_told(rotated, monkeypatch):
    monkeypatch.setattr(resealing, "ROWS", 2)
    unchanged = (
        "SELECT id, at, client, action, subjects, masked FROM originals ORDER BY id",
        "SELECT * FROM notes ORDER BY id",
        "SELECT id, xid::text, hash FROM audit JOIN audit_seals ON entry = id",
        "SELECT id, xid::text FROM events",
        "SELECT id, version, cursor_id, created_at FROM subscriptions",
    )
    rotated.work()
    before = [rotated.sql(each) for each in unchanged]
    assert left(rotated) == {"originals": (5, 0)}
    reseal(rotated)
    assert left(rotated) == {}
    assert [rotated.sql(each) for each in unchanged] == before
    alone = Cipher(SecretStr(Keys((NEW,)).written))
    assert [alone.open(each) for each in sealed(rotated)] == [f"{TYPED} {number}" for number in range(5)]

    once = sealed(rotated)
    reseal(rotated)
    assert sealed(rotated) == once, "what the first key has sealed is left alone"


def test_a_batch_holds_no_more_than_its_bytes(rotated, monkeypatch):
    monkeypatch.setattr(resealing, "BYTES", 1)
    reseal(rotated)
    assert left(rotated) == {}


def test_a_row_that_somebody_works_on_is_neither_waited_for_nor_forgotten(rotated, monkeypatch):
    monkeypatch.setattr(resealing, "AGAIN", timedelta(days=36500))  # the clock of tests stands in the past
    with psycopg.connect(rotated.url.replace("+psycopg", "")) as other:
        other.execute("SELECT FROM originals ORDER BY id LIMIT 1 FOR UPDATE")
        reseal(rotated)
        assert left(rotated) == {"originals": (1, 0)}
    rotated.sql("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'reseal'")
    rotated.work()
    assert left(rotated) == {}


def test_what_no_key_opens_is_told_and_is_in_nobodys_way(rotated, capfd):
    rotated.sql(
        "UPDATE originals SET sealed = 'damaged, as it seems to be' WHERE id = (SELECT id FROM originals ORDER BY id LIMIT 1)"
    )
    reseal(rotated)
    assert left(rotated) == {"originals": (0, 1)}
    assert "no-key-opens" in capfd.readouterr().out


def test_a_worker_that_was_not_restarted_with_the_key_leaves_the_job_to_one_that_was(notebook, rotated):
    async def begin(context):
        defer(context.session, RESEAL, key=context.cipher.id)

    rotated.run(begin)
    notebook.work()
    assert notebook.sql("SELECT status::text, attempts FROM procrastinate_jobs") == [("todo", 1)]
    assert left(rotated) == {"originals": (5, 0)}
    rotated.sql("UPDATE procrastinate_jobs SET scheduled_at = now()")
    rotated.work()
    assert left(rotated) == {}
    with pytest.raises(SealsOtherwise):
        notebook.run(resealing.reseal, service.metadata, "00000000")


def test_a_creation_that_is_repeated_after_the_change_gets_its_answer_and_ends_before_the_key_may_go(
    notebook, serve
):
    def write(running, text):
        return running.client().post("/notes", json={"text": text}, headers={"Idempotency-Key": "k"})

    first = write(notebook, "买灯泡")
    both = with_both(serve, notebook)
    second = write(both, "买灯泡")
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert write(both, "买电池").status_code == 422
    reseal(both)
    assert left(both) == {"idempotency_keys": (1, 0)}
    both.clock.advance(hours=24, seconds=1)
    both.tick("forget-idempotency-keys")
    assert left(both) == {}


def test_the_commands_say_what_is_left_and_end_with_1_while_anything_is(notebook, rotated, process):
    def check(*keys):
        looked = process("reseal", "--check", keys=keys)
        code = looked.wait(30)
        lines = [json.loads(line) for line in looked.said().splitlines() if '"table"' in line]
        return code, {line["table"]: line["left"] + line["lost"] for line in lines if line["rows"]}

    assert check(NEW, OLD) == (1, {"originals": 5})
    assert check(NEW) == (1, {"originals": 5}), "without the old key all would be lost"
    assert check(OLD, NEW) == (0, {"originals": 5} | {"originals": 0})
    assert process("reseal", keys=[NEW, OLD]).wait(30) == 0
    rotated.work()
    assert check(NEW) == (0, {"originals": 0})


def test_beside_writers_with_either_key_first_and_workers_that_are_killed_nothing_is_lost(notebook, process):
    """A rolling restart: one server still seals with the old key while the new one is first elsewhere, then it is too."""
    behind, ahead = (process("serve", keys=keys) for keys in ([OLD, NEW], [NEW, OLD]))
    eventually(lambda: reachable(behind) and reachable(ahead))
    token = notebook.client("notebook:read", "notebook:write", "personal:read")._headers
    servers = [httpx2.Client(base_url=each.address, headers=token) for each in (behind, ahead)]

    def write(number):
        written = servers[number % 2 if number < 60 else 1].post("/notes", json={"text": f"{TYPED} {number}"})
        assert written.status_code == 201, written.text
        for server in servers:  # what one has sealed the other reads
            told = server.get("/originals", params={"subject": written.json()["number"]}).json()
            assert [each["text"] for each in told] == [f"{TYPED} {number}"]

    with servers[0], servers[1], ThreadPoolExecutor(4) as threads:
        writing = [threads.submit(write, number) for number in range(100)]
        for _ in range(2):
            assert process("reseal", keys=[NEW, OLD]).wait(30) == 0
            worker = process("worker", keys=[NEW, OLD])
            eventually(lambda worker=worker: "reseal" in worker.said())
            worker.kill()
        for each in writing:
            each.result()

    assert process("reseal", keys=[NEW, OLD]).wait(30) == 0
    process("worker", keys=[NEW, OLD])
    eventually(lambda: process("reseal", "--check", keys=[NEW]).wait(30) == 0)
    alone = Cipher(SecretStr(Keys((NEW,)).written))
    assert sorted(alone.open(each) for each in sealed(notebook)) == sorted(
        f"{TYPED} {number}" for number in range(100)
    )
