"""The hazard ledger: dissuaded first, reported when that fails, and then a dispatch request."""

import pytest

from kit.dispatch.moves import SEND
from kit.web.caller import Caller
from kit.web.problems import Conflict
from services.property.matters import MATTERS
from services.property.plan.hazards import HAZARD, hazard_kinds
from services.property.plan.roles import WRITER
from tests.property.conftest import row
from tests.property.test_coverage import _compound

NOTE = {"note": "已当面告知业主，业主拒不清理"}
#: The kinds of the document, and the unit that each is reported to.
UNITS = {
    "falling-objects": "urban-management-bureau",
    "fire-lane": "fire-rescue-brigade",
    "lift": "market-supervision-bureau",
    "curtain-wall": "housing-construction-bureau",
    "fire-equipment": "fire-rescue-brigade",
    "pipes": "housing-construction-bureau",
    "e-bike": "fire-rescue-brigade",
    "decoration": "urban-management-bureau",
}


@pytest.fixture
def hazard(centre, submit):
    """Enter a hazard of a compound: `hazard(kind)` is its path."""
    submit(row("甲"))
    compound = _compound(centre, "甲")["id"]

    def entered(kind: str = "fire-lane") -> str:
        body = {"compound_id": compound, "kind": kind, "place": "3 号楼", "description": "堵塞"}
        answer = centre.post("/hazards", json=body | {"found_on": "2024-06-24"})
        assert answer.status_code == 201, answer.text
        return f"/hazards/{answer.json()['id']}"

    return entered


@pytest.mark.clause("P-2.2.4a")
def test_each_kind_of_hazard_has_a_unit_that_is_responsible():
    responsible = {matter.code: matter.unit for matter in MATTERS}
    assert {code: responsible[kind.matter] for code, kind in hazard_kinds().items()} == UNITS


@pytest.mark.clause("P-2.2.4a")
@pytest.mark.parametrize(
    ("state", "actions"),
    [("found", ["dissuade"]), ("dissuaded", ["clear", "report"]), ("reported", ["clear"]), ("cleared", [])],
)
def test_a_hazard_is_dissuaded_before_it_is_reported_or_cleared(state, actions):
    caller = Caller("guard", scopes=frozenset([WRITER]))
    assert HAZARD.allowed(state, caller) == actions
    for action in set(HAZARD.actions) - set(actions):
        with pytest.raises(Conflict):
            HAZARD.check(state, action, caller)


@pytest.mark.clause("P-2.2.4a")
def test_a_report_is_a_request_to_the_unit_that_is_responsible_and_nothing_else_is(running, centre, hazard):
    path = hazard()
    hotline = running.client("dispatch:read", SEND)
    refused = centre.post(f"{path}/report", json=NOTE)
    assert (refused.status_code, refused.json()["basis"][0]["clause"]) == (409, "P-2.2.4a")
    centre.post(f"{path}/dissuade", json=NOTE)
    assert hotline.get("/dispatch/requests").json()["items"] == []
    reported = centre.post(f"{path}/report", json=NOTE).json()
    [request] = hotline.get("/dispatch/requests").json()["items"]
    assert (reported["state"], reported["request"]) == ("reported", request["number"])
    assert (request["unit_name"], request["division"], request["due_at"]) == (
        "区消防救援大队",
        "天骄街道",
        "2024-06-24T23:59:59+08:00",
    )
    assert centre.post(f"{path}/report", json=NOTE).status_code == 409
    assert len(hotline.get("/dispatch/requests").json()["items"]) == 1
    assert centre.post(f"{path}/clear", json=NOTE).json()["state"] == "cleared"
    steps = [(step["action"], step["state"]) for step in centre.get(path).json()["steps"]]
    assert steps == [
        ("open", "found"),
        ("dissuade", "dissuaded"),
        ("report", "reported"),
        ("clear", "cleared"),
    ]


@pytest.mark.clause("P-2.2.4a")
def test_a_hazard_that_dissuasion_ends_is_cleared_without_a_request(centre, hazard, running):
    path = hazard("decoration")
    for action in ("dissuade", "clear"):
        done = centre.post(f"{path}/{action}", json=NOTE).json()
    assert (done["state"], done["request"]) == ("cleared", None)
    assert running.sql("SELECT count(*) FROM dispatch_requests") == [(0,)]


def test_a_kind_that_there_is_not_and_a_day_to_come_are_refused(centre, hazard):
    hazard()
    [entered] = centre.get("/hazards", params={"kind": "fire-lane", "state": "found"}).json()["items"]
    body = {name: entered[name] for name in ("compound_id", "kind", "place", "description", "found_on")}
    for wrong, pointer in (({"kind": "地震"}, "/kind"), ({"found_on": "2024-06-25"}, "/found_on")):
        refused = centre.post("/hazards", json=body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_company_keeps_the_ledger_of_the_compounds_that_it_manages(running, centre, submit):
    uscc = "91150602MA0DEMF00Q"
    submit(row("甲"), row("乙", company="乙物业（虚构）"))
    company = next(
        each for each in centre.get("/companies").json()["items"] if each["name"] == "甲物业（虚构）"
    )
    body = {"name": company["name"], "uscc": uscc}
    centre.put(f"/companies/{company['id']}", json=body, headers={"If-Match": "*"})
    guard = running.client("property:read", "property:write", company=uscc)

    def enter(name: str) -> int:
        found = {"compound_id": _compound(centre, name)["id"], "kind": "e-bike", "found_on": "2024-06-24"}
        return guard.post("/hazards", json=found | {"place": "楼道", "description": "充电"}).status_code

    assert (enter("甲"), enter("乙")) == (201, 404)
    assert len(guard.get("/hazards").json()["items"]) == 1
    for name, mode, who in (
        ("甲", "self_management", {"keeper": "甲小区业主自治小组"}),
        ("乙", "market", {"company_id": company["id"]}),
    ):
        charge = {"compound_id": _compound(centre, name)["id"], "mode": mode, "begins_on": "2024-06-24"}
        assert centre.post("/charges", json=charge | who).status_code == 201
    assert (enter("甲"), enter("乙")) == (404, 201)  # who is in charge goes before what a survey says
