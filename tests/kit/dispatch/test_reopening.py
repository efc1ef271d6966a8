"""What ended without an answer, and its citizen does not accept that: taken up again, or explained (P-2.2.2b)."""

import pytest

from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")

NOT_CONTENT = {"reached": True, "solved": False, "satisfied": False}


@pytest.fixture(params=["decline", "merge"])
def refuted(request, desk):
    """A request that ended so, and that its citizen refuted a day later."""
    number = desk.sent()
    desk.act(desk.hotline, number, "join", unit="housing-centre", **NOTE)
    body = {"into": desk.sent()} if request.param == "merge" else {}
    desk.act(desk.hotline, number, request.param, **NOTE | body)
    assert desk.refused(desk.hotline, number, "reopen", **NOTE) == (409, "not-in-this-state")
    desk.running.clock.advance(days=1)
    told = desk.act(desk.hotline, number, "call-back", **NOT_CONTENT)
    assert (told["next_actor"]["unit"], told["next_actor"]["action"]) == (None, "reopen")
    assert {"reopen", "explain"} <= set(told["allowed"])
    return number


def test_it_is_taken_up_again_by_its_units_whose_clocks_start_now(desk, refuted):
    again = desk.act(desk.hotline, refuted, "reopen", **NOTE)
    assert (again["state"], again["merged_into"], again["satisfied"]) == ("received", None, None)
    assert (again["due_at"], again["next_actor"]["unit"]) == (
        "2024-06-28T23:59:59+08:00",
        "government-office",
    )
    legs = [(leg["unit"], leg["lead"], leg["state"]) for leg in again["legs"]]
    assert legs == [
        ("government-office", True, "returned"),
        ("housing-centre", False, "returned"),
        ("government-office", True, "dispatched"),
        ("housing-centre", False, "dispatched"),
    ]
    standing = desk.hotline.get(f"/dispatch/requests/{refuted}/standing").json()
    assert standing["legs"] == {"government-office": "dispatched", "housing-centre": "dispatched"}
    for unit in (desk.office, desk.housing):
        desk.act(unit, refuted, "answer", **NOTE)
    assert desk.read(refuted)["state"] == "answered"


def test_its_citizen_is_told_why_it_stays_so_and_again_when_they_refute_that(desk, refuted):
    state = desk.read(refuted)["state"]
    for _ in range(2):
        told = desk.act(desk.hotline, refuted, "explain", note="已当面说明政策依据")
        assert (told["state"], told["next_actor"]) == (state, None)
        assert desk.refused(desk.hotline, refuted, "reopen", **NOTE) == (409, "not-in-this-state")
        later = desk.act(desk.hotline, refuted, "call-back", **NOT_CONTENT)
        assert later["next_actor"]["action"] == "reopen"
