"""Kinds of contracts: a preliminary one needs a tender and the interim rules."""

from datetime import date
from decimal import Decimal

import pytest

from services.property.plan.tenders import ContractKind, Signed, needs_interim_rules, refused
from tests.property.conftest import row
from tests.property.test_coverage import _compound, _contract

PRELIMINARY, ORDINARY, FALLBACK = ContractKind
DAY = date(2024, 5, 20)
DEVELOPER = {"name": "某某房地产（虚构）", "uscc": "91110000600037341L"}


@pytest.mark.clause("P-2.2.1a")
@pytest.mark.parametrize(
    ("signed", "pointer"),
    [
        (Signed(PRELIMINARY, DAY), "/tender"),
        (Signed(PRELIMINARY, DAY, of_developer=True), "/tender"),
        (Signed(ORDINARY, DAY, of_developer=True), "/tender"),
        (Signed(FALLBACK, DAY, of_developer=True), "/tender"),
        (Signed(PRELIMINARY, DAY, tendered_on=DAY, won=False), "/tender/winner_id"),
        (Signed(PRELIMINARY, DAY, tendered_on=date(2024, 5, 21)), "/tender/decided_on"),
        (Signed(PRELIMINARY, DAY, tendered_on=DAY), None),
        (Signed(PRELIMINARY, DAY, tendered_on=DAY, of_developer=True), None),
        (Signed(ORDINARY, DAY), None),
        (Signed(FALLBACK, DAY), None),
    ],
)
def test_a_preliminary_contract_and_any_of_the_developers_own_company_needs_a_tender(signed, pointer):
    found = refused(signed)
    assert (found and found[0]) == pointer


@pytest.mark.clause("P-2.2.1b")
def test_only_a_preliminary_contract_cannot_be_handed_in_without_interim_rules():
    assert [kind for kind in ContractKind if needs_interim_rules(kind)] == [PRELIMINARY]


@pytest.fixture
def preliminary(centre, submit):
    """A preliminary contract of a compound with its tender: `preliminary(**changes)` is its body."""
    submit(row("甲"))
    contract = _contract(_compound(centre, "甲"))
    tender = {
        "number": "DSWY-2024-018",
        "method": "open",
        "decided_on": "2024-05-10",
        "winner_id": contract["company_id"],
    }

    def body(**changes):
        return contract | {"kind": "preliminary", "tender": tender, "fee": "1.85", "grade": 3} | changes

    return body


@pytest.mark.clause("P-2.2.1a")
def test_a_company_of_the_developers_is_refused_without_a_tender_and_taken_with_one(centre, preliminary):
    untendered = preliminary(kind="ordinary", tender=None)
    owner = {
        "company_id": untendered["company_id"],
        "name": "某某房地產另名（虚构）",
        "uscc": DEVELOPER["uscc"],
    }
    assert centre.post("/company-owners", json=owner).status_code == 201
    assert centre.post("/contracts", json=untendered).status_code == 201
    developer = {"compound_id": untendered["compound_id"], **DEVELOPER}
    assert centre.post("/developers", json=developer).status_code == 201
    refused = centre.post("/contracts", json=untendered)
    assert (refused.status_code, refused.json()["basis"][0]["clause"]) == (422, "P-2.2.1a")
    assert "开发建设单位名下" in refused.json()["errors"][0]["reason"]
    made = centre.post("/contracts", json=preliminary())
    assert (made.status_code, made.json()["tender"]["number"]) == (201, "DSWY-2024-018")


@pytest.mark.clause("P-2.2.1a")
def test_a_developer_that_is_known_by_its_name_alone_is_found_however_it_is_typed(centre, preliminary):
    body = preliminary(kind="ordinary", tender=None)
    owner = {"company_id": body["company_id"], "name": "某某房地产(虚构)"}
    centre.post("/company-owners", json=owner)
    centre.post("/developers", json={"compound_id": body["compound_id"], "name": "某某 房地产（虚构）"})
    assert centre.post("/contracts", json=body).status_code == 422


@pytest.mark.clause("P-2.2.1a")
def test_a_preliminary_contract_without_a_tender_or_with_anothers_is_refused(centre, preliminary):
    other = centre.post("/companies", json={"name": "乙物业（虚构）"}).json()["id"]
    wrong = {**preliminary()["tender"], "winner_id": other}
    for tender, pointer in ((None, "/tender"), (wrong, "/tender/winner_id")):
        refused = centre.post("/contracts", json=preliminary(tender=tender))
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.clause("P-2.2.1b")
def test_a_preliminary_contract_is_handed_in_together_with_the_interim_rules(centre, preliminary):
    contract = centre.post("/contracts", json=preliminary()).json()
    path = f"/contracts/{contract['id']}"
    refused = centre.post(f"{path}/submit", json={})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/interim_rules")
    assert centre.get(path).json()["state"] == "signed"
    handed_in = centre.post(f"{path}/submit", json={"interim_rules": "甲小区临时管理规约"}).json()
    assert (handed_in["state"], handed_in["interim_rules"]) == ("submitted", "甲小区临时管理规约")
    centre.post(f"{path}/return", json={"reason": "规约未盖章"})
    assert centre.post(f"{path}/submit").json()["state"] == "submitted"


@pytest.mark.clause("P-2.2.1b")
def test_an_ordinary_contract_may_be_handed_in_without_them_and_returned_for_it(centre, preliminary):
    contract = centre.post("/contracts", json=preliminary(kind="ordinary", tender=None)).json()
    path = f"/contracts/{contract['id']}"
    assert centre.post(f"{path}/submit").json()["interim_rules"] is None
    assert centre.post(f"{path}/return", json={"reason": "缺少临时管理规约"}).json()["state"] == "returned"


def test_fee_and_grade_of_a_contract_are_kept_within_their_bounds(centre, preliminary):
    made = centre.post("/contracts", json=preliminary()).json()
    assert (made["kind"], Decimal(made["fee"]), made["grade"]) == ("preliminary", Decimal("1.85"), 3)
    for wrong, pointer in (({"fee": "-0.01"}, "/fee"), ({"grade": 0}, "/grade"), ({"grade": 6}, "/grade")):
        refused = centre.post("/contracts", json=preliminary(**wrong))
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
