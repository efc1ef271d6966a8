"""What has changed for the evaluation of companies is told once, each time it is otherwise than before (P-2.2.6)."""

from datetime import datetime

import pytest

from kit.district.clock import SHANGHAI
from services.property.telling.work import tell_what_changed
from tests.property.conftest import row

pytestmark = pytest.mark.clause("P-2.2.6")


@pytest.fixture
def tell(running):
    """Let the job run; answers what it told, by type."""

    def run() -> dict[str, list[dict]]:
        before = running.sql("SELECT coalesce(max(id), 0) FROM events")[0][0]
        running.run(tell_what_changed)
        rows = running.sql("SELECT type, data FROM events WHERE id > %s ORDER BY id", before)
        found: dict[str, list[dict]] = {}
        for type, data in rows:
            found.setdefault(type.removeprefix("property."), []).append(data)
        return found

    return run


@pytest.fixture
def project(centre, submit) -> dict:
    """A project of one compound of 86,000 square metres, run by a company with a code and without a filed contract."""
    submit(row("甲小区", area="86000.00"))
    [company] = centre.get("/companies").json()["items"]
    etag = centre.get(f"/companies/{company['id']}").headers["ETag"]
    body = {"name": company["name"], "uscc": "91110000600037341L"}
    assert centre.put(f"/companies/{company['id']}", json=body, headers={"If-Match": etag}).status_code == 200
    body = {
        "name": "甲项目",
        "kind": "residential",
        "street": "天骄街道",
        "company_id": company["id"],
        "begins_on": "2024-05-01",
    }
    made = centre.post("/projects", json=body).json()["id"]
    [compound] = centre.get("/compounds").json()["items"]
    body = {"project_id": made, "compound_id": compound["id"], "begins_on": "2024-05-01"}
    assert centre.post("/project-compounds", json=body).status_code == 201
    return {"project": made, "company": company["id"], "compound": compound["id"]}


def test_projects_are_told_with_who_holds_them_and_their_area(tell, project):
    [held] = tell()["project.held"]
    assert (held["project"], held["company"], held["area"], held["ends_on"]) == (
        project["project"], project["company"], "86000.00", None,
    )  # fmt: skip


def test_what_was_told_is_told_again_only_when_it_is_otherwise(tell, project, centre):
    first = tell()
    assert {"project.held", "company.performed"} <= first.keys()
    assert tell() == {}
    centre.post(
        "/contracts",
        json={
            "compound_id": project["compound"], "company_id": project["company"], "kind": "ordinary",
            "signed_on": "2024-05-02", "starts_on": "2024-05-02", "ends_on": "2027-05-01",
        },
    )  # fmt: skip
    [contract] = centre.get("/contracts").json()["items"]
    for action, body in (("submit", {}), ("accept", {})):
        answer = centre.post(f"/contracts/{contract['id']}/{action}", json=body)
        assert answer.status_code == 200, answer.text
    [performed] = tell()["company.performed"]
    assert performed["contracts"] == {"part": 1, "whole": 1}


def test_a_duty_is_told_when_it_becomes_overdue_and_not_before(tell, project, clock):
    assert "contract-filing" not in {each["duty"] for each in tell().get("duty.overdue", ())}
    clock.now = datetime(2025, 1, 2, 9, 30, tzinfo=SHANGHAI)
    overdue = {each["duty"]: each for each in tell()["duty.overdue"]}
    filing = overdue["contract-filing"]
    assert (filing["uscc"], filing["subject"], filing["due_on"]) == (
        "91110000600037341L",
        project["compound"],
        "2024-12-31",
    )
    assert overdue["emergency-drill"]["project"] == project["project"]
    assert "duty.overdue" not in tell()


def test_findings_are_told_with_the_company_that_was_in_charge(tell, project, centre, running):
    body = {
        "compound_id": project["compound"],
        "company_id": project["company"],
        "mode": "market",
        "begins_on": "2024-05-01",
    }
    assert centre.post("/charges", json=body).status_code == 201
    street = running.client(
        "property:read", "property:write", "property:street", name="street", division="天骄街道"
    )
    found = [{"kind": "animals", "place": "2 号楼", "description": "散养鸡鸭"}]
    body = {
        "compound_id": project["compound"],
        "held_on": "2024-06-20",
        "units": ["tianjiao-street"],
        "findings": found,
    }
    assert street.post("/inspections", json=body).status_code == 201
    [made] = tell()["finding.made"]
    assert (made["company"], made["project"], made["found_on"]) == (
        project["company"],
        project["project"],
        "2024-06-20",
    )
