"""Events go out signed, in order, at least once; a receiver that fails misses nothing."""

import asyncio
import json
import time
from datetime import datetime

import psycopg
import pytest
from standardwebhooks import Webhook

from kit.district.clock import system_clock
from kit.events.delivery import Deliverer
from kit.events.subscriptions import declare
from kit.settings import Subscriber
from kit.testing import SECRET
from tests.kit.conftest import eventually, free_port
from tests.kit.receivers import Receiver, admin, receiver, state, subscribe, tell

__all__ = ["admin", "receiver"]


def test_a_subscriber_gets_what_was_and_what_will_be_signed_and_in_order(notebook, admin, receiver):
    notebook.clock.now = system_clock()
    tell(notebook, "一", "二")
    assert subscribe(admin, receiver.url).status_code == 201
    notebook.work()
    tell(notebook, "三")
    # By the real clock, an event that is hidden for a moment is delivered a second later.
    eventually(lambda: notebook.work() or len(receiver.got) >= 3)
    assert receiver.texts == ["一", "二", "三"]
    for headers, body in receiver.requests:
        assert headers["content-type"] == "application/cloudevents+json"
        assert headers["webhook-id"] == json.loads(body)["id"]
        assert Webhook(SECRET).verify(body, headers) == json.loads(body)
    assert receiver.got == notebook.client().changes(3)


def test_a_subscriber_gets_only_the_types_it_asked_for(notebook, admin, receiver):
    wanted = {
        "all": ["*"],
        "one": ["notebook.note.written"],
        "family": ["notebook.*"],
        "other": ["dispatch.request.moved", "dispatch.*", "exercise.*"],
    }
    for name, types in wanted.items():
        assert subscribe(admin, f"{receiver.url}?{name}", name=name, types=types).status_code == 201
    seen = []
    receiver.answer = lambda event: seen.append(event) or 204
    tell(notebook, "a")
    notebook.work()
    assert len(seen) == 3
    [(behind,)] = notebook.sql("SELECT count(*) FROM subscriptions WHERE cursor_xid = '0'")
    assert behind == 0, "also who wants none of them has passed by them"


def test_while_a_receiver_fails_nothing_is_skipped_and_pauses_grow(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = lambda event: 500 if event["data"]["text"] == "b" else 204
    tell(notebook, "a", "b", "c")
    notebook.work()
    assert receiver.texts == ["a"]
    assert state(admin)["last_error"] == "HTTP 500"
    tries = len(receiver.requests)
    for seconds in (5, 300, 1800, 7200):
        waits = datetime.fromisoformat(state(admin)["next_attempt_at"]) - notebook.clock()
        assert seconds <= waits.total_seconds() <= seconds * 1.1, "Standard Webhooks' pauses, with jitter"
        notebook.clock.advance(seconds=waits.total_seconds() - 0.1)
        notebook.work()
        assert len(receiver.requests) == tries, "it is not tried before its time"
        notebook.clock.advance(seconds=0.1)
        tell(notebook, "later")
        notebook.work()
        tries += 1
        assert len(receiver.requests) == tries
    receiver.answer = lambda _event: 204
    notebook.clock.advance(hours=6)
    notebook.work()
    assert receiver.texts == ["a", "b", "c", "later", "later", "later", "later"]
    assert (state(admin)["failures"], state(admin)["held"], state(admin)["last_error"]) == (0, 0, None)
    assert state(admin)["next_attempt_at"] is None


def test_what_the_deployment_names_is_tried_every_hour_for_ever(notebook, receiver):
    async def name(context):
        await declare(context, Subscriber(name="credit", url=receiver.url, secret=SECRET))

    notebook.run(name)
    receiver.answer = lambda _event: 500
    tell(notebook, "a", "b")
    for _ in range(24 * 5):
        notebook.work()
        notebook.clock.advance(hours=1)
    assert len(receiver.requests) == 24 * 5
    assert notebook.sql("SELECT state, next_attempt_at <= %s FROM subscriptions", notebook.clock()) == [
        ("active", True)
    ]
    receiver.answer = lambda _event: 204
    notebook.work()
    assert receiver.texts == ["a", "b"]


@pytest.mark.parametrize("status", [302, 404, 503])
def test_whatever_is_no_success_is_a_failure(notebook, admin, receiver, status):
    subscribe(admin, receiver.url)
    receiver.answer = lambda _event: status
    tell(notebook, "a")
    notebook.work()
    assert state(admin)["last_error"] == f"HTTP {status}"
    assert len(receiver.requests) == 1


def test_the_cursor_is_all_the_state_there_is_a_write_leaves_no_job(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    tell(notebook, "a", "b")
    assert notebook.sql("SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    notebook.work()
    assert receiver.texts == ["a", "b"]


def test_one_receiver_s_failure_is_not_another_s(notebook, admin, receiver):
    subscribe(admin, f"http://127.0.0.1:{free_port()}/", name="down")
    subscribe(admin, receiver.url, name="up")
    tell(notebook, "a")
    notebook.work()
    assert receiver.texts == ["a"]


def test_more_events_than_a_batch_all_arrive(notebook, admin, receiver):
    tell(notebook, *(f"{n}" for n in range(210)))
    subscribe(admin, receiver.url)
    notebook.work()
    assert receiver.texts == [f"{n}" for n in range(210)]


def test_an_ended_subscription_gets_nothing_more_even_in_the_middle(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    tell(notebook, "a", "b", "c")

    def end_after_b(event):
        if event["data"]["text"] == "b":
            assert admin.delete(f"/subscriptions/{state(admin)['id']}").status_code == 204
        return 204

    receiver.answer = end_after_b
    notebook.work()
    tell(notebook, "d")
    notebook.work()
    assert receiver.texts == ["a", "b"]
    assert admin.get("/subscriptions").json() == []


def test_an_event_hidden_by_an_older_transaction_is_delivered_when_it_shows(notebook, admin, receiver, start):
    subscribe(admin, receiver.url)
    start("worker")
    with psycopg.connect(notebook.url.replace("+psycopg", "")) as older:
        older.execute("SELECT pg_current_xact_id()")
        tell(notebook, "a")
        time.sleep(1.5)
        assert receiver.texts == []
    eventually(lambda: receiver.texts == ["a"])


def test_two_workers_at_once_deliver_each_event_once_and_in_order(notebook, admin, receiver, start):
    receiver.answer = lambda _event: time.sleep(0.01) or 204
    subscribe(admin, receiver.url)
    start("worker"), start("worker")
    for number in range(40):
        tell(notebook, f"{number}")
    eventually(lambda: len(receiver.got) >= 40)
    time.sleep(0.2)
    assert receiver.texts == [f"{number}" for number in range(40)]


@pytest.mark.parametrize("seconds", [0.0, 0.15, 0.4])
def test_a_worker_killed_while_it_delivers_leaves_nothing_out(notebook, admin, receiver, start, seconds):
    receiver.answer = lambda _event: time.sleep(0.02) or 204
    subscribe(admin, receiver.url)
    tell(notebook, *(f"{number}" for number in range(30)))
    first = start("worker")
    eventually(lambda: receiver.got)
    time.sleep(seconds)
    first.kill()
    start("worker")
    eventually(lambda: "29" in receiver.texts)
    assert list(dict.fromkeys(receiver.texts)) == [f"{number}" for number in range(30)], (
        "in order, none missing"
    )
    assert len(receiver.texts) <= 31, "only what was on its way comes twice"


def test_a_deliverer_that_stumbles_gives_its_lock_back_and_goes_on(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    tell(notebook, "a")
    stumbles = iter([True, False])

    class Stumbling(Deliverer):
        async def start(self):
            if next(stumbles, False):
                raise RuntimeError("a statement took too long")
            await super().start()

    async def run_for_a_while():
        engine = notebook.database.engine
        async with engine.connect(), engine.connect(), engine.connect():
            pass  # several connections are at hand, so that it tries again on another
        running = asyncio.create_task(Stumbling(notebook.database, "notebook", notebook.clock).run())
        until = time.monotonic() + 30
        while not receiver.got and time.monotonic() < until:  # noqa: ASYNC110 - another thread receives
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    notebook.call(run_for_a_while)
    assert receiver.texts == ["a"]
    locks = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
    held = f"{locks} WHERE locktype = 'advisory' AND datname = current_database()"
    eventually(
        lambda: notebook.sql(held) == [(0,)]
    )  # the server notices a moment later that its client is gone


def test_a_slow_receiver_keeps_no_other_waiting(notebook, admin, receiver, start):
    slow = Receiver()
    slow.answer = lambda _event: time.sleep(1) or 204
    subscribe(admin, slow.url, name="slow")
    subscribe(admin, receiver.url, name="quick")
    tell(notebook, *(f"{number}" for number in range(20)))
    start("worker")
    eventually(lambda: len(receiver.got) == 20)
    assert len(slow.got) < 20
    slow.close()


def test_the_worker_is_woken_by_its_own_writes_and_looks_by_itself_for_others(
    notebook, admin, receiver, start
):
    subscribe(admin, receiver.url)
    start("worker")
    tell(notebook, "written by another process")
    eventually(lambda: receiver.texts == ["written by another process"], seconds=10)


def test_a_secret_is_never_shown_and_is_sealed_at_rest(notebook, admin, receiver, capfd):
    created = subscribe(admin, receiver.url)
    listed = admin.get("/subscriptions")
    feed = notebook.client().get("/changes")
    bare = SECRET.removeprefix("whsec_")
    for shown in (created.text, listed.text, feed.text, capfd.readouterr().out):
        assert bare not in shown
    for table in ("subscriptions", "audit", "procrastinate_jobs", "idempotency_keys"):
        assert bare not in str(notebook.sql(f"SELECT t::text FROM {table} AS t"))
    [(sealed,)] = notebook.sql("SELECT secret FROM subscriptions")
    assert notebook.database.cipher.open(sealed) == SECRET


def test_subscribing_and_ending_are_audited(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    admin.delete(f"/subscriptions/{state(admin)['id']}")
    assert notebook.sql("SELECT action, subject, details->>'url' FROM audit ORDER BY id") == [
        ("notebook.subscription.created", "platform", receiver.url),
        ("notebook.subscription.ended", "platform", receiver.url),
    ]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "ftp://x/"}, "/url"),
        ({"url": "http://"}, "/url"),
        ({"url": "http://[bad/"}, "/url"),
        ({"url": "/hooks"}, "/url"),
        ({"secret": ""}, "/secret"),
        ({"secret": "whsec_"}, "/secret"),
        ({"secret": "whsec_c2hvcnQ="}, "/secret"),
        ({"secret": "whsec_" + "!" * 40}, "/secret"),
        ({"secret": "密钥"}, "/secret"),
        ({"types": []}, "/types"),
        ({"types": ["*.note"]}, "/types/0"),
        ({"types": ["Notebook"]}, "/types/0"),
        ({"name": ""}, "/name"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_subscription_that_cannot_work_is_refused(admin, change, pointer):
    refused = subscribe(admin, **({"url": "http://receiver.example/"} | change))
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_name_is_taken_once(admin, receiver):
    subscribe(admin, receiver.url)
    again = subscribe(admin, receiver.url)
    assert (again.status_code, again.json()["type"]) == (409, "urn:dongsheng:problem:subscription-exists")


def test_only_who_may_subscribe_subscribes(notebook, receiver):
    reader = notebook.client()
    assert subscribe(reader, receiver.url).status_code == 403
    assert reader.get("/subscriptions").status_code == 403
    assert reader.delete(f"/subscriptions/{'0' * 32}").status_code == 403
    street = subscribe(notebook.client("notebook:subscribe", division="天骄街道"), receiver.url)
    assert (street.status_code, street.json()["type"]) == (403, "urn:dongsheng:problem:own-events-only")


def test_ending_what_is_not_there_is_404(admin):
    assert admin.delete(f"/subscriptions/{'0' * 32}").status_code == 404


def test_a_subscriber_that_the_deployment_names_again_keeps_its_place(notebook, admin, receiver):
    async def name(context, url):
        await declare(context, Subscriber(name="property", url=url, secret=SECRET))

    notebook.run(name, receiver.url)
    tell(notebook, "a")
    notebook.work()
    notebook.run(name, f"{receiver.url}/moved")
    tell(notebook, "b")
    notebook.work()
    assert receiver.texts == ["a", "b"]
    assert notebook.sql("SELECT url FROM subscriptions") == [(f"{receiver.url}/moved",)]
