"""The three renewals of compounds (P-2.6.1 to P-2.6.3)."""

import pytest

from services.property.plan.renewal import CLAUSE_OF, Progress, Work, contradictions
from tests.property.conftest import lacking, row
from tests.property.test_coverage import _compound

NOT_AGREED = {"mode": None, "rules_agreed_on": None, "fund_agreed_on": None}


@pytest.mark.clause("P-2.6.1", "P-2.6.2", "P-2.6.3")
def test_every_work_stands_in_its_section():
    assert CLAUSE_OF.keys() == set(Work)
    assert (CLAUSE_OF[Work.LIFTS], CLAUSE_OF[Work.WASTE_SORTING]) == ("P-2.6.1", "P-2.6.2")


@pytest.mark.clause("P-2.6.1", "P-2.6.2")
@pytest.mark.parametrize(
    ("progress", "percent", "wrong"),
    [
        (Progress.PLANNED, 0, 0),
        (Progress.PLANNED, 1, 1),
        (Progress.UNDER_WAY, 0, 0),
        (Progress.UNDER_WAY, 99, 0),
        (Progress.UNDER_WAY, 100, 1),
        (Progress.DONE, 99, 1),
        (Progress.DONE, 100, 0),
    ],
)
def test_percent_and_progress_go_together(progress, percent, wrong):
    assert len(list(contradictions(Work.LIFTS, progress, percent, NOT_AGREED))) == wrong


@pytest.mark.clause("P-2.6.1", "P-2.6.2", "P-2.6.3")
def test_a_renewed_compound_owes_the_agreement_on_its_management(centre, submit):
    submit(row("甲"))
    body = {"compound_id": _compound(centre, "甲")["id"], "work": "pipes", "progress": "under_way"}
    begun = body | {"percent": 40, "started_on": "2024-05-01"}
    work = centre.post("/renewals", json=begun)
    assert (work.status_code, work.json()["percent"]) == (201, 40)
    assert lacking(centre, "management-renewal") == []
    done = begun | {"progress": "done", "percent": 100, "finished_on": "2024-06-20"}
    assert (
        centre.put(f"/renewals/{work.json()['id']}", json=done, headers={"If-Match": "*"}).status_code == 200
    )
    assert lacking(centre, "management-renewal") == ["甲"]
    agreed = {"mode": "market", "rules_agreed_on": "2024-06-21", "fund_agreed_on": "2024-06-22"}
    management = done | {"work": "management", "finished_on": "2024-06-22"}
    for missing in agreed:
        partly = {name: value for name, value in agreed.items() if name != missing}
        assert centre.post("/renewals", json=management | partly).status_code == 422
    assert centre.post("/renewals", json=management | agreed).status_code == 201
    assert lacking(centre, "management-renewal") == []
    assert lacking(centre, "management-renewal", on="2024-06-21") == ["甲"]
