"""A hotline call with an accident becomes an incident."""

import pytest

from services.emergency.incidents.facts import Told

CALL = {
    "matter": "production-accident",
    "summary": "煤矿井下塌方，有人被困",
    "division": "铜川镇",
    "address": "示例煤业 2 号井",
    "citizen": {"name": "李先生", "phone": "13812345678"},
    "external_number": "12345-20240624-000007",
    "details": {"company": "示例煤业公司", "endangered": 2, "deaths": 0},
}


@pytest.fixture
def hotline(emergency):
    return emergency.running.client("dispatch:write", "dispatch:read", name="hotline")


@pytest.mark.clause("E-4.1b")
def test_the_call_is_answered_with_the_incidents_number(emergency, hotline):
    taken = hotline.post("/dispatch/requests", json=CALL)

    request = taken.json()
    assert taken.status_code == 201
    assert (request["unit"], request["reference"]) == ("emergency-bureau", "DS-E-20240624-0001")
    assert request["due_at"] == "2024-06-24T10:30:00+08:00"
    incident = emergency.duty.get(f"/incidents/{request['reference']}").json()
    assert (incident["unit"], incident["endangered"], incident["division"]) == ("示例煤业公司", 2, "铜川镇")
    report = emergency.duty.get(f"/incidents/{request['reference']}/reports").json()[0]
    assert (report["channel"], report["reporter"], report["reporter_phone"]) == (
        "12345",
        "citizen",
        "138****5678",
    )


def test_the_same_call_sent_twice_is_one_incident(emergency, hotline):
    first, again = (hotline.post("/dispatch/requests", json=CALL).json() for _ in range(2))
    assert first["reference"] == again["reference"]
    assert emergency.running.sql("SELECT count(*) FROM incidents") == [(1,)]


@pytest.mark.clause("E-4.1d")
@pytest.mark.parametrize(
    ("details", "field", "text"),
    [
        ({"deaths": -1}, "deaths", "-1"),
        ({"deaths": "三"}, "deaths", "三"),
        ({"direct_loss_yuan": 1.5}, "direct_loss_yuan", "1.5"),
        ({"occurred_at": "2024-06-24T10:00:00+08:00"}, "occurred_at", "2024-06-24T10:00:00+08:00"),
        ({"casualties": 3}, "casualties", "3"),
    ],
)
def test_wrong_details_do_not_stand_over_the_call(emergency, hotline, details, field, text):
    taken = hotline.post("/dispatch/requests", json=CALL | {"details": details})

    assert taken.status_code == 201
    incident = emergency.duty.get(f"/incidents/{taken.json()['reference']}").json()
    assert [(each["field"], each["text"]) for each in incident["unread"]] == [(field, text)]


def test_a_call_without_details_is_taken_and_a_citizens_words_stay_in_the_report(emergency, hotline):
    taken = hotline.post("/dispatch/requests", json={"matter": "production-accident", "summary": "冒烟了"})
    assert taken.status_code == 201
    number = taken.json()["reference"]
    assert number.startswith("DS-E-")
    (event,) = emergency.events("emergency.incident.reported")
    assert event[1]["place"] == "地点待核实（12345 来电）"
    assert emergency.duty.get(f"/incidents/{number}").json()["said"]["course"] == "冒烟了"


@pytest.mark.clause("E-4.1d", "P-2.2.2b")
def test_what_the_hotline_asks_is_what_a_report_may_tell_and_none_of_it_is_required(hotline):
    [found] = [
        each for each in hotline.get("/dispatch/matters").json() if each["code"] == "production-accident"
    ]
    asked = found["questions"]
    assert asked["properties"].keys() <= Told.model_fields.keys()
    assert "required" not in asked
    assert all("\u4e00" <= each["title"][0] <= "\u9fff" for each in asked["properties"].values())
