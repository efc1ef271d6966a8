"""Each unit has its part of a request: signed, given back, extended, stopped, answered, audited (P-2.2.2b)."""

import pytest

from tests.kit.dispatch import sending
from tests.kit.dispatch.conftest import NOTE, Desk

pytestmark = pytest.mark.clause("P-2.2.2b")

RETURN = {"note": "不属本单位", "to_unit": "housing-centre", "duty": "住房由房管中心负责"}


def part(request, unit):
    [found] = [
        leg for leg in request["legs"] if leg["unit"] == unit and leg["state"] not in ("returned", "released")
    ]
    return found


def test_three_clocks_start_at_dispatch_and_run_for_themselves(desk):
    number = desk.sent()
    leg = part(desk.read(number), "government-office")
    assert leg["dispatched_at"] == "2024-06-24T09:30:00+08:00"
    assert leg["sign_due_at"] == "2024-06-24T16:00:00+08:00", "four hours in which offices are open"
    assert leg["contact_due_at"] == "2024-06-25T23:59:59+08:00"
    assert leg["answer_due_at"] == "2024-06-27T23:59:59+08:00"
    desk.running.clock.advance(hours=5)
    signed = part(desk.act(desk.office, number, "accept"), "government-office")
    assert signed["signed_at"] == "2024-06-24T14:30:00+08:00"
    assert signed["answer_due_at"] == leg["answer_due_at"], "signing late does not win time"


def test_a_part_goes_from_dispatch_to_audit(desk):
    number = desk.sent()
    for who, action, state, whole in (
        (desk.office, "accept", "signed", "accepted"),
        (desk.office, "contact", "contacted", "accepted"),
        (desk.office, "report", "in_progress", "accepted"),
        (desk.office, "answer", "answered", "answered"),
        (desk.hotline, "send-back", "in_progress", "accepted"),
        (desk.office, "answer", "answered", "answered"),
        (desk.hotline, "audit", "audited", "answered"),
    ):
        request = desk.act(who, number, action, **NOTE)
        assert (part(request, "government-office")["state"], request["state"]) == (state, whole)


def test_a_request_that_is_another_s_goes_there_and_its_clocks_start_anew(desk):
    number = desk.sent()
    asked = desk.act(desk.office, number, "ask-return", **RETURN)
    assert asked["next_actor"]["action"] == "grant-return"
    desk.running.clock.advance(hours=1)
    granted = desk.act(desk.hotline, number, "grant-return", **NOTE)
    assert (granted["unit"], granted["state"], granted["units"]) == ("housing-centre", "received", 2)
    assert part(granted, "housing-centre")["dispatched_at"] == "2024-06-24T10:30:00+08:00"
    assert [leg["state"] for leg in granted["legs"]] == ["returned", "dispatched"]
    assert desk.refused(desk.office, number, "accept") == (403, "another-units-request")
    assert desk.act(desk.housing, number, "accept")["state"] == "accepted"


def test_a_unit_whose_return_is_refused_has_to_act(desk):
    number = desk.sent()
    desk.act(desk.office, number, "ask-return", **RETURN)
    refused = desk.act(desk.hotline, number, "refuse-return", note="属贵单位职责")
    assert (part(refused, "government-office")["state"], part(refused, "government-office")["forced"]) == (
        "signed",
        True,
    )
    assert desk.refused(desk.office, number, "ask-return", **RETURN) == (409, "not-in-this-state")


def test_a_return_comes_in_time_at_most_twice_and_to_somebody_else(desk):
    late = desk.sent()
    desk.running.clock.advance(days=2)
    assert desk.refused(desk.office, late, "ask-return", **RETURN) == (409, "return-too-late")
    number = desk.sent()
    assert desk.refused(desk.office, number, "ask-return", **RETURN | {"to_unit": "government-office"}) == (
        409,
        "already-theirs",
    )
    for who, to in ((desk.office, "housing-centre"), (desk.housing, "supervision-office")):
        desk.act(who, number, "ask-return", **RETURN | {"to_unit": to})
        desk.act(desk.hotline, number, "grant-return", **NOTE)
    again = RETURN | {"to_unit": "justice-bureau"}
    assert desk.refused(desk.supervision, number, "ask-return", **again) == (409, "returned-too-often")


def test_parts_that_ask_at_once_are_given_back_no_oftener_than_one(desk):
    number = desk.sent()
    for unit in ("housing-centre", "supervision-office"):
        desk.act(desk.hotline, number, "join", unit=unit, **NOTE)
    for who in (desk.office, desk.housing):
        desk.act(who, number, "ask-return", **RETURN | {"to_unit": "justice-bureau"})
    again = RETURN | {"to_unit": "justice-bureau"}
    assert desk.refused(desk.supervision, number, "ask-return", **again) == (409, "returned-too-often")
    desk.act(desk.hotline, number, "refuse-return", unit="housing-centre", **NOTE)
    desk.act(desk.supervision, number, "ask-return", **again)


def test_what_the_hotline_sends_on_itself_is_no_return(desk):
    number = desk.sent()
    for matter in ("supervision-complaint", "government-affairs"):
        desk.act(desk.hotline, number, "transfer", matter=matter, **NOTE)
    for who, to in ((desk.office, "housing-centre"), (desk.housing, "supervision-office")):
        desk.act(who, number, "ask-return", **RETURN | {"to_unit": to})
        desk.act(desk.hotline, number, "grant-return", **NOTE)
    again = RETURN | {"to_unit": "justice-bureau"}
    assert desk.refused(desk.supervision, number, "ask-return", **again) == (409, "returned-too-often")


def test_a_return_names_a_duty_and_who_should_have_it(desk):
    number = desk.sent()
    for missing in ("to_unit", "duty"):
        body = {name: value for name, value in RETURN.items() if name != missing}
        answer = desk.office.post(f"/dispatch/requests/{number}/ask-return", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{missing}"


def test_more_time_is_asked_for_before_the_term_ends_and_granted_or_not(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    until = "2024-07-05T18:00:00+08:00"
    assert desk.refused(
        desk.office, number, "ask-extension", note="配件", until="2024-06-26T00:00:00+08:00"
    ) == (
        422,
        "not-an-extension",
    )
    assert desk.refused(desk.hotline, number, "grant-extension") == (409, "nothing-asked")
    asked = desk.act(desk.office, number, "ask-extension", note="配件", until=until)
    assert (asked["due_at"], asked["next_actor"]["action"]) == (
        "2024-06-27T23:59:59+08:00",
        "grant-extension",
    )
    assert desk.refused(desk.office, number, "ask-extension", note="配件", until=until) == (
        409,
        "extension-pending",
    )
    assert desk.act(desk.hotline, number, "grant-extension")["due_at"] == until
    desk.running.clock.advance(days=12)
    late = {"note": "配件", "until": "2024-07-20T18:00:00+08:00"}
    assert desk.refused(desk.office, number, "ask-extension", **late) == (409, "extension-too-late")


def test_a_stopped_clock_does_not_run_and_goes_on_with_what_was_left(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.hotline, number, "pause", note="等候来电人提供材料")
    assert desk.refused(desk.hotline, number, "pause", **NOTE) == (409, "already-paused")
    desk.running.clock.advance(days=7)
    assert not desk.read(number)["overdue"]
    resumed = desk.act(desk.hotline, number, "resume")
    assert resumed["due_at"] == "2024-07-04T23:59:59+08:00", "three working days were left of three"
    assert desk.refused(desk.hotline, number, "resume") == (409, "not-paused")


def test_a_pause_moves_what_is_asked_for_too(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.office, number, "ask-extension", note="配件", until="2024-06-28T18:00:00+08:00")
    desk.act(desk.hotline, number, "pause", **NOTE)
    desk.running.clock.advance(days=7)
    assert desk.act(desk.hotline, number, "resume")["due_at"] == "2024-07-04T23:59:59+08:00"
    assert desk.act(desk.hotline, number, "grant-extension")["due_at"] == "2024-07-05T23:59:59+08:00"


def test_what_is_granted_never_shortens_a_term(serve):
    desk = Desk(serve(sending.service))
    anybody = desk.running.client("dispatch:read", "office:write", "dispatch:any-unit", name="anybody")
    number = desk.sent(matter="case")  # two hours
    desk.act(anybody, number, "accept")
    desk.act(anybody, number, "ask-extension", note="配件", until="2024-06-24T15:00:00+08:00")
    desk.act(desk.hotline, number, "transfer", matter="street-lamp", **NOTE)  # the same street, the same day
    assert desk.act(desk.hotline, number, "grant-extension")["due_at"] == "2024-06-24T23:59:59+08:00"


def test_more_time_may_be_asked_for_while_the_clock_is_stopped(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.hotline, number, "pause", **NOTE)
    desk.running.clock.advance(days=7)
    asked = desk.act(desk.office, number, "ask-extension", note="配件", until="2024-07-19T18:00:00+08:00")
    assert asked["next_actor"]["action"] == "grant-extension"


def test_a_clock_is_stopped_with_a_reason_only(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    assert desk.refused(desk.hotline, number, "pause") == (422, "no-note")


def test_a_request_of_several_units_is_answered_when_all_have_answered(desk):
    number = desk.sent()
    joined = desk.act(desk.hotline, number, "join", unit="housing-centre", **NOTE)
    assert [(leg["unit"], leg["lead"]) for leg in joined["legs"]] == [
        ("government-office", True),
        ("housing-centre", False),
    ]
    assert desk.refused(desk.hotline, number, "join", unit="housing-centre", **NOTE) == (
        409,
        "already-theirs",
    )
    assert desk.act(desk.office, number, "answer", **NOTE)["state"] == "accepted"
    assert desk.read(number)["next_actor"]["unit"] == "housing-centre"
    done = desk.act(desk.housing, number, "answer", note="已配合")
    assert (done["state"], done["answer"]) == ("answered", "说明")
    assert set(desk.listed(unit="housing-centre")) == {number}


def test_a_unit_that_helps_is_let_go_and_the_lead_unit_is_not(desk):
    number = desk.sent()
    desk.act(desk.hotline, number, "join", unit="housing-centre", **NOTE)
    assert desk.refused(desk.hotline, number, "release", **NOTE) == (409, "lead-stays")
    assert desk.refused(desk.hotline, number, "release", unit="justice-bureau", **NOTE) == (
        422,
        "no-such-leg",
    )
    released = desk.act(desk.hotline, number, "release", unit="housing-centre", **NOTE)
    assert [leg["state"] for leg in released["legs"]] == ["dispatched", "released"]
    assert desk.act(desk.office, number, "answer", **NOTE)["state"] == "answered"


def test_the_citizen_is_contacted_for_the_first_time_once(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.act(desk.office, number, "contact", **NOTE)
    desk.act(desk.office, number, "report", **NOTE)
    assert desk.refused(desk.office, number, "contact", **NOTE) == (409, "already-contacted")


def test_a_decision_about_another_units_part_is_told_to_name_that_unit(desk):
    number = desk.sent()
    desk.act(desk.hotline, number, "join", unit="housing-centre", **NOTE)
    desk.act(desk.housing, number, "ask-return", **RETURN | {"to_unit": "justice-bureau"})
    path = f"/dispatch/requests/{number}/refuse-return"
    refusal = desk.hotline.post(path, json=NOTE)
    assert refusal.status_code == 409
    assert refusal.json()["detail"].endswith("区住房保障综合服务中心承办的部分可以，请在 unit 中写明。"), (
        refusal.text
    )
    assert desk.hotline.post(path, json=NOTE | {"unit": "housing-centre"}).status_code == 200
