"""A hotline request that names a compound becomes a complaint about who is in charge there, or a hazard."""

import pytest

from kit.testing import Client
from tests.property.conftest import row

CALL = {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道", "address": "3 号楼"}


@pytest.fixture
def hotline(running) -> Client:
    return running.client("dispatch:write", "dispatch:read", name="12345")


@pytest.fixture
def compound(centre, submit) -> dict:
    submit(row("甲小区"))
    [found] = centre.get("/compounds").json()["items"]
    [company] = centre.get("/companies").json()["items"]
    return {"id": found["id"], "company": company["id"]}


@pytest.fixture
def call(hotline, compound):
    def made(**changes: object) -> dict:
        answer = hotline.post("/dispatch/requests", json=CALL | {"compound": compound["id"]} | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return made


@pytest.fixture
def close(running, hotline):
    unit = running.client("property:write", "dispatch:any-unit", name="unit")

    def closed(number: str) -> None:
        for client, action in ((unit, "answer"), (hotline, "close")):
            answer = client.post(f"/dispatch/requests/{number}/{action}", json={"note": "已更换灯具。"})
            assert answer.status_code == 200, answer.text

    return closed


def events(running, kind: str) -> list[dict]:
    return [data for (data,) in running.sql("SELECT data FROM events WHERE type = %s ORDER BY id", kind)]


@pytest.mark.clause("P-2.2.2b")
@pytest.mark.parametrize("matter", ["property-service", "property-fee"])
@pytest.mark.parametrize("in_details", [False, True])
def test_a_complaint_is_on_the_compound_and_the_company_in_charge(call, centre, compound, matter, in_details):
    said = {"compound": None, "details": {"compound": compound["id"]}} if in_details else {}
    request = call(matter=matter, **said)

    assert request["compound"] == compound["id"]
    complaint = centre.get(f"/complaints/{request['reference']}").json()
    assert (complaint["request"], complaint["compound_id"]) == (request["number"], compound["id"])
    assert (complaint["company_id"], complaint["received_on"]) == (compound["company"], "2024-06-24")
    assert (complaint["state"], complaint["allowed"]) == ("received", ["confirm", "reject"])
    found = centre.get("/complaints", params={"company": compound["company"], "state": "received"}).json()
    assert [each["id"] for each in found["items"]] == [request["reference"]]


@pytest.mark.clause("P-2.3.2a")
def test_what_was_found_right_after_closing_is_told_once_and_taken_back_once(
    running, call, close, centre, compound
):
    request = call()
    path = f"/complaints/{request['reference']}"
    early = centre.post(f"{path}/confirm", json={"note": "属实"})
    assert (early.status_code, early.json()["type"].split(":")[-1]) == (409, "request-not-closed")
    close(request["number"])

    answers = [centre.post(f"{path}/confirm", json={"note": "现场核实属实"}).status_code for _ in range(2)]
    assert answers == [200, 409]
    [told] = events(running, "property.complaint.confirmed")
    assert told == {
        "complaint": request["reference"],
        "request": request["number"],
        "matter": "property-service",
        "compound": compound["id"],
        "company": compound["company"],
        "project": None,
        "received_on": "2024-06-24",
    }
    answers = [centre.post(f"{path}/withdraw", json={"note": "申诉成立"}).status_code for _ in range(2)]
    assert answers == [200, 409]
    assert events(running, "property.complaint.withdrawn") == [{"complaint": request["reference"]}]
    assert [each["action"] for each in centre.get(path).json()["steps"]] == ["open", "confirm", "withdraw"]


@pytest.mark.clause("P-2.3.2a")
def test_what_was_not_right_is_told_to_nobody_and_a_company_does_not_decide(running, call, centre):
    path = f"/complaints/{call()['reference']}"
    writer = running.client("property:read", "property:write", name="writer")
    assert writer.post(f"{path}/reject", json={"note": "没有的事"}).status_code == 403
    assert centre.post(f"{path}/reject", json={"note": "灯具完好"}).json()["state"] == "rejected"
    assert centre.post(f"{path}/confirm", json={"note": "属实"}).status_code == 409
    assert events(running, "property.complaint.confirmed") == []


@pytest.mark.clause("P-2.2.4a", "P-2.2.2b")
@pytest.mark.parametrize(
    ("matter", "kind"),
    [
        ("fire-lane", "fire-lane"),
        ("falling-objects", "falling-objects"),
        ("curtain-wall", "curtain-wall"),
        ("fire-equipment", "fire-equipment"),
        ("shared-pipes", "pipes"),
        ("e-bike-charging", "e-bike"),
        ("lift-maintenance", "lift"),
    ],
)
def test_a_request_about_a_hazard_stands_in_the_ledger_as_reported(call, centre, compound, matter, kind):
    request = call(matter=matter, description="业主反映多次")
    hazard = centre.get(f"/hazards/{request['reference']}").json()
    assert (hazard["kind"], hazard["state"], hazard["request"]) == (kind, "reported", request["number"])
    assert (hazard["compound_id"], hazard["company_id"]) == (compound["id"], compound["company"])
    assert (hazard["place"], hazard["description"]) == ("3 号楼", "业主反映多次")
    assert hazard["allowed"] == ["clear"]


@pytest.mark.parametrize("changes", [{"compound": None}, {"matter": "owners-committee"}])
def test_one_without_a_compound_or_of_another_matter_stays_a_request(running, call, changes):
    assert call(**changes)["reference"] is None
    assert running.sql("SELECT count(*) FROM complaints") == [(0,)]


def test_a_hazard_that_the_ledger_reports_is_not_entered_a_second_time(running, centre, compound):
    body = {"compound_id": compound["id"], "kind": "fire-lane", "place": "东侧", "description": "堵塞"}
    hazard = centre.post("/hazards", json=body | {"found_on": "2024-06-24"}).json()["id"]
    for action in ("dissuade", "report"):
        assert centre.post(f"/hazards/{hazard}/{action}", json={"note": "劝阻无效"}).status_code == 200
    assert running.sql("SELECT count(*) FROM hazards") == [(1,)]


@pytest.mark.clause("P-2.2.2b", "P-2.2.4a")
def test_one_that_gets_its_matter_later_becomes_each_kind_of_thing_once(running, hotline, call, centre):
    request = call(matter="owners-committee")
    references = []
    for matter in ("property-fee", "fire-lane", "property-service", "lift-maintenance"):
        moved = hotline.post(
            f"/dispatch/requests/{request['number']}/transfer", json={"matter": matter, "note": "转办"}
        )
        assert moved.status_code == 200, moved.text
        references.append(moved.json()["reference"])
    complaint, hazard = references[:2]
    assert references == [complaint, hazard, complaint, hazard]
    assert centre.get(f"/complaints/{complaint}").json()["request"] == request["number"]
    assert centre.get(f"/hazards/{hazard}").json()["kind"] == "fire-lane"
    counted = "SELECT (SELECT count(*) FROM complaints), (SELECT count(*) FROM hazards)"
    assert running.sql(counted) == [(1, 1)]


def test_no_other_compound_than_one_of_the_street_is_taken(hotline, compound):
    wrong = CALL | {"compound": compound["id"], "division": "交通街道"}
    refused = hotline.post("/dispatch/requests", json=wrong)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/compound")


@pytest.mark.clause("P-2.2.2b")
def test_the_bulletin_and_the_early_warning_know_which_company_a_request_is_about(
    running, hotline, call, centre, compound
):
    call(compound=None, received_at="2023-06-01T08:00:00+08:00")  # the service has a past
    call()
    call(matter="fire-lane", summary="消防车通道被堵")
    call(compound=None)
    [company] = centre.get("/companies").json()["items"]
    answer = hotline.get("/dispatch/bulletin", params={"month": "2024-06", "by": "company"})
    assert answer.status_code == 200, answer.text
    received = {
        row["key"]: next(each["numerator"] for each in row["figures"] if each["figure"] == "received")
        for row in answer.json()["groups"]
    }
    key = company["uscc"] or company["id"]
    assert received == {key: 2, None: 1}
    call()
    running.tick("notice-patterns")
    patterns = hotline.get("/dispatch/patterns", params={"kind": "company"}).json()["items"]
    assert patterns == [], "three of one matter are needed"
    call()
    running.clock.advance(days=1)
    running.tick("notice-patterns")
    [pattern] = hotline.get("/dispatch/patterns", params={"kind": "company"}).json()["items"]
    assert (pattern["place"], pattern["count"]) == (key, 3)
