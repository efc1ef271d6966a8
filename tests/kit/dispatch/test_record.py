"""The record of a request only grows, and from it follows how the request stood at any moment (P-2.2.2b)."""

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


ACTIONS = {
    "accept": ("unit", {}),
    "contact": ("unit", NOTE),
    "report": ("unit", NOTE),
    "answer": ("unit", NOTE),
    "ask-return": ("unit", {"note": "不属", "duty": "职责", "to_unit": "justice-bureau"}),
    "grant-return": ("hotline", NOTE),
    "refuse-return": ("hotline", NOTE),
    "ask-extension": ("unit", {"note": "配件", "until": "2024-08-05T18:00:00+08:00"}),
    "grant-extension": ("hotline", {}),
    "pause": ("hotline", NOTE),
    "resume": ("hotline", {}),
    "join": ("hotline", NOTE | {"unit": "housing-centre"}),
    "release": ("hotline", NOTE | {"unit": "housing-centre"}),
    "audit": ("hotline", {}),
    "send-back": ("hotline", NOTE),
    "redo": ("hotline", NOTE),
    "close": ("hotline", {}),
    "decline": ("hotline", NOTE),
}


@given(walk=st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 30)), max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_the_state_follows_from_the_parts_and_from_the_record(desk, walk):
    anybody = desk.running.client("dispatch:read", "office:write", "dispatch:any-unit", name="anybody")
    number = desk.sent()
    for action, hours in walk:
        desk.running.clock.advance(hours=hours)
        who, body = ACTIONS[action]
        caller = anybody if who == "unit" else desk.hotline
        may = action in desk.read(number, caller)["allowed"]
        answer = caller.post(f"/dispatch/requests/{number}/{action}", json=body)
        assert answer.status_code in ((200, 409, 422) if may else (409, 422)), answer.text
        if answer.status_code == 409:
            assert answer.json()["detail"]
    request = desk.read(number)
    if request["state"] in ("received", "accepted", "answered"):
        legs = [
            DispatchLeg(lead=leg["lead"], state=leg["state"], dispatched_at=leg["dispatched_at"])
            for leg in request["legs"]
        ]
        assert request["state"] == state_of(legs)
    _, told = standing(desk, number, desk.running.clock().isoformat())
    assert (told["state"], told["unit"], told["due_at"], told["overdue"]) == tuple(
        request[name] for name in ("state", "unit", "due_at", "overdue")
    )
    assert told["legs"] == {
        leg["unit"]: leg["state"] for leg in request["legs"] if leg["state"] not in ("returned", "released")
    }
    over = request["state"] in ("closed", "declined")
    assert (request["next_actor"] is None) <= over, "somebody always has to act until it is over"
