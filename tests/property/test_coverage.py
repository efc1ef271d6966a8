"""Coverage against the plan's targets, by district, street and community, on any day."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.property.plan import coverage as rules
from services.property.surveys.form import Status
from tests.property.conftest import row

QUASI, NONE = Status.QUASI, Status.NONE


@pytest.mark.clause("P-1.2")
@pytest.mark.parametrize(
    ("day", "target"),
    [
        (date(2024, 6, 24), "0.80"),
        (date(2024, 12, 31), "0.80"),
        (date(2025, 1, 1), "0.95"),
        (date(2025, 12, 31), "0.95"),
        (date(2026, 1, 1), "0.98"),
        (date(2026, 12, 31), "0.98"),
        (date(2027, 3, 1), "0.98"),
    ],
)
def test_the_committee_target_is_that_of_the_year_asked_for(day, target):
    assert rules.target_for("committee_rate", day).value == Decimal(target)


@pytest.mark.clause("P-1.2")
@pytest.mark.parametrize(
    ("committees", "compounds", "met", "missing"),
    [
        (80, 100, True, 0),
        (79, 100, False, 1),
        (799, 1000, False, 1),
        (0, 3, False, 3),
        (2, 3, False, 1),
        (0, 0, True, 0),
    ],
)
def test_80_percent_is_counted_exactly_and_included(committees, compounds, met, missing):
    found = rules.standing("committee_rate", committees, compounds, date(2024, 12, 31))
    assert (found.met, found.missing) == (met, missing)


@pytest.mark.clause("P-1.3")
@pytest.mark.parametrize(
    ("day", "red", "met", "missing"),
    [
        (date(2024, 12, 31), 100, True, 0),
        (date(2024, 12, 31), 99, False, 1),
        (date(2025, 6, 1), 100, False, 100),
        (date(2025, 12, 31), 200, True, 0),
        (date(2026, 12, 31), 299, False, 1),
        (date(2026, 12, 31), 300, True, 0),
    ],
)
def test_red_property_needs_100_200_and_300_compounds(day, red, met, missing):
    found = rules.standing("red_compounds", red, 400, day)
    assert (found.met, found.missing) == (met, missing)


@pytest.mark.clause("P-1.2")
@pytest.mark.parametrize(
    ("committees", "compounds", "gap"),
    [
        (79, 100, "1.00"),
        (80, 100, "0.00"),
        (81, 100, "0.00"),
        (0, 3, "80.00"),
        (2, 3, "13.34"),
        (799_999, 1_000_000, "0.01"),
    ],
)
def test_the_gap_is_in_percent_points_and_rounded_up_so_that_none_hides(committees, compounds, gap):
    assert rules.standing("committee_rate", committees, compounds, date(2024, 12, 31)).gap == Decimal(gap)


@pytest.mark.parametrize(("measure", "whole"), [("red_compounds", 400), ("committee_rate", 0)])
def test_a_number_of_compounds_and_a_share_of_none_have_no_gap_in_percent_points(measure, whole):
    assert rules.standing(measure, 0, whole, date(2024, 12, 31)).gap is None


@pytest.mark.clause("P-1.2", "P-1.3")
@pytest.mark.parametrize("measure", ["committee_rate", "red_compounds"])
@pytest.mark.parametrize(
    ("day", "whose"),
    [
        (date(2024, 4, 1), "2024 年底的目标"),
        (date(2024, 12, 31), "2024 年底的目标"),
        (date(2025, 1, 1), "2025 年底的目标"),
        (date(2025, 12, 31), "2025 年底的目标"),
        (date(2026, 1, 1), "2026 年底的目标"),
        (date(2027, 1, 1), "2026 年底的目标"),
    ],
)
def test_between_the_ends_of_two_years_the_target_is_that_of_the_next(measure, day, whose):
    assert rules.target_for(measure, day).whose == whose


@pytest.mark.clause("P-1.1", "P-2.2.5")
@pytest.mark.parametrize("measure", ["coverage_rate", "filed_rate"])
def test_coverage_and_filing_are_due_in_full_on_the_last_day_of_2024(measure):
    before, on = (
        rules.standing(measure, 99, 100, date(2024, 12, 30)),
        rules.standing(measure, 99, 100, date(2024, 12, 31)),
    )
    assert (before.due, on.due) == (False, True)
    assert (on.met, on.missing) == (False, 1)
    assert rules.standing(measure, 100, 100, date(2025, 3, 1)).met


@given(part=st.integers(0, 500), more=st.integers(0, 500), day=st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_more_compounds_never_make_it_worse(part, more, day):
    whole = part + more
    for measure in ("coverage_rate", "committee_rate", "red_compounds", "filed_rate"):
        less, full = (
            rules.standing(measure, part, whole, day),
            rules.standing(measure, part + 1, whole + 1, day),
        )
        assert full.missing <= less.missing
        assert full.met or not less.met


@given(part=st.integers(0, 500), more=st.integers(0, 500), day=st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_with_the_missing_compounds_the_target_is_met_and_with_one_less_it_is_not(part, more, day):
    found = rules.standing("committee_rate", part, part + more, day)
    needed = part + found.missing
    assert rules.standing("committee_rate", needed, part + more, day).met
    if found.missing:
        assert not rules.standing("committee_rate", needed - 1, part + more, day).met


@pytest.mark.clause("P-1.1")
def test_professional_and_quasi_count_as_covered_and_none_does_not(centre, submit):
    submit(row("甲"), row("乙", QUASI), row("丙", NONE), row("丁", NONE))
    district = _district(centre)
    assert (district["compounds"], district["covered"]) == (4, 2)
    assert _standing(district, "coverage_rate") == ("0.5000", "P-1.1", False, 2)


@pytest.mark.clause("P-1.1")
def test_coverage_is_that_of_the_day_asked_for(centre, submit):
    submit(row("甲", NONE), row("乙", NONE), as_of="2024-04-20")
    submit(row("甲"), row("乙", NONE), as_of="2024-06-20")
    covered = {
        day: _district(centre, on=day)["covered"] for day in ("2024-04-20", "2024-06-19", "2024-06-20")
    }
    assert covered == {"2024-04-20": 0, "2024-06-19": 0, "2024-06-20": 1}
    before = _district(centre, on="2024-04-19")
    assert (before["compounds"], before["reported"]) == (0, False)
    assert {
        (one["value"], one["met"]) for one in before["standings"] if one["measure"] != "red_compounds"
    } == {(None, False)}


def test_coverage_by_street_and_by_community(centre, submit):
    submit(
        row("甲"),
        row("乙", NONE, community="和平社区"),
        row("丙", street="交通街道", community="团结社区"),
    )
    streets = centre.get("/coverage", params={"level": "street"}).json()["items"]
    assert len(streets) == 15
    assert [(s["name"], s["compounds"], s["covered"]) for s in streets if s["reported"]] == [
        ("天骄街道", 2, 1),
        ("交通街道", 1, 1),
    ]
    communities = centre.get("/coverage", params={"level": "community", "street": "天骄"}).json()["items"]
    assert [(c["street"], c["name"], c["compounds"]) for c in communities] == [
        ("天骄街道", "团结社区", 1),
        ("天骄街道", "和平社区", 1),
    ]


@pytest.mark.clause("P-1.2")
def test_a_committee_counts_from_the_survey_or_from_the_register(centre, submit):
    submit(row("甲", members=5, party_members=3), row("乙", members=0), row("丙"))
    assert _district(centre)["with_committee"] == 1
    third = _compound(centre, "丙")
    formed = centre.post("/committees", json=_committee(third["id"], formed_on="2024-06-22"))
    assert formed.status_code == 201
    assert _district(centre, on="2024-06-21")["with_committee"] == 1
    assert _district(centre, on="2024-06-22")["with_committee"] == 2


@pytest.mark.clause("P-1.3")
def test_red_property_is_counted_from_its_naming_until_its_end(centre, submit):
    submit(row("甲"), row("乙"))
    compound = _compound(centre, "甲")["id"]
    named = centre.post(f"/compounds/{compound}/red-property", json={"designated_on": "2024-06-21"})
    assert named.status_code == 201
    assert (
        centre.post(f"/compounds/{compound}/red-property", json={"designated_on": "2024-06-22"}).status_code
        == 409
    )
    centre.post(f"/compounds/{compound}/red-property/withdraw", json={"withdrawn_on": "2024-09-01"})
    red = {
        day: _district(centre, on=day)["red"]
        for day in ("2024-06-20", "2024-06-21", "2024-08-31", "2024-09-01")
    }
    assert red == {"2024-06-20": 0, "2024-06-21": 1, "2024-08-31": 1, "2024-09-01": 0}


@pytest.mark.clause("P-2.2.5")
def test_the_filing_rate_is_over_compounds_with_a_company_and_unfiled_ones_are_listed(centre, submit):
    submit(row("甲"), row("乙"), row("丙", NONE))
    compound = _compound(centre, "甲")
    contract = centre.post("/contracts", json=_contract(compound)).json()
    centre.post(f"/contracts/{contract['id']}/submit", json={})
    centre.post(f"/contracts/{contract['id']}/accept", json={})
    district = _district(centre)
    assert (district["with_company"], district["filed"]) == (2, 1)
    assert _standing(district, "filed_rate") == ("0.5000", "P-2.2.5", False, 1)
    unfiled = centre.get("/compounds", params={"lacks": "filing"}).json()["items"]
    assert [c["name"] for c in unfiled] == ["乙"]


@pytest.mark.clause("P-2.2.5", "P-2.4.2")
def test_compounds_that_manage_themselves_have_no_contract_to_file_and_the_rate_can_be_full(centre, submit):
    submit(row("甲"), row("乙", QUASI, company="社区居委会托管"), row("丙", QUASI, company="业主自治"))
    contract = centre.post("/contracts", json=_contract(_compound(centre, "甲"))).json()
    for action in ("submit", "accept"):
        centre.post(f"/contracts/{contract['id']}/{action}", json={})
    district = _district(centre)
    assert (district["covered"], district["with_company"], district["filed"]) == (3, 1, 1)
    assert _standing(district, "filed_rate") == ("1.0000", "P-2.2.5", True, 0)
    assert centre.get("/compounds", params={"lacks": "filing"}).json()["items"] == []


@pytest.mark.clause("P-2.2.5")
def test_a_contract_counts_as_filed_on_its_first_and_last_days_and_on_none_beside_them(centre, submit):
    submit(row("甲"))
    term = {"starts_on": "2024-06-25", "ends_on": "2024-12-31"}
    contract = centre.post("/contracts", json=_contract(_compound(centre, "甲")) | term).json()
    for action in ("submit", "accept"):
        centre.post(f"/contracts/{contract['id']}/{action}", json={})
    days = ("2024-06-24", "2024-06-25", "2024-12-31", "2025-01-01")
    assert [_district(centre, on=day)["filed"] for day in days] == [0, 1, 1, 0]


@pytest.mark.clause("P-1.2")
def test_what_was_said_last_of_a_committee_counts(centre, submit, running):
    submit(row("甲", members=5, party_members=3), as_of="2024-01-10")
    compound = _compound(centre, "甲")["id"]
    dissolved = _committee(compound, formed_on="2022-06-01", dissolved_on="2024-06-01")
    assert centre.post("/committees", json=dissolved).status_code == 201
    days = ("2023-01-01", "2024-01-10", "2024-05-31", "2024-06-01")
    assert [_district(centre, on=day)["with_committee"] for day in days] == [0, 1, 1, 0]
    submit(row("甲", members=7, party_members=4), as_of="2024-06-20")
    assert _district(centre)["with_committee"] == 1


@pytest.mark.clause("P-1.2")
def test_a_survey_that_leaves_the_members_empty_takes_no_committee_away_and_is_doubted(centre, submit):
    submit(row("甲", members=5, party_members=3), as_of="2024-05-20")
    report = submit(row("甲"), as_of="2024-06-20").json()
    assert _district(centre)["with_committee"] == 1
    [doubt] = [each for each in report["warnings"] if each["heading"] == "委员人数"]
    assert "2024-05-20" in doubt["reason"]
    submit(row("甲", members=0), as_of="2024-06-21")
    assert _district(centre)["with_committee"] == 0


@pytest.mark.clause("P-1.1", "P-1.2")
def test_compounds_that_lack_coverage_or_a_committee_are_listed(centre, submit):
    submit(row("甲", members=5), row("乙", NONE), row("丙", QUASI))
    lacking = {
        what: [c["name"] for c in centre.get("/compounds", params={"lacks": what}).json()["items"]]
        for what in ("coverage", "committee")
    }
    assert lacking == {"coverage": ["乙"], "committee": ["乙", "丙"]}


def test_a_retired_compound_is_counted_no_more(centre, submit):
    submit(row("甲"), row("乙"))
    compound = centre.get(f"/compounds/{_compound(centre, '甲')['id']}")
    retired = centre.put(
        f"/compounds/{compound.json()['id']}/retirement",
        json={"retired_on": "2024-06-22"},
        headers={"If-Match": compound.headers["etag"]},
    )
    assert retired.status_code == 200
    assert (
        _district(centre, on="2024-06-21")["compounds"],
        _district(centre, on="2024-06-22")["compounds"],
    ) == (2, 1)


def test_every_answer_names_its_clauses(centre, submit):
    submit(row("甲"))
    answer = centre.get("/coverage").json()
    assert [citation["clause"] for citation in answer["basis"]] == [
        "P-1.1",
        "P-1.2",
        "P-1.3",
        "P-2.2.5",
        "P-2.4.2",
        "P-2.4.3",
        "P-2.4.4",
        "P-2.4.5",
    ]
    assert answer["basis"][0]["document"] == "东政发〔2024〕18号"


def test_the_street_level_leaves_out_the_target_that_is_the_districts(centre, submit):
    submit(row("甲"))
    street = centre.get("/coverage", params={"level": "street"}).json()["items"][0]
    assert "red_compounds" not in [item["measure"] for item in street["standings"]]


def test_coverage_as_a_workbook(centre, submit):
    from kit.workbooks.reading import read

    submit(row("甲"), row("乙", NONE))
    answer = centre.get("/coverage", params={"level": "street", "format": "xlsx"})
    [sheet] = read(answer.content)
    rows = {str(cells[0]): [str(cell) for cell in cells[2:]] for cells in sheet.rows if cells}
    assert rows["天骄街道"][:3] == ["已报送", "2", "1"]
    assert rows["罕台镇"][:2] == ["未报送", "0"]
    assert rows["合计"][:3] + rows["合计"][-3:] == ["已报送", "2", "1", "0.5", "0", "0"]
    assert [float(target) for target in rows["目标"][-3:]] == [1, 0.8, 1]


def test_an_unknown_street_is_an_answer(centre):
    refused = centre.get("/coverage", params={"street": "火星街道"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?street")


def _district(client, **params):
    [district] = client.get("/coverage", params=params).json()["items"]
    return district


def _standing(division, measure):
    [found] = [item for item in division["standings"] if item["measure"] == measure]
    return found["value"], found["clause"], found["met"], found["missing"]


def _compound(client, name):
    [found] = [item for item in client.get("/compounds").json()["items"] if item["name"] == name]
    return found


def _committee(compound, **more):
    return {
        "compound_id": compound,
        "kind": "owners_committee",
        "formed_on": "2024-05-20",
        "term_ends_on": "2029-05-20",
        "members": 7,
        "party_members": 4,
        "has_party_organisation": True,
    } | more


def _contract(compound):
    return {
        "compound_id": compound["id"],
        "company_id": compound["company"],
        "signed_on": "2024-05-20",
        "starts_on": "2024-06-01",
        "ends_on": "2027-06-01",
    }
