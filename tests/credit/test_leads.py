"""What the hotline hands in about a company's credit is a lead: an objection in time, evidence, or nothing (P-2.2.2b)."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from kit.district.clock import SHANGHAI
from kit.storage.db import new_id
from kit.testing import Client, Running
from kit.web.caller import Person
from tests.credit.conftest import CODES, listed
from tests.credit.property_events import send
from tests.credit.test_evaluations import step

pytestmark = [pytest.mark.clause("P-2.2.2b"), pytest.mark.clause("P-2.3.2a")]
YEAR = {"begins_on": "2024-01-01", "ends_on": "2024-12-31"}
REASON = "整改已按期完成，不应扣分"


@pytest.fixture(autouse=True)
def in_january(clock) -> None:
    clock.now = datetime(2025, 1, 6, 9, 30, tzinfo=SHANGHAI)


@pytest.fixture
def record(enter, company) -> str:
    """A bad record of the period, entered before its results are published."""
    return enter("N03", company, on="2024-06-20")["id"]


@pytest.fixture
def published(centre, record) -> str:
    """Results on which companies are heard from 6 to 13 January 2025."""
    id = centre.post("/evaluations", json=YEAR).json()["id"]
    step(centre, id, "compute")
    assert step(centre, id, "publish")["objections_until"] == "2025-01-13"
    return id


def hotline(credit: Running) -> Client:
    return credit.client("dispatch:read", "dispatch:write", name="12345")


def office(credit: Running) -> Client:
    return credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")


def own(credit: Running, code: str = CODES[0]) -> Client:
    scopes = ("credit:read", "credit:company", "dispatch:read", "dispatch:write")
    return credit.client(*scopes, name=f"company-{code}", company=code)


def handed_in(by: Client, status: int = 201, /, *, at: datetime | None = None, **details) -> dict:
    body = {"matter": "credit-objection", "summary": "不认可扣分", "details": details}
    if at is not None:
        body["received_at"] = at.isoformat()
    answer = by.post("/dispatch/requests", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def noticed(place: str, pattern: UUID, kind: str = "company") -> dict:
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/property",
        "type": "dispatch.pattern.noticed",
        "subject": str(pattern),
        "time": datetime(2025, 1, 6, 8, tzinfo=SHANGHAI).isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "matter": "property-service",
            "kind": kind,
            "place": place,
            "words": "最近 28 天有 5 件",
            "requests": ["DS-PQ-20250105-0001"],
        },
    }


def notes(credit: Running, number: str) -> list[str]:
    steps = hotline(credit).get(f"/dispatch/requests/{number}").json()["steps"]
    return [each["note"] for each in steps if each["action"] == "refer"]


def leads(credit: Running, **params) -> list[dict]:
    return office(credit).get("/leads", params=params).json()["items"]


def test_request_becomes_a_lead_and_the_lead_an_objection(credit, published, record):
    taken = handed_in(hotline(credit), uscc=CODES[0].lower(), record=record, reason=REASON)
    [lead] = leads(credit, state="received", company=CODES[0])
    assert (lead["id"], lead["request"], lead["reason"]) == (taken["reference"], taken["number"], REASON)
    assert lead["allowed"] == ["dismiss", "file", "record"]
    filed = office(credit).post(f"/leads/{lead['id']}/file", json={"decision": "在期内收到"}).json()
    assert filed["state"] == "filed"
    objection = office(credit).get(f"/objections/{filed['objection_id']}").json()
    assert (objection["record_id"], objection["reason"]) == (record, REASON)
    office(credit).post(f"/objections/{objection['id']}/uphold", json={"decision": "查无此事"})
    assert notes(credit, taken["number"]) == ["信用线索已作为异议受理：在期内收到", "异议成立：查无此事"]


@pytest.mark.parametrize(
    ("at", "slug"),
    [
        (datetime(2025, 1, 5, 23, 59, 59, tzinfo=SHANGHAI), "not-published"),
        (datetime(2025, 1, 6, tzinfo=SHANGHAI), None),
        (datetime(2025, 1, 13, 23, 59, 59, tzinfo=SHANGHAI), None),
        (datetime(2025, 1, 14, tzinfo=SHANGHAI), "objection-late"),
    ],
)
def test_objection_is_in_time_by_the_day_that_its_request_came_in(credit, clock, published, at, slug):
    clock.now = datetime(2025, 1, 20, 9, tzinfo=SHANGHAI)
    lead = handed_in(hotline(credit), at=at, uscc=CODES[0])["reference"]
    answer = office(credit).post(f"/leads/{lead}/file", json={"decision": "予以受理"})
    if slug is None:
        assert answer.status_code == 200, answer.text
        objection = office(credit).get(f"/objections/{answer.json()['objection_id']}").json()
        assert datetime.fromisoformat(objection["filed_at"]) == at
    else:
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, slug)
        assert leads(credit, state="received") != []


@pytest.mark.parametrize(("day", "status"), [(13, 409), (14, 200)])
def test_lead_of_the_term_has_to_be_decided_before_objections_end(credit, clock, published, day, status):
    clock.now = datetime(2025, 1, 20, 9, tzinfo=SHANGHAI)
    handed_in(hotline(credit), at=datetime(2025, 1, day, 23, tzinfo=SHANGHAI), uscc=CODES[0])
    step(office(credit), published, "settle", status)


def test_request_that_is_given_this_matter_later_becomes_a_lead_once(credit, published):
    body = {"matter": "credit-list-query", "summary": "不认可扣分", "details": {"uscc": CODES[0]}}
    number = hotline(credit).post("/dispatch/requests", json=body).json()["number"]
    references = set()
    for matter in ("credit-objection", "credit-list-query", "credit-objection"):
        moved = hotline(credit).post(
            f"/dispatch/requests/{number}/transfer", json={"matter": matter, "note": "是异议"}
        )
        assert moved.status_code == 200, moved.text
        references.add(moved.json()["reference"])
    [lead] = leads(credit, state="received")
    assert references == {lead["id"]}
    assert lead["request"] == number


def test_request_given_this_matter_later_about_no_company_that_there_is_stays_a_request(credit, published):
    body = {"matter": "credit-list-query", "summary": "不认可扣分", "details": {"company": "无此物业公司"}}
    number = hotline(credit).post("/dispatch/requests", json=body).json()["number"]
    given = {"matter": "credit-objection", "note": "是异议"}
    moved = hotline(credit).post(f"/dispatch/requests/{number}/transfer", json=given)
    assert (moved.status_code, moved.json()["matter"]) == (200, "credit-objection")
    assert moved.json()["reference"] is None
    steps = hotline(credit).get(f"/dispatch/requests/{number}").json()["steps"]
    assert "没有这家纳入信用评价的企业" in steps[-1]["seen"]["became_nothing"]
    assert leads(credit) == []


def test_company_s_own_request_is_an_objection_at_once(credit, published, record):
    taken = handed_in(own(credit), record=record, reason=REASON)
    [lead] = leads(credit, state="filed")
    assert lead["id"] == taken["reference"]
    [objection] = office(credit).get("/objections").json()["items"]
    assert (objection["id"], objection["record_id"]) == (lead["objection_id"], record)
    office(credit).post(f"/objections/{objection['id']}/reject", json={"decision": "扣分无误"})
    assert notes(credit, taken["number"]) == ["异议不成立：扣分无误"]
    assert own(credit).get(f"/leads/{lead['id']}").json()["state"] == "filed"
    # It reads its own request, and does nothing to it that is the hotline's to do.
    path = f"/dispatch/requests/{taken['number']}"
    assert own(credit).get(path).json()["reference"] == lead["id"]
    assert own(credit).post(f"{path}/remark", json={"note": "请尽快"}).status_code == 404
    listed(credit, "乙物业（虚构）", CODES[1])
    assert own(credit, CODES[1]).get(path).status_code == 404
    assert own(credit, CODES[1]).get(f"/leads/{lead['id']}").status_code == 404


def test_company_objects_once_to_the_same(credit, published):
    handed_in(own(credit))
    assert handed_in(own(credit), 409)["type"].endswith("objected-before")


def test_company_does_not_say_itself_when_its_request_came_in(credit, clock, published):
    clock.now = datetime(2025, 1, 14, tzinfo=SHANGHAI)
    handed_in(own(credit), at=clock.now - timedelta(hours=1))
    [lead] = leads(credit, state="received")
    assert datetime.fromisoformat(lead["received_at"]) == clock.now


def test_company_hands_in_about_itself_alone(credit, company, published):
    listed(credit, "乙物业（虚构）", CODES[1])
    [lead] = [handed_in(own(credit), uscc=CODES[1])["reference"]]
    assert office(credit).get(f"/leads/{lead}").json()["company_id"] == str(company)
    query = {"matter": "credit-list-query", "summary": "查询"}
    assert own(credit).post("/dispatch/requests", json=query).status_code == 403
    assert handed_in(own(credit, "91110000100000000X"), 403)["type"].endswith("for-companies")


def test_of_two_companies_people_behind_one_client_each_reads_its_own_request_alone(
    credit, company, published
):
    listed(credit, "乙物业（虚构）", CODES[1])
    scopes = ("dispatch:read", "dispatch:write")
    one, other = (
        credit.client(*scopes, name="console", company=code, person=Person(code, "某人"))
        for code in CODES[:2]
    )
    number = handed_in(one)["number"]
    assert one.get(f"/dispatch/requests/{number}").status_code == 200
    assert other.get(f"/dispatch/requests/{number}").status_code == 404


def test_same_request_handed_in_again_is_the_same_lead(credit, published):
    body = {"matter": "credit-objection", "summary": "不认可扣分", "source": "city", "external_number": "7"}
    answers = [own(credit).post("/dispatch/requests", json=body) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 200]
    assert answers[0].json()["reference"] == answers[1].json()["reference"]
    assert len(leads(credit)) == 1


@pytest.mark.parametrize(
    ("details", "pointer"),
    [
        ({"uscc": CODES[1]}, "/details/uscc"),
        ({"company": "乙物业（虚构）"}, "/details/company"),
        ({"uscc": CODES[0], "record": str(new_id())}, "/details/record"),
        ({"uscc": "9111"}, "/details/uscc"),
    ],
)
def test_what_is_named_and_is_not_there_is_refused(credit, company, details, pointer):
    assert handed_in(hotline(credit), 422, **details)["errors"][0]["pointer"] == pointer


def test_request_that_names_no_company_is_a_request_alone(credit, company):
    assert handed_in(hotline(credit))["reference"] is None
    assert leads(credit) == []


def test_company_is_found_by_its_name(credit, company):
    handed_in(hotline(credit), company="甲物业(虚构)")
    assert [each["company_id"] for each in leads(credit)] == [str(company)]


def test_lead_becomes_evidence_of_a_record_of_its_company(credit, centre, enter, company, record):
    other = enter("N03", listed(credit, "乙物业（虚构）", CODES[1]), on="2024-06-20")["id"]
    taken = handed_in(hotline(credit), uscc=CODES[0])
    path = f"/leads/{taken['reference']}/record"
    for wrong in (other, str(new_id())):
        answer = centre.post(path, json={"record_id": wrong, "decision": "同一行为"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/record_id")
    answer = centre.post(path, json={"record_id": record, "decision": "同一行为"})
    assert (answer.json()["state"], answer.json()["evidence_of_id"]) == ("recorded", record)
    assert notes(credit, taken["number"]) == ["信用线索已作为信用信息的依据：同一行为"]


@pytest.mark.parametrize("action", ["file", "record", "dismiss"])
def test_decided_lead_is_decided_once(credit, centre, published, record, action):
    lead = handed_in(hotline(credit), uscc=CODES[0])["reference"]
    said = {"decision": "查无此事"}
    answer = centre.post(f"/leads/{lead}/dismiss", json=said)
    assert (answer.json()["state"], answer.json()["allowed"]) == ("unfounded", [])
    body = said | ({"record_id": record} if action == "record" else {})
    assert centre.post(f"/leads/{lead}/{action}", json=body).status_code == 409


def test_street_decides_no_lead(credit, street, company):
    lead = handed_in(hotline(credit), uscc=CODES[0])["reference"]
    assert street.post(f"/leads/{lead}/dismiss", json={"decision": "不实"}).status_code == 403


def test_pattern_about_an_evaluated_company_is_one_lead(credit, company):
    pattern = new_id()
    for event in (told := noticed(CODES[0], pattern), told, noticed(CODES[0], pattern)):
        assert send(credit, event).is_success
    assert send(credit, noticed(str(company), new_id())).is_success
    found = leads(credit)
    assert [each["company_id"] for each in found] == [str(company)] * 2
    assert (found[0]["pattern"], found[0]["request"]) == (str(pattern), None)
    [opened] = office(credit).get(f"/leads/{found[0]['id']}").json()["steps"]
    assert opened["seen"] == {"requests": ["DS-PQ-20250105-0001"]}
    answer = office(credit).post(f"/leads/{found[0]['id']}/dismiss", json={"decision": "节前集中反映"})
    assert answer.json()["state"] == "unfounded"


@pytest.mark.parametrize(("place", "kind"), [(CODES[1], "company"), (CODES[0], "compound")])
def test_pattern_about_another_or_about_a_compound_is_passed_over(credit, company, place, kind):
    assert send(credit, noticed(place, new_id(), kind)).is_success
    assert leads(credit) == []
