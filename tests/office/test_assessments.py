"""The district assesses itself against the criteria, and units put right what is not met (T-3)."""

from datetime import datetime

import pytest

from kit.district.clock import SHANGHAI

MEDICINE = "traditional-medicine"
CRITERION = {"programme_id": MEDICINE, "number": "1.1", "content": "中医馆覆盖全部社区卫生服务中心"}
UNMET = {"met": False, "finding": "还缺一个", "assessed_on": "2024-06-24"}
ORDER = {"unit": "区财政局", "task": "安排中医馆建设经费", "due_on": "2024-06-30"}
NOTE = {"note": "已经落实"}


@pytest.fixture
def lead(district):
    return district.unit("区卫健委")


def entered(lead, **changes):
    answer = lead.post("/criteria", json={**CRITERION, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def assess(lead, criterion, **changes):
    return lead.post(f"/criteria/{criterion}/assessments", json={**UNMET, **changes})


def ordered(lead, criterion, **changes):
    return lead.post("/corrections", json={"criterion_id": criterion, **ORDER, **changes})


def close(district, *numbers):
    for number in numbers:
        answer = district.manager.post(f"/programmes/{MEDICINE}/stages/{number}/close", json={"note": "完成"})
        assert answer.status_code == 200, answer.text


def slug(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


@pytest.mark.clause("T-3")
def test_the_self_assessment_belongs_to_the_second_stage_alone(district, lead):
    criterion = entered(lead)
    refused = assess(lead, criterion)
    assert slug(refused) == (409, "stage-not-open")
    assert refused.json()["basis"][0]["clause"] == "T-3"
    district.open(MEDICINE, 1, 2)
    assert assess(lead, criterion).status_code == 201
    close(district, 1, 2)
    refused = assess(lead, criterion)
    assert slug(refused) == (409, "stage-closed")
    assert "组织申报评审阶段）已经结束" in refused.json()["detail"]
    late = lead.post("/criteria", json={**CRITERION, "number": "1.2"})
    assert slug(late) == (409, "stage-closed")
    removed = lead.delete(f"/criteria/{criterion}", headers={"If-Match": "*"})
    assert slug(removed) == (409, "stage-closed")


@pytest.mark.clause("T-3")
def test_the_last_result_counts_and_all_are_kept(district, lead):
    district.open(MEDICINE, 1, 2)
    first, second, third = (entered(lead, number=f"1.{each}") for each in (1, 2, 3))
    assess(lead, first)
    assess(lead, first, met=True, evidence=[{"title": "验收单"}])
    assess(lead, second)
    found = lead.get(f"/programmes/{MEDICINE}/self-assessment").json()
    assert [found[each] for each in ("criteria", "met", "unmet", "unassessed")] == [3, 1, 1, 1]
    assert [each["met"] for each in found["items"]] == [True, False, None]
    assert [each["met"] for each in lead.get(f"/criteria/{first}/assessments").json()["items"]] == [
        False,
        True,
    ]
    assert lead.get(f"/criteria/{third}/assessments").json()["items"] == []


@pytest.mark.clause("T-3")
def test_what_is_met_is_shown_by_evidence(district, lead):
    district.open(MEDICINE, 1, 2)
    refused = assess(lead, entered(lead), met=True)
    assert slug(refused) == (422, "no-evidence")
    assert refused.json()["errors"][0]["pointer"] == "/evidence"


@pytest.mark.clause("T-3")
def test_a_unit_puts_right_what_is_not_met_and_the_lead_accepts_it(district, lead):
    district.open(MEDICINE, 1, 2)
    criterion = entered(lead)
    assert slug(ordered(lead, criterion)) == (409, "nothing-to-correct")
    assess(lead, criterion)
    made = ordered(lead, criterion)
    assert made.status_code == 201
    path = made.headers["Location"].removeprefix("/office/v1")
    finance = district.unit("区财政局")
    assert slug(finance.post(f"{path}/finish", json=NOTE)) == (409, "stage-not-open")
    close(district, 1)
    district.open(MEDICINE, 3)
    assert slug(district.unit("区教体局").post(f"{path}/finish", json=NOTE)) == (403, "not-responsible")
    assert slug(finance.post(f"{path}/accept", json=NOTE)) == (403, "not-the-lead")
    assert finance.post(f"{path}/finish", json=NOTE).json()["state"] == "done"
    again = lead.post(f"{path}/redo", json={"note": "经费没有到位"}).json()
    assert (again["state"], again["done_at"]) == ("open", None)
    finance.post(f"{path}/finish", json=NOTE)
    assert lead.post(f"{path}/accept", json=NOTE).json()["state"] == "accepted"
    steps = [each["action"] for each in lead.get(path).json()["steps"]]
    assert steps == ["open", "finish", "redo", "finish", "accept"]


@pytest.mark.clause("T-3")
def test_a_correction_for_a_closed_stage_is_refused_with_its_clause(district, lead):
    district.open(MEDICINE, 1, 2)
    criterion = entered(lead)
    assess(lead, criterion)
    path = ordered(lead, criterion).headers["Location"].removeprefix("/office/v1")
    close(district, 1)
    district.open(MEDICINE, 3)
    close(district, 2, 3)
    for refused in (ordered(lead, criterion), district.unit("区财政局").post(f"{path}/finish", json=NOTE)):
        assert slug(refused) == (409, "stage-closed")
        assert refused.json()["basis"][0]["clause"] == "T-3"
        assert "全面推进阶段）已经结束" in refused.json()["detail"]


@pytest.mark.clause("T-3")
def test_a_correction_is_owed_to_the_end_of_its_day_and_then_late(district, lead):
    district.open(MEDICINE, 1, 2)
    criterion = entered(lead)
    assess(lead, criterion)
    path = ordered(lead, criterion).headers["Location"].removeprefix("/office/v1")
    close(district, 1)
    district.open(MEDICINE, 3)

    def owed(**params):
        items = lead.get("/owed", params={"programme": MEDICINE, "unit": "区财政局", **params}).json()[
            "items"
        ]
        return [(each["standing"], each["days_late"]) for each in items if each["kind"] == "correction"]

    assert owed() == [("due_soon", 0)]
    assert owed(on="2024-07-02") == [("missing", 2)]
    district.at(datetime(2024, 6, 30, 23, 59, 59, 999999, tzinfo=SHANGHAI))
    assert district.unit("区财政局").post(f"{path}/finish", json=NOTE).status_code == 200
    lead = district.unit("区卫健委")
    assert owed(on="2024-07-02") == [("done", 0)]
    assert owed(on="2024-06-29") == [("due_soon", 0)]
    found = lead.get(f"/programmes/{MEDICINE}/self-assessment").json()["items"][0]
    assert [found[each] for each in ("corrections", "unfinished", "overdue")] == [1, 0, 0]


@pytest.mark.clause("T-3")
def test_overdue_corrections_are_counted_by_criterion(district, lead):
    district.open(MEDICINE, 1, 2)
    criterion = entered(lead)
    assess(lead, criterion)
    ordered(lead, criterion)
    ordered(lead, criterion, due_on="2024-07-31")
    district.at(datetime(2024, 7, 1, tzinfo=SHANGHAI))
    found = district.unit("区卫健委").get(f"/programmes/{MEDICINE}/self-assessment").json()["items"][0]
    assert [found[each] for each in ("corrections", "unfinished", "overdue")] == [2, 2, 1]


@pytest.mark.clause("T-3")
@pytest.mark.parametrize(
    ("changes", "refusal", "pointer"),
    [
        ({"due_on": "2024-06-23"}, (422, "bad-period"), "/due_on"),
        ({"unit": "各街道"}, (422, "not-one-unit"), "/unit"),
        ({"unit": "区魔法局"}, (422, "invalid-request"), "/unit"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_at_its_place(district, lead, changes, refusal, pointer):
    district.open(MEDICINE, 1, 2)
    criterion = entered(lead)
    assess(lead, criterion)
    answer = ordered(lead, criterion, **changes)
    assert slug(answer) == refusal
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.clause("T-3")
def test_criteria_and_results_are_the_leads_to_enter(district, lead):
    district.open(MEDICINE, 1, 2)
    other = district.unit("区教体局")
    assert slug(other.post("/criteria", json=CRITERION)) == (403, "not-the-lead")
    criterion = entered(lead)
    assert slug(assess(other, criterion)) == (403, "not-the-lead")
    assert slug(ordered(other, criterion)) == (403, "not-the-lead")
    assert assess(district.manager, criterion).status_code == 201
    assert slug(assess(lead, criterion, assessed_on="2024-06-25")) == (422, "in-the-future")


@pytest.mark.clause("T-3")
def test_a_programme_without_self_assessment_has_no_criteria(district):
    answer = district.manager.post("/criteria", json={**CRITERION, "programme_id": "property-three-year"})
    assert slug(answer) == (422, "no-self-assessment")
    answer = district.manager.post("/criteria", json={**CRITERION, "programme_id": "nothing"})
    assert slug(answer) == (422, "unknown-reference")
    assert district.manager.get("/programmes/property-three-year/self-assessment").json()["criteria"] == 0


@pytest.mark.clause("T-3")
def test_a_street_sees_no_correction_of_another(district, lead):
    district.open(MEDICINE, 1, 2)
    criterion = entered(lead)
    assess(lead, criterion)
    for unit in ("天骄街道", "公园街道", "区财政局"):
        ordered(lead, criterion, unit=unit)
    seen = district.unit("天骄街道").get("/corrections").json()["items"]
    assert [each["unit"]["name"] for each in seen] == ["天骄街道", "区财政局"]
