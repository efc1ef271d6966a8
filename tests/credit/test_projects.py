"""Projects are found with who holds them, have scores of their own, and are evaluated beside the companies (P-2.3.2b)."""

from datetime import date, datetime

import pytest

from kit.district.clock import SHANGHAI
from tests.credit.conftest import held, listed

pytestmark = pytest.mark.clause("P-2.3.2b")


def projects(client, **asked) -> list[tuple[str, str]]:
    rows = client.get("/projects", params=asked).json()["items"]
    return [(row["id"], row["company"]) for row in rows]


def test_project_is_listed_with_who_holds_it_on_the_day(credit, centre, company):
    other = listed(credit, "乙物业（虚构）")
    project = held(credit, company, 500, until=date(2024, 5, 31))
    held(credit, other, 500, since=date(2024, 6, 1), project=project)
    assert projects(centre) == [(str(project), "乙物业（虚构）")]
    assert projects(centre, on="2024-05-31") == [(str(project), "甲物业（虚构）")]
    assert projects(centre, company=str(company)) == []
    assert projects(centre, street="交通街道") == []


def test_project_s_score_has_its_company_s_base_and_its_own_records_in_full(credit, centre, enter, company):
    project, another = held(credit, company, 500), held(credit, company, 9500)
    enter("B01", company, on="2024-03-01")
    enter("N03", project_id=str(project))
    enter("N03", project_id=str(another))
    enter("N05", company)
    told = centre.get(f"/projects/{project}/score").json()
    assert [(line["item"], line["points"], line["share"]) for line in told["lines"]] == [
        ("B01", "24", None),
        ("N03", "-6", {"basis": "full", "part": "1", "whole": "1"}),
    ]
    assert (told["project"], told["company"], told["score"]) == (str(project), str(company), "18.00")


def test_project_that_nobody_holds_on_the_day_has_no_score(credit, centre, company):
    project = held(credit, company, 500, until=date(2024, 5, 31))
    assert centre.get(f"/projects/{project}/score").status_code == 404
    assert centre.get(f"/projects/{project}/score", params={"as_of": "2024-05-31"}).status_code == 200


def test_projects_are_ranked_among_themselves_and_listed_nowhere(credit, clock, centre, enter, company):
    good, bad = held(credit, company, 500), held(credit, company, 500)
    enter("B01", company, on="2024-03-01")
    enter("N01", project_id=str(bad))
    clock.now = datetime(2025, 1, 6, 9, 30, tzinfo=SHANGHAI)
    at = credit.client("credit:read", "credit:evaluate", name="housing-centre")
    period = {"begins_on": "2024-01-01", "ends_on": "2024-12-31"}
    evaluation = at.post("/evaluations", json=period).json()["id"]
    assert at.post(f"/evaluations/{evaluation}/compute").status_code == 200
    rows = at.get(f"/evaluations/{evaluation}/results", params={"of": "projects"}).json()["items"]
    assert [(row["subject"], row["rank"], row["score"]) for row in rows] == [
        (str(good), 1, "24.00"),
        (str(bad), 2, "17.00"),
    ]
