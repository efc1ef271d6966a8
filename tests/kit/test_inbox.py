"""Events of other services come in signed, once each, in one transaction with what they cause."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from kit.testing import SECRET
from tests.kit.notebook.app import service

OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()


@pytest.fixture
def notebook(serve):
    secrets = {"weather": SecretStr(SECRET), "traffic": SecretStr(OTHER)}
    return serve(service, event_secrets=secrets)


def event(**changes):
    return {
        "specversion": "1.0",
        "id": "01990000-0000-7000-8000-000000000001",
        "source": "/weather",
        "type": "weather.storm.seen",
        "subject": "storm",
        "time": "2024-06-24T09:30:00+08:00",
        "data": {"text": "a storm"},
    } | changes


def send(notebook, content, secret=SECRET, age=timedelta(), **headers):
    body = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    sent_at = datetime.now(UTC) - age
    signed = {
        "webhook-id": "msg-1",
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg-1", sent_at, body),
    }
    return notebook.stranger().post("/events", content=body.encode(), headers=signed | headers)


def texts(notebook):
    return [text for (text,) in notebook.sql("SELECT text FROM notes")]


def refused(answer):
    return (answer.status_code, answer.json()["type"]) == (401, "urn:dongsheng:problem:bad-signature")


def test_a_signed_event_is_handled_with_all_that_it_causes(notebook):
    assert send(notebook, event()).status_code == 204
    assert texts(notebook) == ["a storm"]
    assert notebook.sql("SELECT type FROM events") == [("notebook.note.written",)]
    assert notebook.sql("SELECT client FROM audit") == [("system",)]


def test_a_repeat_changes_nothing(notebook):
    for _ in range(3):
        assert send(notebook, event()).status_code == 204
    assert texts(notebook) == ["a storm"]


def test_the_same_event_many_times_at_once_is_handled_once(notebook):
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: send(notebook, event()).status_code, range(6)))
    assert set(answers) == {204}
    assert texts(notebook) == ["a storm"]


def test_a_handler_that_fails_is_tried_again_at_the_next_delivery(notebook):
    failing = event(data={"text": "a storm", "fail": True})
    assert send(notebook, failing).status_code == 500
    assert texts(notebook) == []
    assert notebook.sql("SELECT count(*) FROM received_events") == [(0,)]
    assert send(notebook, event()).status_code == 204
    assert texts(notebook) == ["a storm"]


def test_an_event_of_no_interest_is_taken_and_passed_over(notebook):
    assert send(notebook, event(type="weather.sun.seen")).status_code == 204
    assert texts(notebook) == []


def test_another_secret_is_refused(notebook):
    stranger = "whsec_" + base64.b64encode(b"x" * 32).decode()
    assert refused(send(notebook, event(), secret=stranger))
    assert texts(notebook) == []


def test_a_service_cannot_speak_for_another(notebook):
    assert refused(send(notebook, event(source="/weather"), secret=OTHER))
    assert send(notebook, event(source="/traffic"), secret=OTHER).status_code == 204


def test_a_changed_body_is_refused(notebook):
    sent_at = datetime.now(UTC)
    signature = Webhook(SECRET).sign("msg-1", sent_at, json.dumps(event()))
    changed = event(data={"text": "a calm"})
    assert refused(send(notebook, changed, **{"webhook-signature": signature}))


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_missing_or_another_s_is_refused(notebook, header):
    assert refused(send(notebook, event(), **{header: ""}))
    assert refused(send(notebook, event(), **{header: "1719192600"}))


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_signature_of_another_hour_is_refused(notebook, age):
    assert refused(send(notebook, event(), age=age))


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "not json", json.dumps(event(id=None)), json.dumps(event(time="soon"))],
)
def test_what_is_signed_but_no_event_says_so(notebook, content):
    answer = send(notebook, content)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:not-a-cloud-event")


def test_a_service_that_listens_to_nobody_has_no_inbox(serve):
    from services.office.app import service as office

    assert send(serve(office), event()).status_code == 404
