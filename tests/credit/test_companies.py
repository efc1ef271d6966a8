"""What the public and other departments read of the companies under evaluation."""

import pytest

from kit.storage.db import new_id
from kit.workbooks.reading import read
from tests.credit.property_events import CODE, send, told

OTHER_CODE = "91150602MA0N00000X"


@pytest.fixture
def three(credit):
    """The service with three companies under evaluation; their ids by name."""
    names = {"甲物业（虚构）": CODE, "乙物业（虚构）": OTHER_CODE, "100%满意服务（虚构）": None}
    ids = {name: new_id() for name in names}
    for name, code in names.items():
        send(credit, told(ids[name], name, code))
    return credit, ids


def names_of(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


@pytest.mark.clause("P-2.3.2b")
def test_the_public_and_the_departments_read_the_same_record(three):
    credit, ids = three
    readers = [
        credit.client("credit:read", name="public-site"),
        credit.client("credit:read", name="reform", unit="development-reform-commission"),
        credit.client("credit:read", name="market", unit="market-supervision-bureau"),
        credit.client("credit:read", name="urban", unit="urban-management-bureau"),
    ]
    answers = [reader.get(f"/companies/{ids['甲物业（虚构）']}") for reader in readers]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    found = answers[0].json()
    assert (found["name"], found["uscc"]) == ("甲物业（虚构）", CODE)
    assert [(basis["clause"], basis["document"]) for basis in found["basis"]] == [
        ("P-2.3.2b", "东政发〔2024〕18号")
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["甲物业（虚构）", "乙物业（虚构）", "100%满意服务（虚构）"]),
        ({"name": "物业"}, ["甲物业（虚构）", "乙物业（虚构）"]),
        ({"name": " 乙 "}, ["乙物业（虚构）"]),
        ({"name": "%"}, ["100%满意服务（虚构）"]),
        ({"name": "_"}, []),
        ({"uscc": CODE}, ["甲物业（虚构）"]),
        ({"uscc": OTHER_CODE.lower()}, ["乙物业（虚构）"]),
        ({"name": "甲", "uscc": OTHER_CODE}, []),
    ],
)
def test_companies_are_found_by_part_of_the_name_and_by_code(three, asked, found):
    credit, _ = three
    assert names_of(credit.client().get("/companies", params=asked)) == found


def test_pages_follow_one_another_without_a_gap_or_a_repeat(three):
    credit, ids = three
    seen, cursor = [], None
    while True:
        page = credit.client().get("/companies", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += names_of(page)
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert seen == list(ids)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"uscc": "9111"}, "?uscc"),
        ({"name": " "}, "?name"),
        ({"format": "pdf"}, "?format"),
        ({"cursor": "x"}, "?cursor"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused_with_its_place(three, asked, pointer):
    credit, _ = three
    refused = credit.client().get("/companies", params=asked)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_company_that_is_not_there_is_an_answer(credit):
    missing = credit.client().get("/companies/01990000-0000-7000-8000-000000000000")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:dongsheng:problem:not-found")


@pytest.mark.parametrize("path", ["/companies", "/companies/01990000-0000-7000-8000-000000000000"])
def test_reading_needs_a_token_with_the_scope(credit, path):
    assert credit.stranger().get(path).status_code == 401
    assert credit.client("office:read").get(path).status_code == 403


def test_the_list_comes_as_a_workbook_with_the_same_filters(three):
    credit, _ = three
    answer = credit.client().get("/companies", params={"format": "xlsx", "name": "物业", "limit": 1})
    assert answer.status_code == 200
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    assert "20240624.xlsx" in answer.headers["content-disposition"]
    [sheet] = read(answer.content)
    header = next(at for at, row in enumerate(sheet.rows) if row[0] == "序号")
    rows = [tuple(row[:3]) for row in sheet.rows[header + 1 : header + 3]]
    assert rows == [(1, "甲物业（虚构）", CODE), (2, "乙物业（虚构）", OTHER_CODE)]
    assert sheet.rows[header + 3][0].startswith("依据")


@pytest.mark.parametrize("matter", ["credit-objection", "credit-list-query"])
def test_the_hotline_s_credit_matters_go_to_the_housing_centre(credit, matter):
    hotline = credit.client("dispatch:write", "dispatch:read")
    taken = hotline.post("/dispatch/requests", json={"matter": matter, "summary": "查询或异议（虚构）"})
    assert taken.status_code == 201
    assert taken.json()["unit"] == "housing-centre"
    assert taken.json()["number"] == "DS-CQ-20240624-0001"
    assert taken.json()["due_at"] > "2024-06-24"
