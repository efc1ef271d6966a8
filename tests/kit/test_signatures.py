"""Signed events between services: what one signs the other takes in, and anything else is refused."""

from dataclasses import replace

import httpx2
import pytest
from pydantic import SecretStr

from kit.district.clock import system_clock
from kit.events.event import Event
from kit.events.subscriptions import declare
from kit.settings import Subscriber
from kit.testing import SECRET
from services.office import app as office
from tests.kit.conftest import eventually


class DoorOpened(Event, type="hall.door.opened"):
    """Something to tell."""

    room: str


async def _hear(context, event):
    context.record(DoorOpened(room="heard of " + event.data["room"]), event.subject)


@pytest.fixture
def service():
    return replace(office.service, handlers={DoorOpened.type: _hear})


@pytest.fixture
def receiver(serve, service):
    return serve(service, event_secrets={"office": SecretStr(SECRET)})


def test_a_delivered_event_is_signed_so_that_the_receiver_takes_it_in(serve, service, receiver, clock):
    clock.now = system_clock()  # in the district's zone; a receiver refuses signatures of another hour
    sender, sent = serve(service), []

    async def tell(context):
        await declare(context, Subscriber(name="receiver", url="http://receiver/", secret=SECRET))
        context.record(DoorOpened(room="101"), "door")

    def keep(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(204)

    sender.run(tell)
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(keep))
    eventually(lambda: sender.work(http) or sent)  # an older transaction anywhere hides the event for a while

    assert len(sent) == 1
    answer = receiver.stranger().post(
        "/events", content=sent[0].content, headers={k: v for k, v in sent[0].headers.items() if k != "host"}
    )
    assert answer.status_code == 204
    assert receiver.sql("SELECT data->>'room' FROM events") == [("heard of 101",)]


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (b"{}", "v1,AAAA"),
        (b"{}", "v1"),
        (b"{}", "v1,A"),
        (b"{}", ""),
        (b"\xff\xfe", "v1,AAAA"),
        (b"", "v1,AAAA"),
    ],
)
def test_what_is_no_signature_is_refused_whatever_it_looks_like(receiver, body, signature):
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(int(system_clock().timestamp())),
        "webhook-signature": signature,
    }
    answer = receiver.stranger().post("/events", content=body, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:dongsheng:problem:bad-signature"
