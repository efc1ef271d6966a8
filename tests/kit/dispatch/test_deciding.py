"""What is decided about a request: redone, called back, declined, merged, sent on, appealed against (P-2.2.2b)."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.kit.conftest import eventually, queueing
from tests.kit.dispatch import sending
from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")


def answered(desk, **changes):
    number = desk.sent(**changes)
    desk.act(desk.office, number, "answer", note="已办理")
    return number


def test_closed_and_solved_are_two_things(desk):
    number = answered(desk)
    told = desk.act(desk.hotline, number, "call-back", reached=True, solved=False, satisfied=False)
    assert (told["state"], told["solved"], told["satisfied"]) == ("answered", False, False)
    closed = desk.act(desk.hotline, number, "close")
    assert (closed["state"], closed["solved"]) == ("closed", False)


def test_a_call_that_reaches_nobody_does_not_undo_what_was_said(desk):
    number = answered(desk)
    desk.act(desk.hotline, number, "call-back", reached=True, solved=True, satisfied=True)
    assert desk.refused(desk.hotline, number, "call-back", reached=False, solved=True) == (
        422,
        "invalid-request",
    )
    later = desk.act(desk.hotline, number, "call-back", reached=False)
    assert (later["reached"], later["solved"], later["satisfied"]) == (True, True, True)


def test_a_request_is_redone_as_the_same_with_a_new_term_and_counted(desk):
    number = answered(desk)
    desk.act(desk.hotline, number, "call-back", reached=True, solved=False, satisfied=False)
    desk.running.clock.advance(days=1)
    redone = desk.act(desk.hotline, number, "redo", note="来电人不满意")
    assert (redone["number"], redone["redos"], redone["state"], redone["solved"]) == (
        number,
        1,
        "accepted",
        None,
    )
    assert redone["due_at"] == "2024-06-28T23:59:59+08:00"
    assert redone["legs"][0]["round"] == 2


@pytest.mark.parametrize(("solved", "satisfied"), [(False, False), (True, False), (False, None)])
def test_what_its_citizen_refutes_after_it_was_closed_is_redone(desk, solved, satisfied):
    number = answered(desk)
    assert desk.act(desk.hotline, number, "close")["next_actor"] is None
    desk.running.clock.advance(days=1)
    desk.act(desk.hotline, number, "call-back", reached=True, solved=solved, satisfied=satisfied)
    told = desk.act(desk.hotline, number, "call-back", reached=False)
    assert (told["state"], told["next_actor"]["unit"], told["next_actor"]["action"]) == (
        "closed",
        None,
        "redo",
    )
    assert desk.refused(desk.office, number, "redo", **NOTE) == (403, "not-your-role")
    redone = desk.act(desk.hotline, number, "redo", **NOTE)
    assert (redone["state"], redone["redos"], redone["closed_at"], redone["solved"]) == (
        "accepted",
        1,
        None,
        None,
    )
    assert (redone["due_at"], redone["legs"][0]["round"]) == ("2024-06-28T23:59:59+08:00", 2)
    assert redone["next_actor"]["action"] == "answer"
    desk.act(desk.office, number, "answer", **NOTE)
    assert desk.act(desk.hotline, number, "close")["next_actor"] is None


def test_what_its_citizen_is_content_with_in_the_end_stays_closed(desk):
    number = answered(desk)
    desk.act(desk.hotline, number, "close")
    for content, following in ((False, {"redo"}), (True, set())):
        told = desk.act(desk.hotline, number, "call-back", reached=True, solved=True, satisfied=content)
        assert {each["action"] for each in (told["next_actor"],) if each} == following
        assert {"redo"} & set(desk.read(number)["allowed"]) == following
    assert desk.refused(desk.hotline, number, "redo", **NOTE) == (409, "not-in-this-state")


def test_an_appeal_is_decided_before_what_is_closed_is_redone(desk):
    number = answered(desk)
    desk.act(desk.hotline, number, "close")
    desk.act(desk.hotline, number, "call-back", reached=True, solved=False, satisfied=False)
    told = desk.act(desk.office, number, "appeal", figure="answer", note="停电")
    assert told["next_actor"]["action"] == "uphold-appeal"
    assert desk.refused(desk.hotline, number, "redo", **NOTE) == (409, "not-in-this-state")
    told = desk.act(desk.hotline, number, "reject-appeal", figure="answer")
    assert told["next_actor"]["action"] == "redo"
    assert desk.act(desk.hotline, number, "redo", **NOTE)["state"] == "accepted"


def test_what_was_redone_three_times_or_had_three_units_is_raised_by_itself(desk):
    redone = answered(desk)
    for _ in range(3):
        assert desk.raised(redone) == []
        desk.act(desk.hotline, redone, "redo", **NOTE)
        desk.act(desk.office, redone, "answer", **NOTE)
    assert (desk.raised(redone), desk.read(redone)["raised"]) == (["escalate"], "escalate")
    passed = desk.sent()
    for who, to in ((desk.office, "housing-centre"), (desk.housing, "justice-bureau")):
        assert desk.raised(passed) == []
        desk.act(who, passed, "ask-return", note="不属本单位", to_unit=to, duty="职责")
        desk.act(desk.hotline, passed, "grant-return", **NOTE)
    assert desk.raised(passed) == ["escalate"]


def test_each_reason_raises_a_request_by_itself_once(desk):
    number = desk.sent()
    for matter in (
        "supervision-complaint",
        "government-affairs",
        "supervision-complaint",
        "government-affairs",
    ):
        desk.act(desk.hotline, number, "transfer", matter=matter, **NOTE)
    for _ in range(5):
        desk.act(desk.office, number, "answer", **NOTE)
        desk.act(desk.hotline, number, "redo", **NOTE)
    raised = [step["note"] for step in desk.read(number)["steps"] if step["action"] == "raise"]
    assert raised == ["已经 3 个单位承办仍未落实，提级办理", "已重办 3 次仍未解决，提级办理"]
    with pytest.raises(psycopg.errors.UniqueViolation):
        desk.running.sql(
            "INSERT INTO dispatch_steps (id, request_id, at, action, client, state, rung, seen) SELECT gen_random_uuid(),"
            " request_id, at, action, client, state, rung, seen FROM dispatch_steps WHERE rung = 'redos'"
        )


def test_a_demand_is_unreasonable_when_two_say_so(desk):
    number = desk.sent()
    assert desk.refused(desk.hotline, number, "confirm-unreasonable", agreed=True, **NOTE) == (
        409,
        "nothing-found-unreasonable",
    )
    found = desk.act(desk.office, number, "find-unreasonable", note="没有政策依据")
    assert found["state"] == "received"
    both = desk.running.client("dispatch:write", "dispatch:read", "office:write", name="government-office")
    assert desk.refused(both, number, "confirm-unreasonable", agreed=True, **NOTE) == (403, "same-person")
    assert desk.act(desk.hotline, number, "confirm-unreasonable", agreed=False, **NOTE)["state"] == "received"
    desk.act(desk.office, number, "find-unreasonable", note="没有政策依据")
    declined = desk.act(desk.hotline, number, "confirm-unreasonable", agreed=True, **NOTE)
    assert declined["state"] == "declined"
    assert declined["next_actor"]["action"] == "call-back", "the citizen is told"


def test_the_database_too_wants_two_persons(desk):
    number = desk.sent()
    with pytest.raises(psycopg.errors.CheckViolation):
        desk.running.sql(
            "UPDATE dispatch_requests SET unreasonable_by = 'a', declined_by = 'a' WHERE number = %s", number
        )


def test_a_double_is_merged_and_both_citizens_are_called_back(desk):
    first, second, third = desk.sent(), desk.sent(), desk.sent()
    merged = desk.act(desk.hotline, second, "merge", into=first, **NOTE)
    assert (merged["state"], merged["merged_into"]) == ("merged", first)
    assert merged["next_actor"]["action"] == "call-back"
    desk.act(desk.hotline, first, "merge", into=third, **NOTE)
    assert desk.read(second)["merged_into"] == third, "whoever follows finds the one that goes on"
    assert desk.read(third)["merged"] == [first, second]
    assert desk.act(desk.hotline, second, "call-back", reached=True, solved=True)["next_actor"] is None


def test_a_double_that_follows_its_request_into_another_has_a_step_and_is_told_of(desk):
    first, second, third = desk.sent(), desk.sent(), desk.sent()
    desk.act(desk.hotline, second, "merge", into=first, **NOTE)
    before = desk.read(second)["updated_at"]
    desk.running.clock.advance(hours=1)
    desk.act(desk.hotline, first, "merge", into=third, **NOTE)
    followed = desk.read(second)
    assert followed["updated_at"] > before
    last = followed["steps"][-1]
    assert (last["action"], last["seen"]) == ("merge", {"into": third, "along_with": first})
    told = "SELECT count(*) FROM events WHERE type = 'dispatch.request.moved' AND subject = %s"
    assert desk.running.sql(told, second) == [(2,)]


def test_merges_of_a_double_and_of_what_it_is_a_double_of_do_not_wait_for_each_other(desk):
    double, middle, end = (desk.sent() for _ in range(3))
    desk.act(desk.hotline, double, "merge", into=middle, **NOTE)

    def merge(number, into):
        return desk.hotline.post(f"/dispatch/requests/{number}/merge", json=NOTE | {"into": into})

    lock = "SELECT FROM dispatch_requests WHERE number = %s FOR UPDATE"
    with ThreadPoolExecutor(2) as threads:
        with psycopg.connect(desk.running.url.replace("+psycopg", "")) as held:
            held.execute(lock, [end])
            first = threads.submit(merge, middle, end)  # has the middle, and then wants the double
            eventually(lambda: queueing(desk.running, 1))
            second = threads.submit(merge, double, middle)
            eventually(lambda: queueing(desk.running, 2))
        assert first.result().status_code == 200
        assert sending.slug(second.result()) == (422, "no-request-to-merge-into")
    assert desk.read(double)["merged_into"] == end


def test_a_street_s_token_merges_within_its_street_and_sees_no_number_of_another_s(desk):
    own, other = desk.sent(), desk.sent(division="公园街道")
    street = desk.running.client("dispatch:read", "dispatch:write", division="天骄街道", name="street")
    assert desk.refused(street, own, "merge", into=other, **NOTE) == (422, "no-request-to-merge-into")
    desk.act(desk.hotline, other, "merge", into=own, **NOTE)
    assert (desk.read(own)["merged"], desk.read(own, street)["merged"]) == ([other], [])


@pytest.mark.parametrize("action", ["decline", "merge"])
def test_what_ended_without_an_answer_is_overdue_no_more_and_its_citizen_is_called_until_reached(
    desk, action
):
    number = desk.sent()
    body = NOTE | ({"into": desk.sent(matter="supervision-complaint")} if action == "merge" else {})
    desk.running.clock.advance(days=5)
    assert desk.listed(overdue=True) == [number]
    assert not desk.act(desk.hotline, number, action, **body)["overdue"]
    standing = desk.hotline.get(f"/dispatch/requests/{number}/standing").json()
    assert (standing["state"], standing["overdue"]) == (desk.read(number)["state"], False)
    assert desk.listed(overdue=True) == []
    assert number in desk.listed(overdue=False)
    missed = desk.act(desk.hotline, number, "call-back", reached=False)
    assert missed["next_actor"]["action"] == "call-back"
    assert desk.act(desk.hotline, number, "call-back", reached=True)["next_actor"] is None


def test_a_late_answer_stays_late_when_the_request_is_closed(desk):
    number = desk.sent()
    desk.running.clock.advance(days=5)
    desk.act(desk.office, number, "answer", **NOTE)
    assert desk.act(desk.hotline, number, "close")["overdue"]
    assert desk.listed(overdue=True) == [number]


@pytest.mark.parametrize("into", ["itself", "nothing", "declined"])
def test_nothing_is_merged_into_itself_nothing_or_what_has_ended(desk, into):
    number, other = desk.sent(), desk.sent()
    desk.act(desk.hotline, other, "decline", **NOTE)
    target = {"itself": number, "nothing": "DS-OQ-20240624-9999", "declined": other}[into]
    assert desk.refused(desk.hotline, number, "merge", into=target, **NOTE) == (
        422,
        "no-request-to-merge-into",
    )


def test_a_request_of_another_matter_of_the_service_goes_to_that_matter_s_unit(desk):
    number = desk.sent()
    moved = desk.act(desk.hotline, number, "transfer", matter="supervision-complaint", **NOTE)
    assert (moved["matter"], moved["unit"], moved["state"]) == (
        "supervision-complaint",
        "supervision-office",
        "received",
    )
    assert moved["due_at"] == "2024-07-11T23:59:59+08:00", "thirteen working days"
    steps = [step["action"] for step in desk.read(number)["steps"]]
    assert steps == ["take", "transfer", "dispatch"], "the record has causes before what follows from them"
    assert desk.refused(desk.hotline, number, "transfer", matter="supervision-complaint", **NOTE) == (
        409,
        "already-theirs",
    )


def test_a_request_stays_where_it_is_while_the_other_service_cannot_be_reached(desk):
    number = desk.sent()
    answer = desk.hotline.post(
        f"/dispatch/requests/{number}/transfer", json={"matter": "lift-maintenance", "note": "电梯"}
    )
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert desk.read(number)["state"] == "received"


def test_an_appeal_is_decided_by_another_and_once(desk):
    number = answered(desk)
    assert desk.refused(desk.office, number, "appeal", figure="answer", note="停电") == (
        409,
        "not-in-this-state",
    )
    desk.act(desk.hotline, number, "close")
    assert desk.refused(desk.hotline, number, "uphold-appeal", figure="answer") == (409, "no-appeal")
    asked = desk.act(desk.office, number, "appeal", figure="answer", note="停电")
    assert (asked["state"], asked["next_actor"]["action"]) == ("closed", "uphold-appeal")
    assert desk.refused(desk.office, number, "appeal", figure="answer", note="停电") == (
        409,
        "already-appealed",
    )
    decided = desk.act(desk.hotline, number, "uphold-appeal", figure="answer")
    assert decided["next_actor"] is None
    assert desk.running.sql("SELECT figure, upheld FROM dispatch_appeals") == [("answer", True)]
    assert desk.refused(desk.hotline, number, "reject-appeal", figure="answer") == (409, "no-appeal")


def test_the_appeal_of_a_unit_that_helped_is_decided_as_its_own(desk):
    number = desk.sent()
    desk.act(desk.hotline, number, "join", unit="housing-centre", **NOTE)
    for unit in (desk.office, desk.housing):
        desk.act(unit, number, "answer", **NOTE)
    desk.act(desk.hotline, number, "close")
    desk.act(desk.housing, number, "appeal", figure="answer", note="停电")
    desk.act(desk.hotline, number, "uphold-appeal", figure="answer")
    told = desk.running.sql(
        "SELECT s.unit_of_leg, e.data ->> 'unit' FROM dispatch_steps s, events e"
        " WHERE s.action = 'uphold-appeal' AND e.data ->> 'action' = 'uphold-appeal'"
    )
    assert told == [("housing-centre", "housing-centre")]


def test_a_closed_request_takes_what_its_citizen_says_later_and_nothing_else(desk):
    number = answered(desk)
    desk.act(desk.hotline, number, "close")
    desk.act(desk.hotline, number, "remark", note="来电人又来电致谢")
    for who, action, body in (
        (desk.office, "answer", NOTE),
        (desk.hotline, "redo", NOTE),
        (desk.hotline, "decline", NOTE),
        (desk.hotline, "transfer", NOTE | {"matter": "supervision-complaint"}),
    ):
        assert desk.refused(who, number, action, **body) == (409, "not-in-this-state")
