"""Requests whose words tell of an accident are alarms, whatever their matter is and whichever service has them."""

import pytest
from pydantic import SecretStr

from kit.testing import SECRET
from services.emergency.app import service
from tests.credit.property_events import delivery
from tests.emergency.alarm_events import alarming
from tests.emergency.conftest import Emergency
from tests.figures import overdue


@pytest.fixture
def emergency(serve):
    return Emergency(serve(service, event_secrets={"property": SecretStr(SECRET)}))


@pytest.fixture
def hear(emergency):
    def told(event: dict) -> int:
        return emergency.running.stranger().post("/events", **delivery(event)).status_code

    return told


def alarms(emergency, **asked: str) -> list[dict]:
    return emergency.office.get("/alarms", params=asked).json()["items"]


@pytest.mark.clause("E-4.1a", "E-4.1b", "P-2.2.2b")
def test_an_accident_told_as_a_complaint_about_noise_rings_the_duty_officer_once(emergency, hear):
    event = alarming()
    assert [hear(event), hear(event), hear(alarming())] == [204, 204, 204]

    [alarm] = alarms(emergency, state="open")
    assert (alarm["number"], alarm["service"], alarm["matter"]) == (
        "DS-PQ-20240624-0001",
        "property",
        "noise",
    )
    assert (alarm["words"], alarm["division"]) == (["爆炸", "被困"], "天骄街道")
    assert (alarm["received_at"], alarm["heard_at"]) == (
        "2024-06-24T09:10:00+08:00",
        "2024-06-24T09:30:00+08:00",
    )
    assert alarm["allowed"] == ["dismiss", "join", "make-incident"]
    [(_, rung)] = emergency.events("emergency.alarm.raised")
    assert (rung["number"], rung["shift"]) == (alarm["number"], None)


@pytest.mark.clause("E-2.1d", "E-4.1b")
def test_whoever_has_the_watch_is_rung_and_again_until_it_is_decided(emergency, hear):
    shift = emergency.duty.post(
        "/duty-shifts", json={"day": "2024-06-24", "half": "day", "officer": "某值班员（虚构）"}
    ).json()["id"]
    hear(alarming())
    [(_, rung)] = emergency.events("emergency.alarm.raised")
    assert rung["shift"] == shift

    for minutes, reminders in ((9, []), (1, [1]), (10, [1, 2])):
        emergency.clock.advance(minutes=minutes)
        emergency.running.tick("ring-again")
        told = emergency.events("emergency.alarm.unhandled")
        assert [data["reminders"] for _, data in told] == reminders
    [alarm] = alarms(emergency)
    emergency.move(emergency.office, f"/alarms/{alarm['id']}/dismiss", reason="电话核实，装修噪声")
    emergency.clock.advance(minutes=10)
    emergency.running.tick("ring-again")
    assert len(emergency.events("emergency.alarm.unhandled")) == 2


@pytest.mark.clause("E-4.1b")
def test_what_nobody_decides_is_told_as_overdue_once_it_has_rung_again(emergency, hear):
    hear(alarming())
    assert overdue(emergency.running, "alarm") == {}
    emergency.clock.advance(minutes=10)
    emergency.running.tick("ring-again")
    assert overdue(emergency.running, "alarm") == {("alarm", ""): (1, 600)}
    [alarm] = alarms(emergency)
    emergency.move(emergency.office, f"/alarms/{alarm['id']}/dismiss", reason="电话核实，装修噪声")
    assert overdue(emergency.running, "alarm") == {}


@pytest.mark.clause("E-4.1b")
def test_made_an_incident_it_was_known_since_the_request_came_in(emergency, hear):
    hear(alarming())
    [alarm] = alarms(emergency)
    facts = {"place": "示例小区 5 号楼", "endangered": 2, "deaths": "不清楚"}
    facts["occurred_at"] = "2024-06-24T10:30:00+08:00"  # an hour ahead
    made = emergency.move(
        emergency.office, f"/alarms/{alarm['id']}/make-incident", reason="回拨核实", facts=facts
    )

    assert (made["state"], made["incident"], made["allowed"]) == ("incident", "DS-E-20240624-0001", [])
    incident = emergency.duty.get(f"/incidents/{made['incident']}").json()
    assert (incident["first_known_at"], incident["request"]) == (alarm["received_at"], alarm["number"])
    assert (incident["place"], incident["division"], incident["endangered"]) == (
        "示例小区 5 号楼",
        "天骄街道",
        2,
    )
    assert [each["field"] for each in incident["unread"]] == ["deaths", "occurred_at"]
    assert alarms(emergency, state="open") == []
    [(_, told)] = emergency.events("emergency.alarm.handled")
    assert (told["number"], told["incident"]) == (alarm["number"], made["incident"])


@pytest.mark.clause("E-4.1e")
def test_joined_to_a_file_it_is_a_further_call_of_it(emergency, hear):
    file = emergency.report().removeprefix("/incidents/")
    hear(alarming())
    [alarm] = alarms(emergency)
    joined = emergency.move(emergency.office, f"/alarms/{alarm['id']}/join", into=file, reason="同一起")

    assert (joined["state"], joined["incident"]) == ("joined", file)
    incident = emergency.duty.get(f"/incidents/{file}").json()
    assert incident["first_known_at"] == alarm["received_at"]
    assert len(emergency.duty.get(f"/incidents/{file}/reports").json()) == 2


@pytest.mark.clause("E-4.1c")
def test_an_alarm_is_decided_once_and_by_the_office_alone(emergency, hear):
    hear(alarming())
    [alarm] = alarms(emergency)
    path = f"/alarms/{alarm['id']}"
    emergency.move(emergency.duty, f"{path}/dismiss", 403, reason="不是事故")
    done = emergency.move(emergency.office, f"{path}/dismiss", reason="电话核实，装修噪声")
    assert (done["state"], done["reason"], done["incident"]) == ("none", "电话核实，装修噪声", None)
    for action, body in (
        ("dismiss", {}),
        ("make-incident", {}),
        ("join", {"into": "DS-E-20240624-0001"}),
    ):
        refused = emergency.move(emergency.office, f"{path}/{action}", 409, reason="再次", **body)
        assert refused["type"].endswith("not-in-this-state")


def test_a_street_sees_its_own_alarms(emergency, hear):
    hear(alarming())
    hear(alarming("DS-PQ-20240624-0002", division="建设街道"))
    hear(alarming("DS-PQ-20240624-0003", division=None))
    street = emergency.role(name="street", division="建设街道")
    assert [each["number"] for each in street.get("/alarms").json()["items"]] == ["DS-PQ-20240624-0002"]
    found = alarms(emergency, division="天骄街道")
    assert [each["number"] for each in found] == ["DS-PQ-20240624-0001"]


def test_an_event_that_says_too_little_is_refused(hear):
    assert hear(alarming(words=None)) == 422


@pytest.mark.clause("E-4.1b", "P-2.2.2b")
def test_a_request_of_the_service_itself_is_heard_too(emergency):
    hotline = emergency.running.client("dispatch:write", "dispatch:read", name="hotline")
    body = {"matter": "safety-hazard", "division": "铜川镇", "address": "示例煤业 2 号井"}
    quiet = hotline.post("/dispatch/requests", json=body | {"summary": "安全帽不够"}).json()
    loud = hotline.post("/dispatch/requests", json=body | {"summary": "井下坍塌，有人被埋"}).json()

    [alarm] = alarms(emergency)
    assert (alarm["number"], alarm["service"], loud["reference"]) == (loud["number"], "emergency", None)
    assert quiet["urgency"] == "normal"
    made = emergency.move(emergency.office, f"/alarms/{alarm['id']}/make-incident", reason="属实")
    request = hotline.get(f"/dispatch/requests/{loud['number']}").json()
    assert request["reference"] == made["incident"]
    incident = emergency.duty.get(f"/incidents/{made['incident']}").json()
    assert incident["place"] == "示例煤业 2 号井"


def test_a_request_that_is_taken_as_an_accident_has_no_alarm_left(emergency):
    hotline = emergency.running.client("dispatch:write", "dispatch:read", name="hotline")
    body = {"matter": "safety-hazard", "division": "铜川镇", "summary": "井下坍塌，有人被埋"}
    number = hotline.post("/dispatch/requests", json=body).json()["number"]
    emergency.move(emergency.office, f"/dispatch/requests/{number}/accident", 201, reason="属实")
    [alarm] = alarms(emergency, state="handled")
    assert (alarm["number"], alarm["state"], alarm["incident"]) == (number, "incident", "DS-E-20240624-0001")


@pytest.mark.parametrize("matter", ["production-accident", "possible-accident"])
def test_a_request_that_becomes_an_accident_by_another_matter_does_so_once_and_has_no_alarm_left(
    emergency, matter
):
    hotline = emergency.running.client("dispatch:write", "dispatch:read", name="hotline")
    body = {"matter": "safety-hazard", "division": "铜川镇", "summary": "井下坍塌，有人被埋"}
    number = hotline.post("/dispatch/requests", json=body).json()["number"]
    for given in (matter, "safety-hazard", matter):
        moved = hotline.post(f"/dispatch/requests/{number}/transfer", json={"matter": given, "note": "转办"})
        assert (moved.status_code, moved.json()["reference"]) == (200, "DS-E-20240624-0001"), moved.text
    [alarm] = alarms(emergency, state="handled")
    assert (alarm["state"], alarm["incident"]) == ("incident", "DS-E-20240624-0001")
    [incident] = emergency.duty.get("/incidents").json()["items"]
    assert incident["request"] == number
    steps = hotline.get(f"/dispatch/requests/{number}").json()["steps"]
    assert "became_nothing" not in {name for step in steps for name in step["seen"]}


def test_every_matter_of_the_service_is_an_accident_at_once_or_is_listened_to():
    assert [matter.code for matter in service.matters if matter.taken is None] == []
