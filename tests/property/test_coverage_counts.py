"""What coverage counts beside its rates: modes, statuses, households and area."""

from decimal import Decimal

import pytest

from services.property.surveys.form import Status
from tests.property.conftest import row

QUASI, NONE = Status.QUASI, Status.NONE


@pytest.mark.clause("P-2.4.2", "P-2.4.3", "P-2.4.4", "P-2.4.5")
def test_covered_compounds_are_counted_by_the_mode_in_which_they_are_managed(centre, submit):
    submit(row("甲小区"), row("乙小区"), row("丙小区"), row("丁小区", NONE))
    found = {each["name"]: each["id"] for each in centre.get("/compounds").json()["items"]}
    [company] = centre.get("/companies").json()["items"]
    for name, mode, ends_on in (
        ("甲小区", "large_leads_small", None),
        ("乙小区", "state_fallback", "2024-06-22"),
        ("丁小区", "market", None),
    ):
        body = {
            "compound_id": found[name],
            "company_id": company["id"],
            "mode": mode,
            "begins_on": "2024-06-01",
            "ends_on": ends_on,
        }
        assert centre.post("/charges", json=body).status_code == 201

    def modes(day: str) -> list[tuple[str, int, str | None]]:
        told = centre.get("/coverage", params={"on": day}).json()["items"][0]["modes"]
        return [(each["name"], each["compounds"], each["clause"]) for each in told]

    unknown = "没有登记管理关系"
    assert modes("2024-06-22") == [
        ("以大带小", 1, "P-2.4.2"), ("国有企业兜底", 1, "P-2.4.3"), (unknown, 1, None),
    ]  # fmt: skip
    assert modes("2024-06-23") == [("以大带小", 1, "P-2.4.2"), (unknown, 2, None)]


def test_status_households_and_area_are_summed_over_compounds_that_stand(centre, submit):
    sizes = ((NONE, 100, "9000.00"), (QUASI, 50, "4000.50"), (Status.PROFESSIONAL, 20, None))
    rows = [
        row(f"{at}号小区", status, households=homes, area=area and Decimal(area))
        for at, (status, homes, area) in enumerate(sizes)
    ]
    submit(*rows)
    told = centre.get("/coverage", params={"on": "2024-06-24"}).json()["items"][0]
    names = ("professional", "quasi", "unmanaged", "households", "covered_households", "area", "covered_area")
    assert [told[name] for name in names] == [1, 1, 1, 170, 70, "13000.50", "4000.50"]
