"""A receiver that fails holds back what would be out of order and no more; what it never takes is given up and told."""

import random
import time

import pytest

from kit.district.clock import system_clock
from kit.events import posting
from tests.kit.conftest import eventually
from tests.kit.receivers import Receiver, admin, pass_days, receiver, state, subscribe, tell_of

__all__ = ["admin", "receiver"]


def refuses(*subjects):
    """What a receiver answers that does not take these."""
    return lambda event: 500 if event["subject"] in subjects else 204


# What is held, and what goes on


def test_only_what_is_about_the_same_subject_waits_for_what_was_not_taken(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = refuses("b")
    tell_of(notebook, "a1", "b1", "c1", "b2", "a2")
    notebook.work()
    assert receiver.texts == ["a1", "c1", "a2"]
    assert (state(admin)["held"], state(admin)["dead"]) == (2, 0)
    receiver.answer = lambda _event: 204
    tell_of(notebook, "b3")
    notebook.work()
    assert receiver.texts == ["a1", "c1", "a2"], "not before its time, and nothing overtakes it"
    notebook.clock.advance(seconds=6)
    notebook.work()
    assert receiver.texts == ["a1", "c1", "a2", "b1", "b2", "b3"]
    assert state(admin)["held"] == 0


def test_two_that_fail_one_after_the_other_hold_the_rest_up_for_seconds_only(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = refuses("a", "b")
    tell_of(notebook, "a1", "b1", "c1", "a2")
    notebook.work()
    assert receiver.texts == []
    assert len(receiver.requests) == 2, "the receiver may be at fault, and is left alone"
    notebook.clock.advance(seconds=6)
    notebook.work()
    assert receiver.texts == ["c1"]


def test_a_receiver_that_fails_for_an_hour_gets_everything_in_order_afterwards(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = lambda _event: 503
    chance, told = random.Random(7), []
    for minute in range(60):
        told.append(f"{chance.choice('abcde')}{minute}")
        tell_of(notebook, told[-1])
        notebook.work()
        notebook.clock.advance(minutes=1)
    assert receiver.got == []
    assert len(receiver.requests) < 30, "it is not run over with what it does not take"
    receiver.answer = lambda _event: 204
    for _ in range(6):
        notebook.clock.advance(hours=1)
        notebook.work()
    assert sorted(receiver.texts) == sorted(told), "each once"
    for subject in "abcde":
        assert [text for text in receiver.texts if text[0] == subject] == [
            text for text in told if text[0] == subject
        ]


def test_one_that_answers_now_and_then_loses_nothing_and_keeps_the_order(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    chance, told = random.Random(3), [f"{'abc'[n % 3]}{n}" for n in range(30)]
    receiver.answer = lambda _event: chance.choice([204, 204, 500, 503])
    for text in told:
        tell_of(notebook, text)
        notebook.work()
        notebook.clock.advance(minutes=7)
    receiver.answer = lambda _event: 204
    pass_days(notebook, 0.5)
    assert sorted(receiver.texts) == sorted(told)
    for subject in "abc":
        assert [each for each in receiver.texts if each[0] == subject] == told["abc".index(subject) :: 3]


# Receivers that answer badly


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
)
def test_who_says_yes_and_drops_the_line_has_taken_it(notebook, admin, receiver, answer):
    subscribe(admin, receiver.url)
    receiver.instead = lambda line: line.wfile.write(answer)
    tell_of(notebook, "a1", "b1", "a2")
    notebook.work()
    assert receiver.texts == ["a1", "b1", "a2"]
    assert (state(admin)["held"], state(admin)["last_error"]) == (0, None)


def test_a_line_that_drops_before_an_answer_is_no_yes(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.instead = lambda line: line.wfile.write(b"HTTP/1.1 20")
    tell_of(notebook, "a1")
    notebook.work()
    assert state(admin)["held"] == 1
    receiver.instead = None
    notebook.clock.advance(seconds=6)
    notebook.work()
    assert receiver.texts == ["a1", "a1"], "who cannot say yes may get it twice"


@pytest.mark.parametrize("after", [f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", "Mon, 01 Jan 99999 00:00:00 GMT"])
def test_who_asks_to_be_left_alone_until_no_date_at_all_has_failed_as_any_other(
    notebook, admin, receiver, after
):
    subscribe(admin, receiver.url)
    receiver.answer, receiver.headers = lambda _event: 503, {"Retry-After": after}
    tell_of(notebook, "a1")
    for _ in range(3):
        notebook.work()
    assert (state(admin)["held"], state(admin)["last_error"], len(receiver.requests)) == (1, "HTTP 503", 1)


def test_what_fails_in_a_way_that_nobody_thought_of_is_held_too(notebook, admin, receiver, monkeypatch):
    subscribe(admin, receiver.url)
    tried = []

    async def broken(*_):
        tried.append(1)
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(posting, "_answer", broken)
        tell_of(notebook, "a1")
        for _ in range(3):
            notebook.work()
    assert (state(admin)["held"], len(tried)) == (1, 1)
    assert state(admin)["last_error"].startswith("本系统未能发送")
    notebook.clock.advance(seconds=6)
    notebook.work()
    assert receiver.texts == ["a1"]


@pytest.mark.parametrize("client", ["http", "outside"])
def test_no_receiver_s_cookies_are_kept(notebook, receiver, client):
    receiver.headers = {"Set-Cookie": "a=1; Path=/; Max-Age=1000"}

    async def post_twice():
        made = getattr(notebook.database, client)
        for _ in range(2):
            await made.post(receiver.url, json={"data": {}})
        return len(made.cookies.jar)

    assert notebook.call(post_twice) == 0
    assert "cookie" not in {name.lower() for name in receiver.requests[-1][0]}


def test_who_answers_byte_by_byte_is_given_up_in_bounded_time(notebook, admin, receiver, monkeypatch):
    monkeypatch.setattr(posting, "_PATIENCE", 0.5)
    subscribe(admin, receiver.url)

    def drip(line):
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200:
            line.wfile.write(bytes([byte]))
            time.sleep(0.05)

    receiver.instead = drip
    tell_of(notebook, "a1")
    began = time.monotonic()
    notebook.work()
    assert time.monotonic() - began < 5
    assert state(admin)["last_error"].startswith("没有得到应答")


def test_an_answer_without_end_is_neither_kept_nor_waited_for(notebook, admin, receiver, monkeypatch):
    monkeypatch.setattr(posting, "_REST", 0.5)
    subscribe(admin, receiver.url)
    sent = []

    def pour(line):
        line.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n")
        for _ in range(4000):
            line.wfile.write(bytes(1_000_000))
            sent.append(1)

    receiver.instead = pour
    tell_of(notebook, "a1", "b1")
    notebook.work()
    assert receiver.texts == ["a1", "b1"]
    assert len(sent) < 100, "it is cut off after what lines hold by themselves"


def test_an_answer_that_goes_on_slowly_after_its_yes_is_not_waited_for(
    notebook, admin, receiver, monkeypatch
):
    monkeypatch.setattr(posting, "_REST", 0.3)
    subscribe(admin, receiver.url)

    def dawdle(line):
        line.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            line.wfile.write(b"x")
            time.sleep(0.1)

    receiver.instead = dawdle
    tell_of(notebook, "a1", "b1")
    began = time.monotonic()
    notebook.work()
    assert receiver.texts == ["a1", "b1"]
    assert time.monotonic() - began < 5


def test_receivers_that_hang_take_nobody_s_connection(notebook, admin, receiver, monkeypatch):
    monkeypatch.setattr(posting, "_PATIENCE", 2.0)
    hanging, asked = Receiver(), []
    hanging.answer = receiver.answer = lambda _event: asked.append(time.monotonic()) or 204
    hanging.instead = lambda _line: time.sleep(3)
    for number in range(15):
        subscribe(admin, f"{hanging.url}?{number}", name=f"a{number}")
    subscribe(admin, receiver.url, name="z")
    tell_of(notebook, "a1")
    notebook.work()
    assert receiver.texts == ["a1"]
    assert len(asked) == 16
    assert max(asked) - min(asked) < 1.5, "all at once"
    hanging.close()


def test_a_worker_that_is_killed_leaves_what_is_held_to_the_next_one(notebook, admin, receiver, start):
    notebook.clock.now = system_clock()
    receiver.answer = refuses("b")
    subscribe(admin, receiver.url)
    tell_of(notebook, "b1", "a1", "b2")
    first = start("worker")
    eventually(lambda: "a1" in receiver.texts and state(admin)["held"] == 2)
    first.kill()
    receiver.answer = lambda _event: 204
    start("worker")
    eventually(lambda: len(receiver.texts) == 3)
    assert receiver.texts == ["a1", "b1", "b2"]


def test_a_subscription_that_lacks_something_can_be_ended(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = refuses("b")
    tell_of(notebook, "b1", "b2")
    notebook.work()
    assert admin.delete(f"/subscriptions/{state(admin)['id']}").status_code == 204
    assert notebook.sql("SELECT count(*) FROM held_events") == [(0,)]


# What is given up


def given_up(notebook, admin, receiver):
    """One event of which three others on its subject wait is given up; the path of its subscription."""
    subscribe(admin, receiver.url)
    receiver.answer = lambda event: 500 if event["data"]["text"] == "b1" else 204
    tell_of(notebook, "a1", "b1", "b2", "b3")
    notebook.work()
    tell_of(notebook, "a2")
    pass_days(notebook)
    return f"/subscriptions/{state(admin)['id']}"


def test_what_is_not_taken_for_three_days_is_given_up_and_those_after_it_say_so(notebook, admin, receiver):
    path = given_up(notebook, admin, receiver)
    assert receiver.texts == ["a1", "a2", "b2", "b3"]
    [dead] = admin.get(f"{path}/dead").json()
    assert (dead["subject"], dead["last_error"], dead["attempts"]) == ("b", "HTTP 500", 10)
    assert dead["since"] == "2024-06-24T09:30:00+08:00"
    assert "2024-06-27T09:30" <= dead["dead_at"] < "2024-06-27T11"
    assert (state(admin)["state"], state(admin)["held"], state(admin)["dead"]) == ("active", 0, 1)
    undelivered = {event["data"]["text"]: event.get("undelivered") for event in receiver.got}
    assert undelivered == {"a1": None, "a2": None, "b2": dead["id"], "b3": dead["id"]}
    figures = notebook.http.get("/metrics").text
    about = f'{{client="tester",subscription="{state(admin)["id"]}"}}'
    assert f"subscription_events_dead{about} 1.0" in figures


def test_what_was_given_up_is_sent_again_where_somebody_asks_and_before_what_still_waits(
    notebook, admin, receiver
):
    path = given_up(notebook, admin, receiver)
    [dead] = admin.get(f"{path}/dead").json()
    receiver.answer = lambda _event: 204
    answer = admin.post(f"{path}/dead/{dead['id']}/resend")
    assert (answer.status_code, answer.json()["dead"], answer.json()["held"]) == (200, 0, 1)
    tell_of(notebook, "b4")
    notebook.work()
    assert receiver.texts[-2:] == ["b1", "b4"]
    assert "undelivered" not in receiver.got[-1], "nothing is missing any more"
    audited = notebook.sql(
        "SELECT details->>'event' FROM audit WHERE action = 'notebook.subscription.resend'"
    )
    assert audited == [(dead["id"],)]


def test_only_what_was_given_up_is_sent_again(notebook, admin, receiver):
    path = given_up(notebook, admin, receiver)
    taken = next(event["id"] for event in receiver.got if event["data"]["text"] == "a1")
    refused = admin.post(f"{path}/dead/{taken}/resend")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "not-given-up")
    assert admin.post(f"{path}/dead/{'0' * 32}/resend").status_code == 404
    assert admin.get(f"/subscriptions/{'0' * 32}/dead").status_code == 404
    other = notebook.client("notebook:subscribe", name="other")
    assert other.get(f"{path}/dead").status_code == 404
    [dead] = admin.get(f"{path}/dead").json()
    assert other.post(f"{path}/dead/{dead['id']}/resend").status_code == 404


def test_an_operator_sees_and_sends_again_what_anybody_s_subscription_gave_up(notebook, admin, receiver):
    given_up(notebook, admin, receiver)
    operator = notebook.client("notebook:audit", "notebook:subscribe", name="operator")
    [fares] = operator.get("/deliveries").json()
    path = f"/deliveries/{fares['id']}"
    [dead] = operator.get(f"{path}/dead").json()
    assert fares["dead"] == 1
    auditor = notebook.client("notebook:audit", name="auditor")
    assert auditor.get(f"{path}/dead").json() == [dead]
    assert auditor.post(f"{path}/dead/{dead['id']}/resend").status_code == 403
    receiver.answer = lambda _event: 204
    assert operator.post(f"{path}/dead/{dead['id']}/resend").json()["held"] == 1
    notebook.work()
    assert receiver.texts[-1] == "b1"
    again = operator.post(f"{path}/dead/{dead['id']}/resend")
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "not-given-up")


def test_a_subscription_that_begins_elsewhere_forgets_what_it_lacks(notebook, admin, receiver):
    path = given_up(notebook, admin, receiver)
    receiver.answer = lambda _event: 204
    admin.patch(path, json={"since": "now"}, headers={"If-Match": "*"})
    assert (state(admin)["held"], state(admin)["dead"]) == (0, 0)
    tell_of(notebook, "b4")
    notebook.work()
    assert receiver.texts[-1] == "b4"
    assert "undelivered" not in receiver.got[-1]
