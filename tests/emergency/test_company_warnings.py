"""A company's own warning reaches the department that supervises it."""

import pytest

from services.emergency.app import service

CODE = "91110000600037341L"
COMPANY = {
    "name": "某化工公司",
    "uscc": CODE,
    "kind": "dangerous_goods",
    "size": "large",
    "supervisor": "区应急管理局",
    "street": "罕台镇",
}


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def plant(running):
    return running.client("emergency:read", "emergency:company", company=CODE)


def department(running, unit):
    return running.client("emergency:read", "emergency:member", unit=unit, name=unit)


@pytest.fixture
def body(running):
    company = running.client().post("/companies", json=COMPANY).json()["id"]
    return {"company_id": company, "signs": "储罐压力升高", "found_at": "2024-06-24T09:20:00+08:00"}


@pytest.mark.clause("E-3.3a")
def test_it_stands_in_the_supervising_department_s_list_until_that_department_has_it(running, plant, body):
    sent = plant.post("/company-warnings", json=body)
    assert (sent.status_code, sent.json()["department"]["name"]) == (201, "区应急管理局")

    bureau = department(running, "emergency-bureau")
    inbox = {"department": "区应急管理局", "state": "sent"}
    assert [each["id"] for each in bureau.get("/company-warnings", params=inbox).json()["items"]] == [
        sent.json()["id"]
    ]

    running.clock.advance(minutes=7)
    path = f"/company-warnings/{sent.json()['id']}/receive"
    assert department(running, "energy-bureau").post(path, json={}).status_code == 403
    received = bureau.post(path, json={"finding": "已派员"})
    assert (received.json()["state"], received.json()["received_at"]) == (
        "received",
        "2024-06-24T09:37:00+08:00",
    )
    assert bureau.get("/company-warnings", params=inbox).json()["items"] == []
    assert bureau.post(path, json={}).status_code == 409


@pytest.mark.clause("E-3.3a")
@pytest.mark.parametrize("exercise", [False, True])
def test_the_event_names_the_department_and_an_exercise_is_told_apart(running, plant, body, exercise):
    plant.post("/company-warnings", json=body | {"exercise": exercise})
    ((kind, unit),) = running.sql(
        "SELECT type, data->>'department' FROM events WHERE type LIKE '%company_warning%'"
    )
    assert (kind, unit) == (
        ("exercise." if exercise else "") + "emergency.company_warning.sent",
        "emergency-bureau",
    )


def test_a_company_warns_for_itself_only_and_the_office_for_any(running, body):
    other = running.client("emergency:read", "emergency:company", company="91110000100000000X")
    assert other.post("/company-warnings", json=body).status_code == 404
    nobody = running.client("emergency:read", "emergency:company")
    assert nobody.post("/company-warnings", json=body).status_code == 403
    assert running.client("emergency:read").post("/company-warnings", json=body).status_code == 403
    office = running.client("emergency:read", "emergency:office")
    assert office.post("/company-warnings", json=body).status_code == 201


def test_signs_cannot_be_found_tomorrow(plant, body):
    refused = plant.post("/company-warnings", json=body | {"found_at": "2024-06-24T09:35:01+08:00"})
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/found_at"]


@pytest.mark.clause("E-3.3a")
def test_a_district_warning_can_name_the_company_warning_that_led_to_it(running, plant, body):
    id = plant.post("/company-warnings", json=body).json()["id"]
    office = running.client("emergency:read", "emergency:warn", unit="emergency-headquarters-office")
    assert office.post("/warnings", json={"company_warning_id": id}).json()["company_warning_id"] == id
    unknown = office.post("/warnings", json={"company_warning_id": body["company_id"]})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/company_warning_id")
