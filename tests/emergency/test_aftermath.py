"""What follows a response: aftermath, investigation, evaluation, accountability."""

import pytest


def items(emergency, incident: str) -> list[dict]:
    return emergency.duty.get(f"{incident}/aftermath").json()


@pytest.mark.clause("E-5.1")
def test_the_end_of_a_response_opens_what_is_to_be_settled_each_with_an_owner(emergency, ended):
    found = items(emergency, ended)
    owners = {each["entry"]: each["owner_name"] for each in found}

    assert {each["state"] for each in found} == {"open"}
    assert "指挥部办公室" in owners["loss-assessment"]
    assert owners["clean-up"] == "铜川镇"
    assert "martyrs" not in owners
    added = emergency.move(emergency.office, f"{ended}/aftermath", entries=["martyrs"])
    assert len(added) == len(found) + 1


@pytest.mark.clause("E-5.1")
def test_an_item_is_settled_by_its_owner_or_the_office_once(emergency, ended):
    item = next(each["id"] for each in items(emergency, ended) if each["entry"] == "clean-up")
    owner = emergency.member("tongchuan-town")
    emergency.move(emergency.member("tianjiao-street"), f"/tasks/{item}/finish", 403, note="x")
    settled = emergency.move(owner, f"/tasks/{item}/finish", note="已清理")
    again = emergency.move(emergency.office, f"/tasks/{item}/waive", 409, note="x")
    assert (settled["state"], settled["result"]) == ("done", "已清理")
    assert again["basis"][0]["clause"] == "E-5.1"
    listed = next(each for each in items(emergency, ended) if each["id"] == item)
    assert [(each["action"], each["client_unit"]) for each in listed["steps"]] == [
        ("finish", "tongchuan-town")
    ]
    own = owner.get("/tasks", params={"kind": "aftermath", "open": False}).json()["items"]
    assert [each["entry"] for each in own] == ["clean-up"]


@pytest.mark.clause("E-5.1")
@pytest.mark.parametrize("action", ["finish", "waive"])
def test_the_result_of_an_item_is_written_down(emergency, ended, action):
    item = items(emergency, ended)[0]["id"]
    refused = emergency.move(emergency.office, f"/tasks/{item}/{action}", 422)
    assert refused["errors"][0]["pointer"] == "/note"
    assert emergency.move(emergency.office, f"/tasks/{item}/{action}", note="x")["result"] == "x"


@pytest.mark.clause("E-5.1")
def test_aftermath_begins_after_the_response(emergency):
    incident = emergency.report()
    emergency.move(emergency.office, f"{incident}/aftermath", 409, entries=["martyrs"])
    assert items(emergency, incident) == []


def test_an_unknown_item_is_refused_in_place(emergency, ended):
    refused = emergency.move(emergency.office, f"{ended}/aftermath", 422, entries=["martyrs", "party"])
    assert refused["errors"][0]["pointer"] == "/entries/1"


def deadline(emergency, incident: str, id: str) -> dict | None:
    rows = emergency.duty.get(f"{incident}/deadlines").json()
    return next((each for each in rows if each["id"] == id), None)


@pytest.mark.clause("E-5.4")
def test_the_investigations_report_meets_its_deadline_and_starts_the_next(emergency, ended):
    found = emergency.move(emergency.office, f"{ended}/investigation", 201, report="全文", cause="支护不足")
    approval = deadline(emergency, ended, "investigation-approval")
    emergency.move(emergency.office, f"{ended}/investigation/approve", approval="同意")

    assert found["authority"] == "区人民政府"
    assert deadline(emergency, ended, "investigation-report")["standing"] == "met"
    assert approval["due"] == "2024-07-09T23:59:59+08:00"
    assert deadline(emergency, ended, "investigation-approval")["standing"] == "met"
    assert deadline(emergency, ended, "rectification-evaluation")["due"] == "2025-06-24T23:59:59+08:00"
    emergency.move(emergency.office, f"{ended}/investigation", 409, report="x", cause="y")
    emergency.move(emergency.office, f"{ended}/investigation/approve", 409, approval="x")


@pytest.mark.clause("E-5.4")
def test_the_investigations_time_is_extended_as_far_as_the_law_goes(emergency, ended):
    extend = f"{ended}/investigation/extend"
    body = {"deadline": "investigation-report", "document": "区政府批复"}
    emergency.move(emergency.office, extend, days=60, appraisal_days=5, **body)
    beyond = emergency.move(emergency.office, extend, 422, days=61, **body)
    nothing = emergency.move(emergency.office, extend, 422, **body)

    assert deadline(emergency, ended, "investigation-report")["due"] == "2024-10-27T23:59:59+08:00"
    assert (beyond["errors"][0]["pointer"], nothing["errors"][0]["pointer"]) == ("/days", "/days")
    emergency.move(emergency.office, extend, 404, deadline="investigation-approval", days=1, document="x")


def test_an_approval_before_the_report_came_is_refused(emergency, ended):
    emergency.move(emergency.office, f"{ended}/investigation", 201, report="全文", cause="支护不足")
    refused = emergency.move(
        emergency.office,
        f"{ended}/investigation/approve",
        422,
        approval="x",
        approved_at="2024-06-23T00:00:00+08:00",
    )
    assert refused["errors"][0]["pointer"] == "/approved_at"


@pytest.mark.clause("E-5.4")
def test_measures_of_the_evaluation_are_followed_until_done(emergency, ended):
    body = {
        "report": "全过程评估",
        "measures": [{"text": "补充支护物资", "owner": "区能源局", "due": "2024-07-01"}],
    }
    made = emergency.move(emergency.office, f"{ended}/evaluation", 201, **body)
    emergency.move(
        emergency.office,
        f"{ended}/measures",
        201,
        measures=[{"text": "培训", "owner": "区能源局", "due": "2024-12-31"}],
    )
    emergency.clock.advance(days=8)
    late = emergency.duty.get("/measures", params={"overdue": True}).json()["items"]
    emergency.move(emergency.office, f"/measures/{made['measures'][0]['id']}/done", evidence="验收单")
    emergency.move(emergency.office, f"/measures/{made['measures'][0]['id']}/done", 409, evidence="x")

    assert [each["text"] for each in late] == ["补充支护物资"]
    assert [
        each["text"] for each in emergency.duty.get("/measures", params={"open": True}).json()["items"]
    ] == ["培训"]
    assert emergency.duty.get("/measures", params={"overdue": True}).json()["items"] == []
    emergency.move(emergency.office, f"{ended}/evaluation", 409, report="再来")


@pytest.mark.clause("E-5.4")
def test_there_is_no_evaluation_while_the_response_runs(emergency):
    incident = emergency.report()
    emergency.start(incident)
    emergency.move(emergency.office, f"{incident}/evaluation", 409, report="x")


@pytest.mark.clause("E-5.5")
@pytest.mark.parametrize("kind", ["commendation", "accountability"])
def test_commendation_and_accountability_are_on_the_record(emergency, ended, kind):
    body = {"kind": kind, "whom": "矿山救护队", "what": "救出 2 人", "decided_on": "2024-06-24"}
    kept = emergency.move(emergency.office, f"{ended}/accountability", 201, **body)
    assert emergency.duty.get(f"{ended}/accountability").json() == [kept]


USCC = "91110000600037341L"
ACCOUNTABILITY = {
    "kind": "accountability",
    "whom": "示例物业服务公司",
    "company": USCC,
    "what": "消防设施长期停用",
    "document": "东安委〔2024〕12号",
    "decided_on": "2024-06-24",
}
ESTABLISHED = "emergency.responsibility.established"


@pytest.mark.clause("E-5.5")
@pytest.mark.parametrize(
    ("harm", "casualties"),
    [
        ({}, False),
        ({"deaths": 0, "missing": 0, "serious_injuries": 0, "endangered": 2}, False),
        ({"deaths": 1}, True),
        ({"missing": 1}, True),
        ({"serious_injuries": 1}, True),
        ({"minor_injuries": 1}, True),
    ],
)
def test_a_company_found_responsible_is_told_of_with_the_day_of_the_accident_and_whether_anybody_was_hurt(
    emergency, harm, casualties
):
    incident = emergency.report(occurred_at="2024-06-23T18:30:00Z")
    emergency.tell(incident, **({"progress": "已控制"} | harm))
    kept = emergency.move(emergency.office, f"{incident}/accountability", 201, **ACCOUNTABILITY)

    told = {
        "accountability": kept["id"],
        "incident": incident.removeprefix("/incidents/"),
        "uscc": USCC,
        "occurred_on": "2024-06-24",
        "casualties": casualties,
        "what": "消防设施长期停用",
        "document": "东安委〔2024〕12号",
        "decided_on": "2024-06-24",
    }
    assert emergency.events(ESTABLISHED) == [(ESTABLISHED, told)]
    assert emergency.running.sql("SELECT subject FROM events WHERE type = %s", ESTABLISHED) == [(kept["id"],)]
    assert emergency.duty.get(f"{incident}/accountability").json()[0]["company"] == USCC


@pytest.mark.clause("E-5.5")
def test_nobody_is_told_of_whoever_is_no_company_with_a_code(emergency, ended):
    emergency.move(emergency.office, f"{ended}/accountability", 201, **ACCOUNTABILITY | {"company": None})
    assert emergency.events(ESTABLISHED) == []


@pytest.mark.clause("E-5.5")
@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"kind": "commendation"}, "/company"),
        ({"company": "91110000600037341X"}, "/company"),
        ({"decided_on": "2024-06-25"}, "/decided_on"),
    ],
)
def test_a_responsibility_that_cannot_be_is_refused_by_field(emergency, ended, changed, pointer):
    refused = emergency.move(emergency.office, f"{ended}/accountability", 422, **ACCOUNTABILITY | changed)
    assert refused["errors"][0]["pointer"] == pointer
    assert emergency.duty.get(f"{ended}/accountability").json() == []
    assert emergency.events(ESTABLISHED) == []


def test_of_an_exercise_no_company_is_really_found_responsible(emergency):
    incident = emergency.report(exercise=True)
    emergency.move(emergency.office, f"{incident}/accountability", 201, **ACCOUNTABILITY)
    assert emergency.events(ESTABLISHED) == []
    assert len(emergency.events(f"exercise.{ESTABLISHED}")) == 1
