"""The record of a request only grows, and from it follows how the request stood at any moment (P-2.2.2b)."""

from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.dispatch.handing_on import HandingOn
from kit.dispatch.standing import state_of
from kit.dispatch.tables import DispatchLeg
from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")


@pytest.mark.parametrize("statement", ["UPDATE dispatch_steps SET note = 'x'", "DELETE FROM dispatch_steps"])
def test_nobody_changes_the_record(desk, statement):
    desk.sent()
    with pytest.raises(psycopg.errors.RaiseException, match="only grows"):
        desk.running.sql(statement)


def standing(desk, number, at):
    answer = desk.hotline.get(f"/dispatch/requests/{number}/standing", params={"at": at})
    return answer.status_code, answer.json()


def test_a_request_is_told_as_it_stood(desk):
    number = desk.sent()
    desk.running.clock.advance(hours=1)
    desk.act(desk.office, number, "ask-return", note="不属", to_unit="housing-centre", duty="职责")
    desk.running.clock.advance(hours=1)
    desk.act(desk.hotline, number, "grant-return", **NOTE)
    desk.running.clock.advance(days=5)
    desk.act(desk.housing, number, "answer", **NOTE)
    for at, state, unit, legs, overdue in (
        (
            "2024-06-24T09:45:00+08:00",
            "received",
            "government-office",
            {"government-office": "dispatched"},
            False,
        ),
        (
            "2024-06-24T10:45:00+08:00",
            "received",
            "government-office",
            {"government-office": "return_asked"},
            False,
        ),
        ("2024-06-24T12:00:00+08:00", "received", "housing-centre", {"housing-centre": "dispatched"}, False),
        ("2024-06-28T00:30:00+08:00", "received", "housing-centre", {"housing-centre": "dispatched"}, True),
        ("2024-06-30T00:00:00+08:00", "answered", "housing-centre", {"housing-centre": "answered"}, True),
    ):
        _, told = standing(desk, number, at)
        assert (told["state"], told["unit"], told["legs"], told["overdue"]) == (state, unit, legs, overdue), (
            at
        )
    assert standing(desk, number, "2024-06-24T09:00:00+08:00")[0] == 404


HELPER = {"unit": "housing-centre"}
BACK = {"to_unit": "justice-bureau", "duty": "职责"}
UNTIL = {"until": "2024-08-05T18:00:00+08:00"}
#: What may be done: by whom, what, and what is said besides a note.
DONE = [
    *[("unit", action, {}) for action in ("accept", "contact", "report", "answer")],
    *[("unit", action, HELPER) for action in ("accept", "answer")],
    *[("unit", "ask-return", BACK | part) for part in ({}, HELPER)],
    ("unit", "ask-return", {"to_unit": "housing-centre", "duty": "职责"}),
    ("unit", "ask-extension", UNTIL),
    *[
        ("hotline", action, part)
        for action in ("grant-return", "refuse-return", "pause", "resume", "audit", "send-back")
        for part in ({}, HELPER)
    ],
    *[("hotline", action, HELPER) for action in ("join", "release")],
    *[("hotline", action, {}) for action in ("grant-extension", "redo", "close", "decline")],
    *[
        ("hotline", "transfer", {"matter": matter})
        for matter in ("supervision-complaint", "lift-maintenance")
    ],
    ("hotline", "take-back", {}),
]
#: Where a request did not stand as its record told.
FOUND = {
    "a helper is asked anew with the lead unit": [
        ("join", HELPER), ("answer", {}), ("answer", HELPER), ("redo", {}),
    ],
    "an answer ends the pause": [("accept", {}), ("pause", {}), ("answer", {}), ("send-back", {}), ("audit", {})],
    "another unit is not paused": [
        ("accept", {}), ("pause", {}), ("transfer", {"matter": "supervision-complaint"}),
    ],
    "a helper is late": [("join", HELPER), ("answer", {}), ("audit", {})],
    "helpers go when it is handed on": [("join", HELPER), ("transfer", {"matter": "lift-maintenance"})],
    "it is paused no more when it is taken back": [
        ("accept", {}), ("pause", {}), ("transfer", {"matter": "lift-maintenance"}), ("take-back", {}),
    ],
    "it is answered no more when it is taken back": [
        ("join", HELPER), ("answer", {}), ("transfer", {"matter": "lift-maintenance"}), ("take-back", {}),
    ],
}  # fmt: skip


@pytest.fixture
def walked(desk, monkeypatch):
    """Walks a request through what is done to it and compares after each step."""

    async def handed_on(*_):
        return "DS-EQ-20240624-0001"

    monkeypatch.setattr(HandingOn, "hand_on", handed_on)
    callers = {
        "unit": desk.running.client("dispatch:read", "office:write", "dispatch:any-unit", name="anybody"),
        "hotline": desk.running.client("dispatch:read", "dispatch:write", "dispatch:hand-on", name="hotline"),
    }

    def walk(done):
        number = desk.sent(external_number=str(uuid4()))
        for (who, action, body), hours in done:
            desk.running.clock.advance(hours=hours)
            do(desk, callers[who], number, action, NOTE | body)
            compare(desk, number)
        desk.running.clock.advance(days=40)
        return compare(desk, number)

    return walk


def do(desk, caller, number, action, body):
    request = desk.read(number, caller)
    if action == "take-back":
        again = {name: request[name] for name in ("matter", "summary", "division", "external_number")}
        again["handed_on"] = {"number": "DS-EQ-20240624-0001", "client": "12345"}
        assert caller.post("/dispatch/requests", json=again).status_code == 200
        return
    answer = caller.post(f"/dispatch/requests/{number}/{action}", json=body)
    assert answer.status_code in ((200, 409, 422) if action in request["allowed"] else (409, 422)), (
        answer.text
    )
    if answer.status_code == 409:
        assert answer.json()["detail"]


def compare(desk, number):
    request = desk.read(number)
    parts = [leg for leg in request["legs"] if leg["state"] not in ("returned", "released")]
    if request["state"] in ("received", "accepted", "answered"):
        legs = [
            DispatchLeg(lead=leg["lead"], state=leg["state"], dispatched_at=leg["dispatched_at"])
            for leg in parts
        ]
        assert request["state"] == state_of(legs)
    _, told = standing(desk, number, desk.running.clock().isoformat())
    for name in ("state", "unit", "due_at", "overdue"):
        assert told[name] == request[name], name
    assert told["legs"] == {leg["unit"]: leg["state"] for leg in parts}
    over = request["state"] in ("closed", "declined", "transferred")
    assert (request["next_actor"] is None) <= over, "somebody always has to act until it is over"
    return request


@pytest.mark.parametrize("done", FOUND.values(), ids=FOUND)
def test_the_record_tells_each_part_as_it_stands(walked, done):
    units = ("accept", "answer")
    walked([(("unit" if action in units else "hotline", action, body), 1) for action, body in done])


@given(walk=st.lists(st.tuples(st.sampled_from(DONE), st.integers(0, 30)), max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_the_state_follows_from_the_parts_and_from_the_record(walked, walk):
    walked(walk)


def test_parts_that_end_by_a_hand_on_and_back_have_a_step_each(desk, walked):
    number = walked([(("hotline", *done), 1) for done in FOUND["helpers go when it is handed on"]])["number"]
    do(
        desk,
        desk.running.client("dispatch:read", "dispatch:write", "dispatch:hand-on"),
        number,
        "take-back",
        {},
    )
    steps = [(step["action"], step["leg_state"]) for step in desk.read(number)["steps"]]
    assert steps[-4:] == [
        ("transfer", "dispatched"), ("release", "released"), ("take-back", "returned"), ("take-back", "dispatched"),
    ]  # fmt: skip
