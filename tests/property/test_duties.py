"""One list over everything that somebody owes: by clause, street and day, due and overdue, in JSON and as a workbook."""

import io

import pytest
from python_calamine import load_workbook

from services.property.duties import OWED
from services.property.plan.duties import DUTIES
from tests.property.conftest import row
from tests.property.test_coverage import _compound, _contract


def duties(client, path="/duties", **asked):
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return [(each["duty"], each["name"], each["due_on"], each["overdue"]) for each in answer.json()["items"]]


def test_every_duty_of_the_plan_has_somebody_who_owes_it():
    assert {each.duty.key for each in OWED} == DUTIES.keys()


@pytest.mark.clause("P-3.1")
def test_a_street_owes_its_survey_until_it_has_handed_one_in(centre, submit):
    submit(row("甲小区"))
    owing = duties(centre, "/duties/survey", on="2024-06-20")
    assert ("survey", "交通街道", "2024-04-30", True) in owing
    assert "天骄街道" not in {name for _, name, *_ in owing}
    assert ("survey", "天骄街道", "2024-04-30", True) in duties(centre, "/duties/survey", on="2024-06-19")
    assert ("survey", "天骄街道", "2024-04-30", False) in duties(centre, "/duties/survey", on="2024-04-30")


@pytest.mark.clause("P-2.2.5")
def test_an_unfiled_contract_is_owed_and_overdue_after_the_end_of_2024(centre, submit):
    submit(row("甲小区"), row("乙小区"))
    contract = centre.post("/contracts", json=_contract(_compound(centre, "甲小区"))).json()["id"]
    for step in ("submit", "accept"):
        centre.post(
            f"/contracts/{contract}/{step}",
            json={"filed_on": "2024-06-24", "on_paper": "纸质"} if step == "accept" else None,
        )
    owing = {"clause": "P-2.2.5", "street": "天骄街道"}
    assert duties(centre, on="2024-12-31", **owing) == [("contract-filing", "乙小区", "2024-12-31", False)]
    late = centre.get("/duties", params={"on": "2025-01-31", "overdue": True, **owing}).json()["items"]
    assert [(each["name"], each["days_overdue"]) for each in late] == [("乙小区", 31)]
    assert [each["clause"] for each in late[0]["basis"]] == ["P-2.2.5"]


def test_what_falls_due_first_comes_first_on_pages_that_leave_nothing_out(centre, submit):
    submit(row("甲小区"), row("乙小区"), row("丙小区"))
    whole = duties(centre, on="2025-01-01", limit=500)
    assert [due for *_, due, _ in whole] == sorted(due for *_, due, _ in whole)
    paged, asked = [], {"on": "2025-01-01", "limit": 20}
    while True:
        page = centre.get("/duties", params=asked).json()
        paged += [(each["duty"], each["name"], each["due_on"], each["overdue"]) for each in page["items"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert paged == whole


def test_the_whole_list_comes_as_a_workbook_too(centre, submit):
    submit(row("甲小区"))
    data = centre.get(
        "/duties", params={"on": "2025-01-01", "street": "天骄街道", "clause": "P-2.2.5", "format": "xlsx"}
    ).content
    rows = load_workbook(io.BytesIO(data)).get_sheet_by_name("履职事项").to_python()
    assert rows[2][:4] == ["P-2.2.5", DUTIES["contract-filing"].title, "甲小区", "天骄街道"]


def test_the_summary_counts_every_duty_and_of_a_street_its_own(centre, running, submit):
    submit(row("甲小区"))
    counted = {
        each["duty"]: (each["owing"], each["overdue"])
        for each in centre.get("/duties/summary", params={"on": "2025-01-01"}).json()["items"]
    }
    assert counted.keys() == DUTIES.keys()
    assert counted["contract-filing"] == (1, 1)
    other = running.client("property:read", division="交通街道")
    assert duties(other, on="2025-01-01", clause="P-2.2.5") == []
    own = {each["duty"]: each["owing"] for each in other.get("/duties/summary").json()["items"]}
    assert (own["survey"], own["contract-filing"]) == (1, 0)


def test_a_duty_or_clause_that_nobody_knows_is_refused_with_those_that_are(centre):
    for path, asked in (("/duties/unknown", {}), ("/duties", {"clause": "P-9.9"})):
        assert centre.get(path, params=asked).status_code in (404, 422)
