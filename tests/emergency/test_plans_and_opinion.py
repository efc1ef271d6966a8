"""Plans that stay to be revised until they are filed anew; reports in the media until they are answered."""

import pytest

from services.emergency.app import service
from services.emergency.plans.plans import load_district_plan


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return running.client()


def district(office):
    return office.get("/plans", params={"level": "district"}).json()["items"][0]


@pytest.mark.clause("E-1.6")
def test_the_district_plan_is_there_with_its_number_and_others_are_linked_to_it(running, office):
    plan = district(office)
    assert plan["current"]["document"] == "东政办发〔2024〕31号"
    street = {"name": "罕台镇预案", "level": "street", "owner": "罕台镇", "parent_id": plan["id"]}
    office.post("/plans", json=street)

    assert [
        each["name"] for each in office.get("/plans", params={"parent_id": plan["id"]}).json()["items"]
    ] == ["罕台镇预案"]
    running.run(load_district_plan)
    assert running.sql("SELECT count(*) FROM plan_versions") == [(1,)]


@pytest.mark.clause("E-1.6")
def test_who_has_no_plan_and_which_plan_is_not_filed_is_listed(office):
    def lacking():
        return {unit["name"] for unit in office.get("/plans/lacking").json()["units"]}

    assert len(lacking()) == 19 + 15
    office.post("/plans", json={"name": "罕台镇预案", "level": "street", "owner": "罕台镇"})
    assert "罕台镇" not in lacking()
    mine = {"name": "某煤矿", "kind": "mining", "size": "large", "supervisor": "区能源局", "street": "铜川镇"}
    office.post("/companies", json=mine)
    assert [each["name"] for each in office.get("/plans/lacking-companies").json()["items"]] == ["某煤矿"]
    unfiled = [each["name"] for each in office.get("/plans/unfiled").json()["items"]]
    assert sorted(unfiled) == ["东胜区生产安全事故应急预案", "罕台镇预案"]


@pytest.mark.parametrize(
    "wrong", [{"level": "company"}, {"level": "street", "company_id": "01990000-0000-7000-8000-000000000000"}]
)
def test_a_plan_belongs_to_a_unit_or_to_a_company(office, wrong):
    assert office.post("/plans", json={"name": "某预案", "owner": "罕台镇"} | wrong).status_code == 422


def trigger(office, plan_id, kind="resources-changed"):
    answer = office.post(f"/plans/{plan_id}/triggers", json={"trigger": kind, "reason": "队伍撤并"})
    assert answer.status_code == 201, answer.json()


def version(office, plan_id, label, issued_on):
    body = {"label": label, "issued_on": issued_on, "effective_on": issued_on}
    answer = office.post(f"/plans/{plan_id}/versions", json=body)
    assert answer.status_code == 201, answer.json()
    return answer.json()["current"]["id"]


def file(office, plan_id, version_id, filed_on):
    body = {"filed_with": "市应急管理局", "filed_on": filed_on}
    return office.post(f"/plans/{plan_id}/versions/{version_id}/file", json=body)


@pytest.mark.clause("E-7.2")
def test_a_trigger_stays_open_until_a_version_issued_after_it_is_filed(running, office):
    plan = district(office)["id"]
    trigger(office, plan)
    shown = [each["trigger"] for each in district(office)["open_triggers"]]
    assert shown == ["resources-changed"]

    running.clock.advance(days=30)
    revised = version(office, plan, "2024 修订", "2024-07-20")
    assert len(district(office)["open_triggers"]) == 1  # revised, not filed yet
    running.clock.advance(days=1)
    trigger(office, plan, "maker-decides")  # after the revision was issued: not answered by it
    filed = file(office, plan, revised, "2024-07-24")

    assert [each["trigger"] for each in filed.json()["open_triggers"]] == ["maker-decides"]
    closed = office.get("/revision-triggers", params={"open": False}).json()["items"]
    assert [(each["trigger"], each["closed_by"]) for each in closed] == [("resources-changed", revised)]
    assert office.get("/plans/unfiled").json()["items"] == []


@pytest.mark.clause("E-7.2")
def test_filing_the_version_that_needs_revision_closes_nothing(running, office):
    plan = district(office)
    running.clock.advance(days=3)
    trigger(office, plan["id"])
    filed = file(office, plan["id"], plan["current"]["id"], "2024-06-27")
    assert len(filed.json()["open_triggers"]) == 1


@pytest.mark.clause("E-7.2")
@pytest.mark.parametrize(
    "kind",
    [
        "rules-or-risks-changed",
        "resources-changed",
        "information-changed",
        "practice-found-problems",
        "maker-decides",
    ],
)
def test_each_of_the_five_triggers_can_be_recorded(office, kind):
    trigger(office, district(office)["id"], kind)


def test_another_trigger_is_refused_with_the_five_named(office):
    body = {"trigger": "bored", "reason": "无事"}
    refused = office.post(f"/plans/{district(office)['id']}/triggers", json=body)
    assert refused.status_code == 422
    assert "五种情形" in refused.json()["errors"][0]["reason"]


@pytest.mark.parametrize("day", ["2024-06-23", "2024-06-25"])
def test_a_version_is_filed_once_between_its_issue_and_today(office, day):
    plan = district(office)
    assert file(office, plan["id"], plan["current"]["id"], day).status_code == 422
    assert file(office, plan["id"], plan["current"]["id"], "2024-06-24").status_code == 200
    assert file(office, plan["id"], plan["current"]["id"], "2024-06-24").status_code == 409


REPORT = {"summary": "网帖称爆炸", "source": "短视频", "found_at": "2024-06-24T09:10:00+08:00"}


@pytest.mark.clause("E-3.2c")
def test_a_report_in_the_media_is_found_checked_and_answered_in_this_order(running, office):
    media = running.client("emergency:read", "emergency:publicity")
    path = f"/opinions/{office.post('/opinions', json=REPORT).json()['id']}"
    check = {"verdict": "false", "findings": "现场正常"}

    assert media.post(f"{path}/answer", json={"answer": "不实"}).status_code == 409
    assert office.post(f"{path}/check", json=check).status_code == 403
    assert media.post(f"{path}/check", json=check).json()["state"] == "checked"
    assert len(office.get("/opinions/lacking").json()["items"]) == 1
    answered = media.post(f"{path}/answer", json={"answer": "经核实不实"}).json()
    assert (answered["state"], answered["verdict"], answered["answered_at"]) == (
        "answered",
        "false",
        "2024-06-24T09:30:00+08:00",
    )
    assert office.get("/opinions/lacking").json()["items"] == []


@pytest.mark.parametrize(
    ("found_at", "status"), [("2024-06-24T09:35:00+08:00", 201), ("2024-06-24T09:35:01+08:00", 422)]
)
def test_a_report_is_not_found_more_than_five_minutes_from_now(office, found_at, status):
    assert office.post("/opinions", json=REPORT | {"found_at": found_at}).status_code == status
