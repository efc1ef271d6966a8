"""What was entered wrong is put right: renamed, moved, merged, withdrawn; everything follows, the old name is kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.property.companies import Company
from services.property.compounds.models import Compound
from services.property.merging import hanging_on
from services.property.surveys.form import Status
from tests.property.conftest import hand_in, row, workbook
from tests.property.test_coverage import _committee, _compound, _contract, _district

WHY = "名称录入有误"


# ------------------------------------------------------------------------------------ a second file of the same day
def test_a_second_file_of_the_day_that_leaves_compounds_out_is_refused_and_names_them(centre, running):
    hand_in(centre, workbook(row("甲1"), row("甲2")))
    second = workbook(row("乙1", community="乙社区"))
    refused = hand_in(centre, second)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:dongsheng:problem:drops-compounds")
    assert [each["compound"] for each in refused.json()["dropped"]] == ["甲1", "甲2"]
    assert _district(centre)["compounds"] == 2
    trial = hand_in(centre, second, dry_run=True)
    assert [each["compound"] for each in trial.json()["dropped"]] == ["甲1", "甲2"]


@pytest.mark.parametrize(("others", "compounds", "dropped"), [("keep", 3, []), ("drop", 1, ["甲1", "甲2"])])
def test_who_hands_in_a_second_file_says_what_becomes_of_the_others(centre, others, compounds, dropped):
    hand_in(centre, workbook(row("甲1"), row("甲2")))
    answer = hand_in(centre, workbook(row("乙1", community="乙社区")), others=others)
    assert answer.status_code == 201
    assert [each["compound"] for each in answer.json()["dropped"]] == dropped
    assert _district(centre)["compounds"] == compounds


def test_what_a_file_drops_is_told_in_the_feed(centre):
    first = hand_in(centre, workbook(row("甲1"), row("甲2"))).json()["survey"]
    hand_in(centre, workbook(row("甲2"), row("乙1")), others="drop")
    gone = centre.told("property.compound.survey-withdrawn")
    assert [(each["data"]["name"], each["data"]["as_of"], each["data"]["survey"]) for each in gone] == [
        ("甲1", "2024-06-20", first)
    ]


def test_of_two_clerks_at_once_one_is_told_what_the_other_has_handed_in(centre):
    files = [workbook(*(row(f"{name}{number}") for number in range(3))) for name in "甲乙"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda data: hand_in(centre, data), files))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert _district(centre)["compounds"] == 3


@pytest.mark.parametrize("day", ["0024-06-20", "1924-06-20", "1999-12-31"])
def test_a_survey_of_a_mistyped_year_is_refused(centre, day):
    refused = hand_in(centre, workbook(row("甲")), as_of=day)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?as_of")


def test_a_retired_compound_that_a_survey_names_again_is_doubted(centre, submit):
    submit(row("甲"), row("乙"), as_of="2024-05-20")
    compound = _compound(centre, "甲")["id"]
    retired = {"retired_on": "2024-06-01"}
    centre.put(f"/compounds/{compound}/retirement", json=retired, headers={"If-Match": "*"})
    report = submit(row("甲"), row("乙"), as_of="2024-06-20").json()
    [doubt] = [each for each in report["warnings"] if "注销" in each["reason"]]
    assert (doubt["value"], "2024-06-01" in doubt["reason"]) == ("甲", True)


# ---------------------------------------------------------------------------------------------- surveys taken back
def test_a_survey_that_is_taken_back_counts_no_more_and_its_record_says_why(centre, submit):
    submit(row("甲", Status.NONE), as_of="2024-05-20")
    survey = submit(row("甲"), row("乙"), as_of="2024-06-20").json()["survey"]
    assert (_district(centre)["compounds"], _district(centre)["covered"]) == (2, 2)
    taken_back = centre.post(f"/surveys/{survey}/withdraw", json={"reason": "摸底日期填错"})
    assert taken_back.status_code == 200, taken_back.text
    assert (_district(centre)["compounds"], _district(centre)["covered"]) == (1, 0)
    record = centre.get(f"/surveys/{survey}").json()
    assert (record["withdrawal_reason"], record["phone"]) == ("摸底日期填错", "138****1234")
    told = centre.told("withdrawn", 3)
    assert [each["type"] for each in told] == ["property.survey.withdrawn"] + 2 * [
        "property.compound.survey-withdrawn"
    ]
    again = centre.post(f"/surveys/{survey}/withdraw", json={"reason": "摸底日期填错"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:dongsheng:problem:survey-withdrawn")


def test_a_survey_that_was_taken_back_can_be_handed_in_again(centre):
    data = workbook(row("甲"))
    survey = hand_in(centre, data).json()["survey"]
    centre.post(f"/surveys/{survey}/withdraw", json={"reason": "误报"})
    assert hand_in(centre, data).status_code == 201
    assert _district(centre)["compounds"] == 1


# ------------------------------------------------------------------------------------------------------- compounds
@pytest.mark.clause("P-2.2.5")
def test_what_hangs_on_a_compound_follows_its_new_name_and_the_old_one_is_doubted(centre, submit):
    submit(row("旧名苑"), as_of="2024-05-20")
    compound = _compound(centre, "旧名苑")
    _furnish(centre, compound)
    renamed = centre.post(f"/compounds/{compound['id']}/rename", json={"name": "新名苑", "reason": WHY})
    assert (renamed.json()["action"], renamed.json()["former_name"]) == ("renamed", "旧名苑")
    report = submit(row("新名苑"), as_of="2024-06-20").json()
    assert (report["new_compounds"], report["absent"]) == (0, [])
    counted = _district(centre)
    assert [counted[each] for each in ("compounds", "with_committee", "red", "filed")] == [1, 1, 1, 1]
    doubts = submit(row("旧名苑"), row("新名苑"), as_of="2024-06-21").json()["warnings"]
    assert [each["value"] for each in doubts if "“新名苑”以前的名称" in each["reason"]] == ["旧名苑"]
    told = [each["data"] for each in centre.told("property.compound.corrected")]
    assert [(each["former_name"], each["name"], each["reason"]) for each in told] == [
        ("旧名苑", "新名苑", WHY)
    ]


def test_a_compound_that_moves_to_another_community_is_counted_once(centre, submit):
    submit(row("搬家苑", community="东社区"), row("甲", community="西社区"), as_of="2024-05-20")
    compound, west = _compound(centre, "搬家苑"), _community(centre, "西社区")
    body = {"name": "搬家苑", "community_id": west, "reason": "划归西社区"}
    assert centre.post(f"/compounds/{compound['id']}/rename", json=body).json()["action"] == "moved"
    submit(row("搬家苑", community="西社区"), row("甲", community="西社区"), as_of="2024-06-20")
    assert _district(centre)["compounds"] == 2
    late = submit(row("搬家苑", community="东社区"), row("甲", community="西社区"), as_of="2024-06-21").json()
    assert any("以前的名称" in each["reason"] for each in late["warnings"])


def test_two_compounds_that_are_one_are_merged_with_all_that_hangs_on_them(centre, submit):
    submit(row("和谐苑"), as_of="2024-05-20")
    old = _compound(centre, "和谐苑")
    _furnish(centre, old)
    submit(row("和谐家苑"), as_of="2024-06-20")
    new = _compound(centre, "和谐家苑")["id"]
    merged = centre.post(f"/compounds/{old['id']}/withdraw", json={"into": new, "reason": "同一小区"})
    assert (merged.status_code, merged.json()["action"]) == (200, "merged")
    counted = _district(centre)
    assert [counted[each] for each in ("compounds", "with_committee", "red", "filed")] == [1, 1, 1, 1]
    assert _district(centre, on="2024-05-20")["compounds"] == 1
    late = centre.post(f"/compounds/{old['id']}/rename", json={"name": "甲", "reason": WHY})
    assert (late.status_code, late.json()["into"]) == (409, new)


def test_a_compound_that_is_still_surveyed_is_not_taken_back_and_a_taken_name_is_refused(centre, submit):
    submit(row("甲"), row("乙"))
    compound = _compound(centre, "甲")["id"]
    refused = [
        centre.post(f"/compounds/{compound}/withdraw", json={"reason": WHY}),
        centre.post(f"/compounds/{compound}/rename", json={"name": "乙 ", "reason": WHY}),
        centre.post(f"/compounds/{compound}/withdraw", json={"into": compound, "reason": WHY}),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 409]
    slugs = [answer.json()["type"].rpartition(":")[2] for answer in refused]
    assert slugs == ["still-in-use", "name-taken", "into-itself"]


# --------------------------------------------------------------------------------------- communities and companies
def test_a_community_that_was_typed_in_two_ways_is_merged_and_leaves_the_list(centre, submit):
    submit(row("甲", community="己社区"), row("乙", community="己社区居委会"))
    wrong, right = _community(centre, "己社区居委会"), _community(centre, "己社区")
    merged = centre.post(f"/divisions/{wrong}/withdraw", json={"into": right, "reason": "同一社区"})
    assert merged.status_code == 200, merged.text
    assert {each["community"] for each in centre.get("/compounds").json()["items"]} == {"己社区"}
    listed = centre.get("/divisions", params={"kind": "community"}).json()["items"]
    assert [each["name"] for each in listed] == ["己社区"]


def test_a_street_puts_right_what_is_its_own_and_no_company_of_all(running, centre, submit):
    submit(row("甲"), row("乙", street="交通街道"))
    street = running.client("property:read", "property:write", division="天骄街道")
    body = {"name": "甲苑", "reason": WHY}
    assert street.post(f"/compounds/{_compound(centre, '甲')['id']}/rename", json=body).status_code == 200
    assert street.post(f"/compounds/{_compound(centre, '乙')['id']}/rename", json=body).status_code == 404
    [company] = centre.get("/companies").json()["items"]
    assert street.post(f"/companies/{company['id']}/withdraw", json={"reason": WHY}).status_code == 403
    streets = centre.get("/divisions", params={"kind": "street"}).json()["items"]
    assert centre.post(f"/divisions/{streets[0]['id']}/rename", json=body).status_code == 409


def test_a_company_typed_wrong_is_merged_into_the_right_one_and_credit_is_told(centre, submit):
    submit(row("甲", company="示例物页有限公司"))
    compound = _compound(centre, "甲")
    right = centre.post("/companies", json={"name": "示例物业有限公司"}).json()["id"]
    _furnish(centre, compound)
    merged = centre.post(
        f"/companies/{compound['company']}/withdraw", json={"into": right, "reason": "名称打错"}
    )
    assert (merged.status_code, merged.json()["action"]) == (200, "merged")
    assert _compound(centre, "甲")["company_name"] == "示例物业有限公司"
    assert _district(centre)["filed"] == 1
    assert [each["id"] for each in centre.get("/companies").json()["items"]] == [right]
    told = centre.told("property.company.withdrawn")
    assert [(each["data"]["name"], each["data"]["into"]) for each in told] == [("示例物页有限公司", right)]
    doubts = submit(row("甲", company="示例物页有限公司"), as_of="2024-06-21").json()["warnings"]
    assert any("“示例物业有限公司”以前的名称" in each["reason"] for each in doubts)


def test_a_company_keeps_its_former_name_and_the_reason(centre):
    company = centre.post("/companies", json={"name": "旧物业（虚构）"}).json()["id"]
    body = {"name": "新物业（虚构）", "reason": "工商变更"}
    assert centre.put(f"/companies/{company}", json=body, headers={"If-Match": "*"}).status_code == 200
    [kept] = centre.get("/corrections", params={"subject": company}).json()["items"]
    assert (kept["former_name"], kept["reason"], kept["client"]) == (
        "旧物业（虚构）",
        "工商变更",
        "housing-centre",
    )


def _furnish(centre, compound):
    """A committee, a naming as red property and a filed contract for a compound."""
    centre.post("/committees", json=_committee(compound["id"]))
    centre.post(f"/compounds/{compound['id']}/red-property", json={"designated_on": "2024-06-01"})
    contract = centre.post("/contracts", json=_contract(compound)).json()["id"]
    for action in ("submit", "accept"):
        centre.post(f"/contracts/{contract}/{action}", json={})


def _community(centre, name):
    listed = centre.get("/divisions", params={"kind": "community"}).json()["items"]
    [found] = [each["id"] for each in listed if each["name"] == name]
    return found


def test_a_company_that_is_withdrawn_gives_up_its_name_and_code(centre):
    given = {"name": "甲物业有限公司", "uscc": "91150602MA0DEMF00Q"}
    company = centre.post("/companies", json=given)
    taken_back = centre.post(f"/companies/{company.json()['id']}/withdraw", json={"reason": "误登"})
    assert taken_back.status_code == 200, taken_back.text
    assert centre.post("/companies", json=given).status_code == 201


def test_whatever_refers_to_a_compound_or_a_company_hangs_on_it():
    def tables(model):
        return {column.table.name for column in hanging_on(model)}

    assert tables(Compound) >= {
        "observations",
        "committees",
        "contracts",
        "hazards",
        "inspections",
        "findings",
    }
    assert tables(Company) >= {"observations", "contracts", "hazards"}
