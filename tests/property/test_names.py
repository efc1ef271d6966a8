"""One name is one thing, however it is typed; what is likely the same is proposed and never merged by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.names import likeness, name_key, one_line
from services.property.surveys.form import Status
from tests.property.conftest import row

UNSEEN = "\u200b\u200d\u2060\ufeff\u202e\u2066\ufe0f\u00ad"
BLANKS = " \n\r\t\u00a0\u3000\u2003"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("和谐家园（一期）", "和谐家园(一期)"),
        ("和谐家园【一期】", "和谐家园〔一期〕"),
        ("和谐\n家园", "和谐家园"),
        ("和谐\u00a0家园\u3000", "和谐家园"),
        ("２期Ａ区", "2期a区"),
        ("和谐\u200b家园\u202e", "和谐家园"),
        ("金色·港湾", "金色・港湾"),
        ("A－1", "A—1"),
        ("“和谐”家园", '"和谐"家园'),
    ],
)
def test_names_that_people_take_for_one_have_one_key(one, other):
    assert name_key(one) == name_key(other)


@given(st.text())
def test_the_normal_form_of_a_normal_form_is_itself(name):
    assert name_key(name_key(name)) == name_key(name)


@given(st.lists(st.sampled_from("和谐家园一二期AB12()"), min_size=1), st.data())
def test_blanks_and_unseen_letters_anywhere_make_no_other_name(letters, data):
    among = st.text(UNSEEN + BLANKS, max_size=3)
    typed = "".join(data.draw(among) + letter for letter in letters) + data.draw(among)
    assert name_key(typed) == name_key("".join(letters)) == name_key(one_line(typed))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("某某物业有限公司", "某某物业有限责任公司"),
        ("己", "己社区"),
        ("己社区", "己社区居委会"),
        ("己社区", "己社区居民委员会"),
        ("团结", "团结小区"),
        ("和谐家园一期", "和谐家园（一期）"),
    ],
)
def test_names_that_are_only_likely_one_keep_two_keys(one, other):
    assert likeness(one) == likeness(other)
    assert name_key(one) != name_key(other)


def test_a_survey_that_spells_names_otherwise_makes_nothing_new(centre, submit):
    submit(row("和谐家园（一期）", company="某某（服务）有限公司"), as_of="2024-05-20")
    again = row("和谐家园(一期)", community="团结 社区", company="某某(服务)有限公司")
    report = submit(again, as_of="2024-06-20").json()
    assert (report["new_compounds"], report["new_companies"], report["absent"]) == (0, [], [])
    [compound] = centre.get("/compounds").json()["items"]
    assert (compound["name"], compound["community"]) == ("和谐家园（一期）", "团结社区")


def test_one_company_spelled_in_two_ways_in_one_survey_is_one(centre, submit):
    report = submit(
        row("甲", company="某某（服务）有限公司"), row("乙", company="某某(服务) 有限公司")
    ).json()
    assert report["new_companies"] == ["某某（服务）有限公司"]


def test_a_filed_contract_stays_filed_when_the_next_survey_spells_the_company_otherwise(centre, submit):
    submit(row("甲", company="某某（东胜）物业服务有限公司"), as_of="2024-06-01")
    [compound] = centre.get("/compounds").json()["items"]
    term = {"signed_on": "2024-05-20", "starts_on": "2024-06-01", "ends_on": "2027-05-31"}
    body = {"compound_id": compound["id"], "company_id": compound["company"], **term}
    contract = centre.post("/contracts", json=body).json()["id"]
    for action in ("submit", "accept"):
        centre.post(f"/contracts/{contract}/{action}", json={})
    submit(row("甲", company="某某(东胜)物业服务有限公司"), as_of="2024-06-24")
    [district] = centre.get("/coverage").json()["items"]
    assert (district["with_company"], district["filed"]) == (1, 1)


def test_a_company_that_is_there_is_not_entered_again_with_a_blank(centre):
    first = centre.post("/companies", json={"name": " 示例物业有限公司 "})
    assert (first.status_code, first.json()["name"]) == (201, "示例物业有限公司")
    for name in ("示例物业有限公司 ", "示例\n物业有限公司", "示例物业有限公司\u200b"):
        again = centre.post("/companies", json={"name": name})
        assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/name")
    assert centre.get("/companies", params={"q": "示例 物业"}).json()["items"][0]["id"] == first.json()["id"]


def test_a_name_of_nothing_that_can_be_seen_is_refused(centre):
    refused = centre.post("/companies", json={"name": "\u200b\u200b\u3000"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name")


def test_names_that_are_likely_one_are_proposed_with_their_rows_and_kept_apart(centre, submit):
    submit(row("甲", community="己社区", company="某某物业有限公司"), as_of="2024-05-20")
    typed = row("乙", community="己社区居委会", company="某某物业有限责任公司")
    report = submit(typed, row("丙", Status.NONE, community="己社区"), as_of="2024-06-20").json()
    doubts = {(each["heading"], each["value"]): each["reason"] for each in report["warnings"]}
    assert "“己社区”" in doubts["所在社区", "己社区居委会"]
    assert "“某某物业有限公司”" in doubts["物业服务企业", "某某物业有限责任公司"]
    assert len(centre.get("/companies").json()["items"]) == 2
    assert len(centre.get("/divisions", params={"kind": "community"}).json()["items"]) == 2
