"""A street's survey workbook goes in at the gateway, the district's coverage comes out."""

from decimal import Decimal

import pytest

from services.property.surveys.form import Status
from tests.scenarios.conftest import DAY
from tests.scenarios.door import eventually

#: Who hands in which workbook.
HANDED_IN = {
    "天骄街道": ("street-tianjiao", "01-天骄街道.xlsx"),
    "公园街道": ("street-gongyuan", "03-公园街道.xlsx"),
    "罕台镇": ("town-hantai", "14-罕台镇.xlsx"),
}


@pytest.fixture
def surveyed(hand_in, surveys):
    """The rows of the streets that have handed in their surveys."""
    for client, file in HANDED_IN.values():
        assert hand_in(client, file).status_code in (200, 201)
    return [row for street in HANDED_IN for row in surveys[1][street].rows]


def test_a_dry_run_tells_what_would_come_of_a_survey_and_writes_nothing(district, hand_in, surveys):
    with district.nothing_written("property"):
        answer = hand_in("street-linyin", "09-林荫街道.xlsx", dry_run=True)
    assert answer.status_code == 200
    report = answer.json()
    assert (report["dry_run"], report["streets"], report["errors"]) == (True, ["林荫街道"], [])
    assert report["compounds"] == report["new_compounds"] == len(surveys[1]["林荫街道"].rows)


@pytest.mark.clause("P-1.1", "P-3.1")
def test_the_districts_coverage_is_that_of_the_streets_that_handed_in(district, surveyed):
    covered = [row for row in surveyed if row.status is not Status.NONE]
    committees = [row for row in surveyed if row.members]
    with district.client("viewer") as viewer:
        answer = viewer.get("/property/v1/coverage", params={"on": DAY.isoformat()})
    assert answer.status_code == 200
    (whole,) = answer.json()["items"]
    assert (whole["compounds"], whole["covered"]) == (len(surveyed), len(covered))
    assert whole["with_committee"] == len(committees)
    rate = next(standing for standing in whole["standings"] if standing["measure"] == "coverage_rate")
    assert Decimal(rate["value"]) == round(Decimal(len(covered)) / len(surveyed), 4)
    assert rate["clause"] in [citation["clause"] for citation in answer.json()["basis"]]


@pytest.mark.clause("P-2.3.2b")
def test_the_companies_of_a_survey_come_under_credit_evaluation_by_the_events_of_the_property_service(
    district, surveyed
):
    named = {row.company for row in surveyed if row.company}
    with district.client("viewer") as viewer, district.client("operator") as operator:

        def listed():
            items = viewer.get("/credit/v1/companies", params={"limit": 500}).json()["items"]
            return {company["name"] for company in items} >= named

        assert eventually(listed, 20)
        deliveries = {each["name"]: each for each in operator.get("/property/v1/deliveries").json()}
    assert deliveries.keys() >= {"credit", "emergency"}
    assert (deliveries["credit"]["client"], deliveries["credit"]["failures"]) == (None, 0)
