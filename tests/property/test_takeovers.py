"""A new compound is taken over only once it is inspected, agreed on, and witnessed by all three."""

from itertools import product

import pytest

from kit.web.caller import Caller
from services.property.plan.roles import CENTRE, COMMUNITY, STREET
from services.property.plan.takeover import Part, Progress, Witness, lacking, may_sign
from services.property.takeovers import _ITEMS as ITEMS
from tests.property.conftest import row
from tests.property.test_coverage import _compound

INSPECTED = {"inspected_on": "2024-06-20", "items": ITEMS}
AGREED = {"agreement": "交接协议书〔2024〕1 号", "agreed_on": "2024-06-22"}


@pytest.mark.clause("P-2.2.1c")
@pytest.mark.parametrize("there", list(product([False, True], repeat=6)))
def test_nothing_is_taken_over_before_parts_agreement_and_three_witnesses_are_there(there):
    common, equipment, agreed, *signed = there
    parts = [part for part, inspected in zip(Part, (common, equipment), strict=True) if inspected]
    witnesses = [each for each, has in zip(Witness, signed, strict=True) if has]
    assert len(lacking(Progress(parts, agreed, witnesses))) == there.count(False)


@pytest.mark.clause("P-2.2.1c")
@pytest.mark.parametrize(
    ("role", "signs_for"),
    [(CENTRE, [Witness.HOUSING_CENTRE]), (STREET, [Witness.STREET]), (COMMUNITY, [Witness.COMMUNITY])],
)
def test_each_witness_signs_for_itself_and_a_street_for_a_community_on_paper(role, signs_for):
    caller = Caller("witness", scopes=frozenset([role]))
    assert [each for each in Witness if may_sign(caller, each, on_paper=False)] == signs_for
    on_paper = {*signs_for, Witness.COMMUNITY} if role == STREET else {*signs_for}
    assert {each for each in Witness if may_sign(caller, each, on_paper=True)} == on_paper


@pytest.fixture
def witnesses(running):
    """A caller for each of the three, by who it is."""
    own = {"division": "天骄街道"}
    return {
        "housing_centre": running.client("property:read", CENTRE, name="centre"),
        "street": running.client("property:read", STREET, name="street", **own),
        "community": running.client("property:read", COMMUNITY, name="community", **own),
    }


@pytest.fixture
def takeover(centre, submit):
    """The path of a takeover that has begun."""
    submit(row("甲"))
    compound = _compound(centre, "甲")
    body = {
        "compound_id": compound["id"],
        "company_id": compound["company"],
        "developer": "某某房地产（虚构）",
    }
    begun = centre.post("/takeovers", json=body)
    assert begun.status_code == 201, begun.text
    assert centre.post("/takeovers", json=body).json()["type"].endswith("takeover-open")
    return f"/takeovers/{begun.json()['id']}"


@pytest.mark.clause("P-2.2.1c")
def test_a_compound_is_taken_over_once_all_is_there_and_not_before(centre, witnesses, takeover):
    centre.post(f"{takeover}/inspect", json=INSPECTED)
    centre.post(f"{takeover}/agree", json=AGREED)
    for who, caller in witnesses.items():
        refused = centre.post(f"{takeover}/complete")
        assert (refused.status_code, refused.json()["basis"][0]["clause"]) == (409, "P-2.2.1c")
        assert f"{Witness(who).zh}的见证" in refused.json()["lacking"]
        assert caller.post(f"{takeover}/witness", json={"witness": who}).status_code == 200
    done = centre.post(f"{takeover}/complete").json()
    assert (done["state"], done["taken_over_on"], done["lacking"]) == ("taken_over", "2024-06-24", [])
    assert [item["remedy_by"] for item in done["items"]] == [None, "2024-08-31"]
    steps = [step["action"] for step in centre.get(takeover).json()["steps"]]
    assert steps == ["open", "inspect", "agree", "witness", "witness", "witness", "complete"]


@pytest.mark.clause("P-2.2.1c")
def test_nobody_witnesses_for_another(witnesses, centre, takeover):
    centre.post(f"{takeover}/inspect", json=INSPECTED)
    for who, caller in witnesses.items():
        for other in witnesses.keys() - {who}:
            refused = caller.post(f"{takeover}/witness", json={"witness": other})
            assert refused.status_code == 403
            assert Witness(other).zh in refused.json()["detail"]


@pytest.mark.clause("P-2.2.1c")
def test_what_was_signed_on_an_earlier_inspection_holds_no_more(centre, witnesses, takeover):
    assert witnesses["street"].post(f"{takeover}/witness", json={"witness": "street"}).status_code == 409
    centre.post(f"{takeover}/inspect", json=INSPECTED)
    witnesses["street"].post(f"{takeover}/witness", json={"witness": "street"})
    centre.post(f"{takeover}/agree", json=AGREED)
    again = centre.post(f"{takeover}/inspect", json=INSPECTED).json()
    assert (again["witnesses"], again["agreement"], len(again["lacking"])) == ([], None, 4)


@pytest.mark.clause("P-2.2.1c")
def test_what_did_not_pass_has_a_day_of_remedy_and_the_agreement_follows_the_inspection(centre, takeover):
    failed = {"part": "equipment", "name": "电梯", "passed": False, "problem": "无使用登记"}
    refused = centre.post(f"{takeover}/inspect", json=INSPECTED | {"items": [failed]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/items/0")
    assert centre.post(f"{takeover}/agree", json=AGREED).status_code == 409
    centre.post(f"{takeover}/inspect", json=INSPECTED)
    for day, status in (("2024-06-19", 422), ("2024-06-20", 200)):
        answer = centre.post(f"{takeover}/agree", json=AGREED | {"agreed_on": day})
        assert answer.status_code == status
