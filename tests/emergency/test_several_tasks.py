"""Several tasks in one call; what a drill leaves behind; a complaint that is an accident."""

import pytest

from services.emergency.plan import roles


def items(incident: str, emergency, **of) -> list[dict]:
    return emergency.duty.get(f"{incident}/aftermath").json()


@pytest.mark.clause("E-5.1")
def test_what_is_to_be_settled_is_settled_in_one_call(emergency, ended):
    open_items = items(ended, emergency)
    body = [{"task": each["id"], "action": "finish", "note": "已办"} for each in open_items]
    done = emergency.move(emergency.office, f"{ended}/tasks/act", items=body)
    assert {each["state"] for each in done} == {"done"}
    assert {each["state"] for each in items(ended, emergency)} == {"done"}


@pytest.mark.clause("E-5.1")
def test_of_several_one_that_cannot_be_done_stops_all_and_is_named(emergency, ended):
    first, second = items(ended, emergency)[:2]
    body = [
        {"task": first["id"], "action": "finish", "note": "已办"},
        {"task": second["id"], "action": "finish"},
    ]
    refused = emergency.move(emergency.office, f"{ended}/tasks/act", 422, items=body)
    assert refused["errors"][0]["pointer"] == "/items/1/note"
    assert {each["state"] for each in items(ended, emergency)} == {"open"}


def test_a_task_of_another_accident_is_none_of_this_one_s(emergency, ended):
    other = emergency.report()
    [task, *_] = emergency.duty.get(f"{other}/tasks").json()
    body = [{"task": task["id"], "action": "acknowledge"}]
    refused = emergency.move(emergency.office, f"{ended}/tasks/act", 404, items=body)
    assert refused["errors"] == [{"pointer": "/items/0", "reason": refused["detail"]}]


@pytest.mark.clause("E-5.1", "E-6.3")
def test_a_drill_leaves_nothing_behind_that_it_does_not_have(emergency):
    drill = emergency.report(exercise=True)
    emergency.start(drill)
    emergency.end(drill)
    assert {each["entry"] for each in items(drill, emergency)} == {"clean-up"}


@pytest.fixture
def complaint(emergency) -> str:
    hotline = emergency.running.client("dispatch:write", "dispatch:read", name="12345")
    body = {
        "matter": "safety-hazard",
        "summary": "井口冒烟",
        "division": "铜川镇",
        "citizen": {"name": "李先生", "phone": "13812345678"},
    }
    number = hotline.post("/dispatch/requests", json=body).json()["number"]
    emergency.clock.advance(minutes=40)
    return number


@pytest.mark.clause("E-4.1b", "E-4.1c")
def test_a_complaint_that_is_an_accident_was_known_since_it_came_in(emergency, complaint):
    made = emergency.move(
        emergency.office,
        f"/dispatch/requests/{complaint}/accident",
        201,
        reason="核实为井下起火",
        facts={"endangered": 2},
    )
    assert (made["first_known_at"], made["division"], made["endangered"]) == (
        "2024-06-24T09:30:00+08:00",
        "铜川镇",
        2,
    )
    upward = next(
        each
        for each in emergency.duty.get(f"/incidents/{made['number']}/deadlines").json()
        if each["id"] == "upward-city"
    )
    assert upward["due"] == "2024-06-24T11:30:00+08:00"
    reader = emergency.running.client("dispatch:read", name="reader")
    request = reader.get(f"/dispatch/requests/{complaint}").json()
    assert (request["reference"], request["steps"][-1]["note"]) == (made["number"], "核实为井下起火")


def test_what_cannot_be_read_of_it_is_kept_as_it_was_told(emergency, complaint):
    told = {"reason": "核实", "facts": {"direct_loss_yuan": "50万"}}
    made = emergency.move(emergency.office, f"/dispatch/requests/{complaint}/accident", 201, **told)
    assert [(each["field"], each["text"]) for each in made["unread"]] == [("direct_loss_yuan", "50万")]


def test_it_becomes_one_accident_and_no_second(emergency, complaint):
    path = f"/dispatch/requests/{complaint}/accident"
    emergency.move(emergency.office, path, 201, reason="核实")
    refused = emergency.move(emergency.office, path, 409, reason="核实")
    assert refused["type"].endswith(":already-an-accident")


def test_what_was_answered_is_reported_anew(emergency, complaint):
    bureau = emergency.running.client("emergency:write", name="bureau", unit="区应急管理局")
    assert bureau.post(f"/dispatch/requests/{complaint}/answer", json={"note": "已核实"}).status_code == 200
    refused = emergency.move(emergency.office, f"/dispatch/requests/{complaint}/accident", 409, reason="核实")
    assert "reported_at" in refused["detail"]


@pytest.mark.clause("E-4.1b")
def test_who_is_not_sure_is_taken_at_once_and_it_says_so(emergency):
    hotline = emergency.running.client("dispatch:write", "dispatch:read", name="12345")
    body = {"matter": "possible-accident", "summary": "闻到异味，不知道是不是泄漏", "division": "天骄街道"}
    request = hotline.post("/dispatch/requests", json=body).json()
    incident = emergency.role(roles.OFFICE).get(f"/incidents/{request['reference']}").json()
    assert incident["said"]["nature"] == "尚不能确定是否事故，请先核实"
