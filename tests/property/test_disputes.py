"""Disputes are mediated before anybody sues; who the parties are is sealed."""

import pytest

from kit.personal.cipher import UNMASK
from kit.web.caller import Caller
from services.property.plan.disputes import DISPUTE, Mediation
from services.property.plan.roles import WRITER
from tests.property.conftest import row
from tests.property.test_coverage import _compound

NOTE = {"note": "张小明不同意"}


@pytest.mark.clause("P-2.5.3")
@pytest.mark.parametrize(
    ("state", "actions"),
    [
        ("registered", ["arbitrate", "mediate", "settle"]),
        ("mediating", ["arbitrate", "fail", "settle"]),
        ("unsettled", ["arbitrate", "mediate", "settle", "sue"]),
        ("settled", []),
        ("arbitrated", []),
        ("sued", []),
    ],
)
def test_nobody_sues_before_a_mediation_has_failed(state, actions):
    assert DISPUTE.allowed(state, Caller("street", scopes=frozenset([WRITER]))) == actions


@pytest.fixture
def dispute(centre, submit):
    """The path of a dispute of 张小明's with the company."""
    submit(row("甲"))
    compound = _compound(centre, "甲")
    body = {
        "compound_id": compound["id"],
        "kind": "with_company",
        "company_id": compound["company"],
        "subject": "物业费纠纷",
        "description": "业主张小明（电话13800001234）拒交物业费",
        "parties": [{"name": "张小明"}],
    }
    wrong = centre.post("/disputes", json=body | {"kind": "between_owners"})
    assert wrong.status_code == 422
    made = centre.post("/disputes", json=body)
    assert made.status_code == 201, made.text
    return f"/disputes/{made.json()['id']}"


@pytest.mark.clause("P-2.5.3")
@pytest.mark.parametrize("kind", Mediation)
def test_a_suit_before_mediation_is_refused_with_the_clause_and_taken_after_it_failed(centre, dispute, kind):
    refused = centre.post(f"{dispute}/sue", json=NOTE)
    assert (refused.status_code, refused.json()["basis"][0]["clause"]) == (409, "P-2.5.3")
    mediation = {"mediation": kind.value, "mediator": "天骄街道人民调解委员会"}
    assert centre.post(f"{dispute}/mediate", json=mediation).json()["state"] == "mediating"
    assert centre.post(f"{dispute}/sue", json=NOTE).status_code == 409
    assert centre.post(f"{dispute}/fail", json=NOTE).json()["state"] == "unsettled"
    assert centre.post(f"{dispute}/sue", json=NOTE).json()["state"] == "sued"
    [_, begun, *_] = centre.get(dispute).json()["steps"]
    assert begun["seen"]["mediation"] == kind


@pytest.mark.clause("P-2.5.3")
@pytest.mark.parametrize(("outcome", "state"), [("settle", "settled"), ("arbitrate", "arbitrated")])
def test_settlement_and_arbitration_are_outcomes_too(centre, dispute, outcome, state):
    ended = centre.post(f"{dispute}/{outcome}", json=NOTE).json()
    assert (ended["state"], ended["allowed"]) == (state, [])


@pytest.mark.clause("P-2.5.3")
def test_parties_are_masked_everywhere_and_shown_on_the_record_alone(running, centre, dispute):
    centre.post(f"{dispute}/settle", json=NOTE)
    shown = centre.get(dispute)
    assert shown.json()["parties"] == ["张**"]
    assert "张小明" not in shown.text + centre.get("/disputes").text
    assert "13800001234" not in shown.text
    assert not running.sql("SELECT 1 FROM disputes, steps WHERE concat(disputes.*, steps.*) LIKE '%%小明%%'")
    assert centre.get(dispute, params={"reveal": True}).status_code == 403
    trusted = running.client("property:read", UNMASK)
    revealed = trusted.get(dispute, params={"reveal": True}).json()
    assert (revealed["parties"], revealed["steps"][-1]["note"]) == (["张小明"], NOTE["note"])
    looks = running.sql("SELECT count(*) FROM audit WHERE action = 'property.personal.seen'")
    assert looks == [(1,)]
