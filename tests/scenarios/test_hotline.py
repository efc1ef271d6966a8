"""A 12345 call goes in at the gateway, reaches the service that owns it, and is seen through to its end."""

import pytest

from tests.contract.documents import example_of

CALL = {
    "matter": "property-service",
    "summary": "楼道灯不亮",
    "division": "天骄街道",
    "address": "某小区 3 号楼",
    "citizen": {"name": "张先生", "phone": "13800001234"},
}


@pytest.fixture
def hotline(district):
    with district.client("hotline") as http:
        yield http


@pytest.mark.clause("P-2.2.2b")
def test_a_call_gets_a_unit_and_a_due_time_is_answered_by_the_street_and_closed_by_the_hotline(
    district, hotline
):
    taken = hotline.post("/dispatch/v1/requests", json=CALL)
    assert taken.status_code == 201, taken.text
    request = taken.json()
    assert (request["service"], request["state"]) == ("property", "received")
    assert (request["unit"], request["unit_name"]) == ("tianjiao-street", "天骄街道")
    assert request["due_at"] > request["received_at"]
    assert request["citizen_phone"] == "138****1234"

    path = f"/dispatch/v1/requests/{request['number']}"
    with district.client("street-tianjiao") as street:
        assert street.post(f"{path}/accept", json={}).json()["state"] == "accepted"
        answered = street.post(f"{path}/answer", json={"note": "已更换。"})
        assert answered.json()["state"] == "answered", answered.text
    assert hotline.post(f"{path}/close", json={}).json()["state"] == "closed"

    seen = hotline.get(path).json()
    assert (seen["state"], seen["answer"], seen["overdue"]) == ("closed", "已更换。", False)
    assert [step["action"] for step in seen["steps"]] == ["take", "accept", "answer", "close"]


def test_the_example_of_the_document_is_taken_as_it_stands(hotline):
    document = hotline.get("/openapi.json").json()
    example = example_of(document, document["paths"]["/dispatch/v1/requests"]["post"])
    assert hotline.post("/dispatch/v1/requests", json=example).status_code == 201


def test_a_call_that_is_sent_twice_is_one_request(hotline):
    call = CALL | {"external_number": "12345-20240624-000001"}
    first, second = (hotline.post("/dispatch/v1/requests", json=call) for _ in range(2))
    assert first.json()["number"] == second.json()["number"]


@pytest.mark.clause("P-2.2.2b")
def test_a_call_that_is_sent_again_with_a_matter_of_another_service_is_one_request(hotline):
    call = CALL | {"external_number": "12345-20240624-000002"}
    first = hotline.post("/dispatch/v1/requests", json=call)
    again = hotline.post("/dispatch/v1/requests", json=call | {"matter": "government-affairs"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["already-received"] == "true"
    assert again.json()["number"] == first.json()["number"]


def test_the_hotline_sees_the_requests_of_all_services_in_one_list(hotline):
    sent = [
        hotline.post("/dispatch/v1/requests", json={"matter": matter, "summary": "咨询"}).json()
        for matter in ("government-affairs", "law-consultation", "credit-list-query")
    ]
    assert [request["service"] for request in sent] == ["office", "lawstudy", "credit"]
    listed = hotline.get("/dispatch/v1/requests", params={"limit": 3}).json()
    assert [request["number"] for request in listed["items"]] == [
        request["number"] for request in reversed(sent)
    ]
    assert listed["unavailable"] == []


@pytest.mark.clause("E-4.1b")
def test_a_call_about_an_accident_is_an_incident_of_the_emergency_service_at_once(district, hotline):
    call = {
        "matter": "production-accident",
        "summary": "工地脚手架倒塌，三人被埋",
        "division": "罕台镇",
        "details": {"deaths": 3},
    }
    taken = hotline.post("/dispatch/v1/requests", json=call)
    assert taken.status_code == 201, taken.text
    request = taken.json()
    assert (request["service"], request["unit"]) == ("emergency", "emergency-bureau")
    with district.client("emergency-bureau") as bureau:
        incident = bureau.get(f"/emergency/v1/incidents/{request['reference']}").json()
    assert (incident["number"], incident["division"]) == (request["reference"], "罕台镇")
    assert incident["assessment"]["grade"] == "larger"


def test_the_overview_has_every_part_of_the_district(district):
    with district.client("operator") as operator:
        answer = operator.get("/overview")
        assert answer.status_code == 200, answer.text
        shown = answer.json()["items"]
        assert {part["part"]: part["state"] for part in shown} == dict.fromkeys(
            ("targets", "requests", "rates", "accidents", "warnings", "patterns", "lists", "session"), "ok"
        )
        for part in shown:
            assert operator.get(part["path"]).status_code == 200, part["path"]
