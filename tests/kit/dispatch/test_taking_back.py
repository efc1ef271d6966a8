"""A request that was handed on to another service and comes back (P-2.2.2b)."""

import asyncio
from threading import Thread

import pytest

from kit.dispatch.handing_on import HandingOn
from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")
THERE = "DS-EQ-20240624-0001"
SENT_ON = NOTE | {"matter": "lift-maintenance"}


@pytest.fixture
def other(desk):
    """The other service."""
    return desk.running.client("dispatch:read", "dispatch:write", "dispatch:hand-on", name="other")


@pytest.fixture
def taken_there(monkeypatch):
    async def hand_on(*_):
        return THERE

    monkeypatch.setattr(HandingOn, "hand_on", hand_on)


def back(desk, other):
    """What the request is answered as when it is handed back."""
    body = {
        "matter": "government-affairs",
        "summary": "咨询办事流程",
        "division": "天骄街道",
        "external_number": "X-1",
    }
    body["handed_on"] = {"number": THERE, "client": "12345"}
    answer = other.post("/dispatch/requests", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_was_said_before_is_not_said_of_it_now(desk, other, taken_there):
    number = desk.sent(external_number="X-1")
    desk.act(desk.office, number, "find-unreasonable", **NOTE)
    desk.act(desk.office, number, "answer", note="已办结")
    desk.act(desk.hotline, number, "call-back", reached=True, solved=False, satisfied=False)
    desk.act(desk.hotline, number, "send-back", **NOTE)
    desk.act(desk.hotline, number, "transfer", **SENT_ON)
    back(desk, other)
    now = desk.read(number)
    assert now["state"] == "received"
    said = ("answer", "answered_at", "reached", "solved", "satisfied", "called_back_at")
    assert {name: now.get(name) for name in said} == dict.fromkeys(said)
    desk.act(desk.office, number, "find-unreasonable", **NOTE)


def test_it_comes_back_also_while_it_is_on_its_way_there(desk, other, monkeypatch):
    number = desk.sent(external_number="X-1")
    coming = Thread(target=back, args=(desk, other))

    async def hand_on(*_):
        coming.start()
        await asyncio.sleep(0.7)
        return THERE

    monkeypatch.setattr(HandingOn, "hand_on", hand_on)
    desk.act(desk.hotline, number, "transfer", **SENT_ON)
    coming.join()
    assert desk.read(number)["state"] == "received"
