"""Every register, from what the API's own documentation says of it: its example can be entered and lived with."""

import pytest

from services.emergency.app import service
from services.emergency.companies import companies, hazards
from services.emergency.drills.api import DRILLS
from services.emergency.headquarters import duty, headquarters
from services.emergency.plans import api as plans_api
from services.emergency.releases import opinion
from services.emergency.supplies import experts, supplies

REGISTERS = [
    headquarters.SEATS,
    headquarters.MEMBERS,
    headquarters.OPERATORS,
    duty.SHIFTS,
    experts.EXPERTS,
    companies.TEAMS,
    companies.COMPANIES,
    hazards.SOURCES,
    hazards.ANALYSES,
    supplies.SUPPLIES,
    plans_api.PLANS,
    opinion.OPINIONS,
    DRILLS,
]


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.mark.parametrize("register", REGISTERS, ids=lambda each: each.path)
def test_the_documented_example_is_entered_listed_changed_and_removed(running, register):
    office = running.client()
    example = dict(register.entry.model_json_schema()["examples"][0])
    if "company_id" in example:
        company = companies.CompanyIn.model_json_schema()["examples"][0]
        example["company_id"] = office.post("/companies", json=company).json()["id"]

    if "plan_id" in example:
        example["plan_id"] = office.get("/plans").json()["items"][0]["id"]

    made = office.post(f"/{register.path}", json=example)
    assert made.status_code == 201, made.json()
    path = f"/{register.path}/{made.json()['id']}"
    listed = office.get(f"/{register.path}", params={"limit": 500}).json()["items"]
    assert made.json() in listed
    assert {cited["clause"] for cited in made.json()["basis"]} == set(register.model.clauses)

    changed = office.put(path, json=example, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["id"]) == (200, made.json()["id"]), changed.json()
    assert office.get(path).headers["etag"] == changed.headers["etag"]
    assert office.delete(path, headers={"If-Match": changed.headers["etag"]}).status_code == 204


#: What a company may lack stands with the teams, the plans and the analyses.
WITH_LACKING = [register for register in REGISTERS if register is not companies.COMPANIES]


@pytest.mark.parametrize("register", WITH_LACKING, ids=lambda each: each.path)
def test_every_register_says_who_lacks_what(running, register):
    answer = running.client().get(f"/{register.path}/lacking")
    assert answer.status_code == 200, answer.json()
    assert {"items", "units", "departments"} & set(answer.json())


def test_every_operation_is_documented_in_chinese(running):
    document = running.client().get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert "一" <= operation["summary"][0] <= "鿿", path
            assert operation["description"], path
