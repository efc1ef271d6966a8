"""A subscription is its client's own, who changes, pauses and ends it; whoever runs the set sees how all of them fare."""

from datetime import datetime

import pytest

from kit.events.subscriptions import declare, end_others
from kit.settings import Subscriber
from kit.testing import SECRET
from tests.kit.receivers import Receiver, admin, receiver, state, subscribe, tell

__all__ = ["admin", "receiver"]

STANDING = {"If-Match": "*"}


def path_of(admin):
    return f"/subscriptions/{state(admin)['id']}"


def declared(notebook, url="http://credit.internal/events"):
    """A subscription that the deployment names; its path."""

    async def name(context):
        await declare(context, Subscriber(name="credit", url=url, secret=SECRET))

    notebook.run(name)
    return f"/subscriptions/{notebook.sql('SELECT id FROM subscriptions WHERE client IS NULL')[0][0]}"


# Whose it is


def test_another_s_subscription_is_not_there(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    path = path_of(admin)
    other = notebook.client("notebook:subscribe", "notebook:audit", name="other")
    assert other.get("/subscriptions").json() == []
    answers = [
        other.get(path),
        other.delete(path),
        other.patch(path, json={"types": ["*"]}, headers=STANDING),
    ]
    answers += [other.post(f"{path}/{action}") for action in ("pause", "resume", "retry")]
    assert {answer.status_code for answer in answers} == {404}
    assert subscribe(other, receiver.url).status_code == 201, "a name is taken by one's own only"
    assert len(admin.get("/subscriptions").json()) == 1


def test_what_the_deployment_names_is_neither_shown_nor_changed_nor_ended(notebook, admin):
    path = declared(notebook)
    assert admin.get("/subscriptions").json() == []
    assert admin.get(path).status_code == 404
    for answer in (
        admin.delete(path),
        admin.patch(path, json={}, headers=STANDING),
        admin.post(f"{path}/pause"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (
            403,
            "urn:dongsheng:problem:declared-subscription",
        )
        assert "部署" in answer.json()["detail"]


def test_what_the_deployment_names_no_more_ends(notebook, admin, receiver):
    declared(notebook)
    subscribe(admin, receiver.url)
    notebook.run(end_others, ["credit"])
    assert notebook.sql("SELECT count(*) FROM subscriptions") == [(2,)]
    notebook.run(end_others, [])
    assert notebook.sql("SELECT name FROM subscriptions") == [("platform",)]


# How it fares


def test_whoever_may_audit_sees_how_all_fare_and_no_more_of_an_address_than_its_host(
    notebook, admin, receiver
):
    declared(notebook, "http://user:secret@127.0.0.1:9/hooks?key=secret")
    subscribe(admin, receiver.url)
    receiver.answer = lambda _event: 500
    tell(notebook, "a", "b")
    notebook.work()
    notebook.clock.advance(seconds=7)
    answer = notebook.client("notebook:audit").get("/deliveries")
    assert "secret" not in answer.text
    credit, platform = answer.json()
    assert (credit["name"], credit["client"], credit["receiver"]) == ("credit", None, "http://127.0.0.1:9")
    assert (platform["client"], platform["behind"], platform["seconds"]) == ("tester", 2, 7)
    assert (platform["failures"], platform["last_error"]) == (1, "HTTP 500")
    assert admin.get("/deliveries").status_code == 403


def test_one_that_lags_or_is_gone_shows_in_health_and_in_the_figures(serve, receiver):
    from tests.kit.notebook.app import service

    named = Subscriber(name="credit", url=receiver.url, secret=SECRET)
    notebook = serve(service, subscribers=(named,))
    assert notebook.http.get("/health/ready").json() == {"status": "ok", "lagging": ["credit"]}
    declared(notebook, receiver.url)
    assert notebook.http.get("/health/ready").json() == {"status": "ok"}
    receiver.answer = lambda _event: 503
    tell(notebook, "a")
    while not receiver.requests:  # another test's transaction may hide the event for a while
        notebook.work()
    notebook.clock.advance(seconds=3)
    assert notebook.http.get("/health/ready").json() == {"status": "ok", "lagging": ["credit"]}
    figures = notebook.http.get("/metrics").text
    about = '{client="",subscription="credit"}'
    assert f"subscription_events_behind{about} 1.0" in figures
    assert f"subscription_behind_seconds{about} 3.0" in figures
    assert f"subscription_failures{about} 1.0" in figures


# What the receiver answers


def test_who_is_gone_is_told_nothing_more_until_it_is_resumed(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = lambda _event: 410
    tell(notebook, "a")
    notebook.work()
    assert (state(admin)["state"], state(admin)["last_error"]) == ("gone", "HTTP 410")
    notebook.clock.advance(days=2)
    notebook.work()
    assert len(receiver.requests) == 1
    receiver.answer = lambda _event: 204
    assert admin.post(f"{path_of(admin)}/resume").json()["state"] == "active"
    notebook.work()
    assert receiver.texts == ["a"]


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        ("40", 40),
        ("1", 5),
        ("0", 5),
        ("Mon, 24 Jun 2024 01:32:00 GMT", 120),
        ("Mon, 24 Jun 2024 01:00:00 GMT", 5),
        ("99999999999999999999", 24 * 3600),
        ("soon", 5),
        ("-5", 5),
    ],
)
def test_a_receiver_says_how_long_it_wants_to_be_left_alone_up_to_a_day(
    notebook, admin, receiver, after, seconds
):
    subscribe(admin, receiver.url)
    receiver.answer, receiver.headers = lambda _event: 503, {"Retry-After": after}
    tell(notebook, "a")
    notebook.work()
    told = datetime.fromisoformat(state(admin)["next_attempt_at"]) - notebook.clock()
    assert seconds <= told.total_seconds() <= seconds * (1 if after not in ("soon", "-5") else 1.1)
    receiver.answer = lambda _event: 204
    notebook.clock.advance(seconds=told.total_seconds() - 0.1)
    tell(notebook, "b")
    notebook.work()
    assert receiver.texts == []


# What its client does with it


def test_while_it_is_paused_nothing_goes_out_and_nothing_is_missed(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    path = path_of(admin)
    assert admin.post(f"{path}/pause").json()["state"] == "paused"
    tell(notebook, "a")
    notebook.work()
    assert receiver.texts == []
    assert admin.post(f"{path}/retry").status_code == 409
    admin.post(f"{path}/resume")
    notebook.work()
    assert receiver.texts == ["a"]


def test_a_failed_delivery_is_tried_again_at_once_where_its_client_asks(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = lambda _event: 500
    tell(notebook, "a")
    notebook.work()
    receiver.answer = lambda _event: 204
    notebook.work()
    assert receiver.texts == []
    now = notebook.clock().isoformat()
    assert admin.post(f"{path_of(admin)}/retry").json()["next_attempt_at"] == now
    notebook.work()
    assert receiver.texts == ["a"]


def test_a_changed_subscription_goes_on_where_it_was_at_its_new_address(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    tell(notebook, "a")
    notebook.work()
    path, moved = path_of(admin), Receiver()
    etag = admin.get(path).headers["etag"]
    assert admin.patch(path, json={"url": moved.url}).status_code == 428
    changed = admin.patch(path, json={"url": moved.url}, headers={"If-Match": etag})
    assert (changed.status_code, changed.json()["url"]) == (200, moved.url)
    assert admin.patch(path, json={"types": ["*"]}, headers={"If-Match": etag}).status_code == 412
    tell(notebook, "b")
    notebook.work()
    moved.close()
    assert (receiver.texts, moved.texts) == (["a"], ["b"])


def test_what_is_changed_in_the_middle_of_a_delivery_holds_from_the_next_event_on(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    path, moved = path_of(admin), Receiver()

    def move(event):
        if event["data"]["text"] == "a":
            admin.patch(path, json={"url": moved.url}, headers=STANDING)
        return 204

    receiver.answer = move
    tell(notebook, "a", "b")
    notebook.work()
    notebook.work()
    moved.close()
    assert receiver.texts == ["a"]
    assert moved.texts == ["a", "b"], "what was on its way may come twice"


def test_a_new_secret_signs_from_then_on_and_is_not_shown(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    secret = "whsec_" + "bmV3" * 11
    changed = admin.patch(path_of(admin), json={"secret": secret}, headers=STANDING)
    assert secret not in changed.text
    assert "bmV3" not in str(notebook.sql("SELECT details::text FROM audit"))
    [(sealed,)] = notebook.sql("SELECT secret FROM subscriptions")
    assert notebook.database.cipher.open(sealed) == secret


def test_it_begins_now_where_it_was_said_or_at_the_beginning(notebook, admin, receiver):
    tell(notebook, "a", "b")
    notebook.work()
    cursor = notebook.client().get("/changes?limit=1").json()["next"]
    begun = {}
    for since in ("now", cursor, "beginning"):
        each = Receiver()
        subscribe(admin, each.url, name=since, since=since)
        begun[since] = each
    tell(notebook, "c")
    notebook.work()
    assert [each.texts for each in begun.values()] == [["c"], ["b", "c"], ["a", "b", "c"]]
    for each in begun.values():
        each.close()


@pytest.mark.parametrize(
    "type",
    ["notebook.compunds.*", "notebook.note", "notebook.note.burnt", "property.*", "exercise.property.*"],
)
def test_a_type_of_event_that_the_service_has_not_is_refused_with_those_that_it_has(admin, type):
    refused = subscribe(admin, "https://platform.example/", types=["*", type])
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:dongsheng:problem:unknown-event-type")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/types/1"]
    assert "notebook.note.written" in refused.json()["detail"]
