"""Projects, their compounds, and who is in charge of a compound: of each at most one on any day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

from services.property.plan.modes import CLAUSE_OF, WITHOUT_COMPANY, Mode
from tests.property.conftest import row
from tests.property.test_coverage import _compound


@pytest.fixture
def compound(centre, submit):
    submit(row("甲小区"))
    return _compound(centre, "甲小区")["id"]


@pytest.fixture
def company(centre):
    return centre.post("/companies", json={"name": "乙物业（虚构）"}).json()["id"]


def charge(compound, company, begins="2024-06-01", ends=None, mode="market", **more):
    made = {"compound_id": compound, "mode": mode, "begins_on": begins, "ends_on": ends}
    return made | ({"company_id": company} if company else {}) | more


@pytest.mark.parametrize(
    ("begins", "ends", "taken"),
    [
        ("2024-01-01", "2024-05-31", True),
        ("2024-01-01", "2024-06-01", False),  # both days are of a period
        ("2024-12-31", None, False),
        ("2025-01-01", None, True),
        ("2024-08-01", "2024-08-01", False),
        ("2024-01-01", None, False),
    ],
)
def test_two_are_never_in_charge_of_a_compound_on_one_day(centre, compound, company, begins, ends, taken):
    first = centre.post("/charges", json=charge(compound, company, "2024-06-01", "2024-12-31"))
    assert first.status_code == 201, first.text
    second = centre.post("/charges", json=charge(compound, company, begins, ends))
    assert second.status_code == (201 if taken else 409)
    if not taken:
        assert second.json()["type"].endswith("overlapping-period")
        assert second.json()["errors"][0]["pointer"] == "/begins_on"


def test_of_many_who_come_at_once_one_is_in_charge(centre, running, compound, company):
    def come(number):
        begins = date(2024, 6, 1) + timedelta(days=number)
        return centre.post("/charges", json=charge(compound, company, begins.isoformat())).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(come, range(8))) == [201, *[409] * 7]
    assert running.sql("SELECT count(*) FROM charges") == [(1,)]


def test_the_database_alone_refuses_a_second_in_charge_whoever_writes(running, centre, compound, company):
    centre.post("/charges", json=charge(compound, company))
    again = (
        "INSERT INTO charges SELECT entered_at, changed_at, gen_random_uuid(), 1, compound_id, company_id, keeper,"
        " mode, begins_on + 10, ends_on, note FROM charges"
    )
    with pytest.raises(Exception, match="ex_charges_compound_id"):
        running.sql(again)


def test_days_meet_exactly_when_the_thing_and_a_day_are_the_same(running):
    random = Random(8)
    things = [UUID(int=random.getrandbits(128)) for _ in range(3)]
    things.append(UUID(int=things[0].int + 1))  # the neighbour's numbers begin where the first one's end
    periods = [
        (begins, ends) for begins in (0, 5, 9) for ends in (None, 5, 9) if ends is None or ends >= begins
    ]
    first = date(2024, 6, 1)
    cases = [(one, other, a, b) for one in things for other in things for a in periods for b in periods]

    def days(begins, ends):
        return first + timedelta(begins), None if ends is None else first + timedelta(ends)

    asked = "SELECT " + ",".join(["days_of(%s, %s, %s) && days_of(%s, %s, %s)"] * len(cases))
    found = running.sql(
        asked, *(each for one, other, a, b in cases for each in (one, *days(*a), other, *days(*b)))
    )
    assert list(found[0]) == [
        one == other
        and a[0] <= (b[1] if b[1] is not None else 99)
        and b[0] <= (a[1] if a[1] is not None else 99)
        for one, other, a, b in cases
    ]


@pytest.mark.clause("P-2.4.2", "P-2.4.3", "P-2.4.4", "P-2.4.5")
def test_every_mode_of_the_plan_is_there_with_its_section():
    assert CLAUSE_OF.keys() == set(Mode)
    assert {mode.zh for mode in Mode if CLAUSE_OF[mode] == "P-2.4.2"} == {
        "以大带小",
        "以强带弱",
        "以新带旧",
        "以公建带民建",
        "社区居民委员会托管",
        "社会组织代管",
        "业主自治",
    }


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode not in WITHOUT_COMPANY])
def test_only_some_modes_do_without_a_company(centre, mode):
    refused = centre.post(
        "/charges", json=charge("01990000-0000-7000-8000-000000000000", None, mode=mode, keeper="业主")
    )
    assert refused.status_code == 422
    assert "company_id" in refused.text


def test_a_compound_that_its_owners_keep_has_no_company(centre, compound):
    kept = centre.post("/charges", json=charge(compound, None, mode="self_management", keeper="业主自治小组"))
    assert (kept.status_code, kept.json()["company_id"]) == (201, None)


def project(company, name="天骄片区（虚构）", **more):
    return {
        "name": name,
        "kind": "residential",
        "street": "天骄街道",
        "company_id": company,
        "begins_on": "2024-06-01",
    } | more


@pytest.mark.clause("P-2.4.2")
def test_neighbouring_compounds_make_one_project_with_their_owners_opinions(centre, submit, company):
    submit(row("甲小区"), row("乙小区"))
    bundled = centre.post("/projects", json=project(company)).json()["id"]
    opinions = {"asked_on": "2024-05-10", "in_favour": 168, "against": 12, "abstained": 20}
    for name in ("甲小区", "乙小区"):
        part = {
            "project_id": bundled,
            "compound_id": _compound(centre, name)["id"],
            "begins_on": "2024-06-01",
        }
        assert centre.post("/project-compounds", json=part | opinions).status_code == 201
    listed = centre.get("/project-compounds", params={"project_id": bundled}).json()["items"]
    assert [each["in_favour"] for each in listed] == [168, 168]
    other = centre.post("/projects", json=project(company, "另一片区（虚构）")).json()["id"]
    again = centre.post("/project-compounds", json=part | {"project_id": other})
    assert (again.status_code, again.json()["type"]) == (409, "urn:dongsheng:problem:overlapping-period")


def test_owners_opinions_come_with_their_day_or_not_at_all(centre, company):
    part = {"project_id": company, "compound_id": company, "begins_on": "2024-06-01", "in_favour": 3}
    assert "一并填写" in centre.post("/project-compounds", json=part).text


def test_a_commercial_complex_is_a_project_without_compounds(centre, company):
    made = centre.post("/projects", json=project(company, "某商业综合体（虚构）", kind="commercial"))
    assert made.status_code == 201
    assert [
        each["id"] for each in centre.get("/projects", params={"kind": "commercial"}).json()["items"]
    ] == [made.json()["id"]]
