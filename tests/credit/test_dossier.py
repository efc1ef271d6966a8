"""The integrity file of a company: everything in time order, with what was said later (P-2.3.4a)."""

import pytest

from tests.credit.conftest import CODES, listed
from tests.credit.test_leads import handed_in
from tests.credit.test_lists_and_awards import FULL, Desk

pytestmark = pytest.mark.clause("P-2.3.4a")


@pytest.fixture
def desk(credit, clock) -> Desk:
    return Desk(credit, clock)


@pytest.fixture
def years(credit, desk, company) -> dict[str, str]:
    """A year to the black list, an objection, a repair and an assessment; and another company with its own."""
    desk.enter("2024-03-01", company, *FULL)
    [bad] = desk.enter("2024-06-03", company, "N01")
    [wrong] = desk.enter("2024-06-04", company, "N05")
    desk.enter("2024-06-05", listed(credit, "乙物业（虚构）", CODES[1]), "N01")
    desk.on("2024-06-06").post(f"/records/{wrong}/withdraw", json={"reason": "登记有误"})
    desk.evaluate(2024)
    at = desk.on("2025-02-21")
    body = {"company_id": str(company), "year": 2024, "result": "good", "source": "2024 年度考核通报"}
    assert at.post("/assessments", json=body).status_code == 201
    own = desk.on("2025-03-03", "credit:read", "credit:company", company=CODES[0])
    body = {"commitment": "已整改", "evidence": [{"title": "复查意见"}]}
    repair = own.post(f"/records/{bad}/repairs", json=body).json()["id"]
    desk.on("2025-03-04").post(f"/repairs/{repair}/approve", json={"decision": "属实"})
    return {"bad": bad, "wrong": wrong}


def test_tells_what_was_done_and_what_was_decided_in_time_order(credit, company, years):
    items = credit.client("credit:read").get(f"/companies/{CODES[0]}/file").json()["items"]
    assert [(each["at"][:10], each["what"], each["code"]) for each in items if each["at"] > "2024-03-02"] == [
        ("2024-06-03", "record", "N01"),
        ("2024-06-04", "record", "N05"),
        ("2024-06-06", "amendment", "withdrawn"),
        ("2025-01-20", "evaluation", "C"),
        ("2025-02-20", "listed", "black"),
        ("2025-02-21", "assessment", "good"),
        ("2025-03-03", "repair", None),
        ("2025-03-04", "amendment", "repaired"),
        ("2025-03-04", "left", None),
        ("2025-03-04", "repair_decided", "approved"),
    ]
    assert sum(each["what"] == "record" for each in items) == len(FULL) + 2
    by_record = [each["title"] for each in items if each["record"] == years["wrong"]]
    assert by_record[1] == "后续记载：撤回"


def test_comes_page_by_page_as_a_whole(credit, company, years):
    reader, path = credit.client("credit:read"), f"/companies/{CODES[0]}/file"
    whole = reader.get(path).json()["items"]
    found, cursor = [], None
    while True:
        page = reader.get(path, params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        found += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert found == whole
    assert reader.get(path, params={"newest": True}).json()["items"] == whole[::-1]


def test_prints_with_everything_and_nothing_from_outside(credit, company, years):
    page = credit.client("credit:read").get(f"/companies/{CODES[0]}/file/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for told in (
        "甲物业（虚构）",
        "后续记载：撤回",
        "登记有误",
        "信用修复审核：同意修复",
        "列入红黑榜：黑榜",
    ):
        assert told in page.text
    assert "http" not in page.text


def test_is_the_company_s_own_and_no_other_company_s(credit, company, years):
    assert (
        credit.client("credit:read", company=CODES[0]).get(f"/companies/{CODES[0]}/file").status_code == 200
    )
    other = credit.client("credit:read", company=CODES[1])
    assert other.get(f"/companies/{CODES[0]}/file").status_code == 404
    assert other.get(f"/companies/{CODES[0]}/file/page").status_code == 404
    assert credit.stranger().get(f"/companies/{CODES[0]}/file").status_code == 401


def test_awards_and_objections_stand_in_it_too(credit, company, years):
    [(evaluation,)] = credit.sql("SELECT id FROM evaluations")
    credit.sql(
        "INSERT INTO award_funds VALUES (2024, 300000000, 12345, %s, '2025-02-22T09:00+08')", evaluation
    )
    credit.sql("INSERT INTO awards (year, company_id, amount, weight) VALUES (2024, %s, 12345, 1)", company)
    credit.sql(
        "INSERT INTO objections (id, evaluation_id, company_id, record_id, reason, filed_at, due_on, state, decision,"
        " decided_at) VALUES (gen_random_uuid(), %s, %s, %s, '不属实', '2025-01-07', '2025-01-20', 'rejected', '属实',"
        " '2025-01-10')",
        evaluation, company, years["bad"],
    )  # fmt: skip
    items = credit.client("credit:read").get(f"/companies/{CODES[0]}/file").json()["items"]
    told = [(each["title"], each["words"]) for each in items]
    assert ("以奖代补", "2024 年度，123.45 元") in told
    assert ("提出异议", "不属实") in told
    assert ("异议处理：异议不成立", "属实") in told


@pytest.mark.clause("P-2.2.2b")
def test_tells_of_leads_what_was_said_masked_and_what_was_decided(credit, company):
    for details in ({"uscc": CODES[0], "reason": "不应扣分，可致电 13800001234"}, {"uscc": CODES[0]}):
        handed_in(credit.client("dispatch:read", "dispatch:write", name="12345"), **details)
    office = credit.client("credit:read", "credit:evaluate", name="housing-centre")
    [first, _] = office.get("/leads").json()["items"]
    assert office.post(f"/leads/{first['id']}/dismiss", json={"decision": "与信用无关"}).is_success
    items = credit.client("credit:read").get(f"/companies/{CODES[0]}/file").json()["items"]
    told = {(each["what"], each["id"]): (each["title"], each["words"]) for each in items}
    assert len(told) == len(items) == 3
    assert told["lead", first["id"]] == ("收到信用线索", "不应扣分，可致电 138****1234")
    assert told["lead_decided", first["id"]] == ("信用线索处理：不成立", "与信用无关")
