"""A year's assessments are the housing centre's own input, entered or imported from their notice (P-2.3.5a)."""

import pytest

from kit.workbooks.reading import read
from kit.workbooks.writing import Column, table
from services.credit.plan.assessed import HEADINGS
from tests.credit.conftest import CODES, listed

pytestmark = pytest.mark.clause("P-2.3.5a")
NOTICE = {"year": "2023", "source": "2023 年度考核通报"}
A, B = ("甲物业（虚构）", CODES[0]), ("乙物业（虚构）", CODES[1])


@pytest.fixture(autouse=True)
def companies(credit, company) -> None:
    listed(credit, *B)


def imported(client, *rows, headings=HEADINGS, **asked):
    file = ("考核.xlsx", table([Column(each) for each in headings], rows))
    return client.post("/assessments/import", files={"file": file}, params=NOTICE | asked)


def kept(client) -> list[tuple[str, str | None, str]]:
    rows = client.get("/assessments").json()["items"]
    return sorted((row["result"], row["points"], row["source"]) for row in rows)


def test_notice_is_imported_by_code_or_name_and_a_second_time_changes_nothing(centre):
    rows = [(*A, "优秀", "95.5"), ("乙 物业(虚构)", None, "合格", None)]
    answers = [imported(centre, *rows).json() for _ in range(2)]
    assert [(each["added"], each["unchanged"]) for each in answers] == [(2, 0), (0, 2)]
    assert kept(centre) == [
        ("excellent", "95.5", "2023 年度考核通报"),
        ("passed", None, "2023 年度考核通报"),
    ]


def test_every_wrong_cell_is_named_and_nothing_is_imported(centre):
    answer = imported(
        centre,
        (*A, "优秀", "95.5"),
        ("丙物业（虚构）", None, "优秀", None),
        (B[0], A[1], "良好", None),
        (*B, "优", "一百"),
        (None, None, "合格", None),
        (*A, "良好", None),
    )
    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == {"A3", "B4", "C5", "D5", "B6", "C7"}
    assert kept(centre) == []


def test_what_differs_from_what_is_entered_is_refused_and_left(centre):
    imported(centre, (*A, "优秀", None))
    answer = imported(centre, (*A, "良好", None), (*B, "良好", None))
    assert answer.json()["errors"] == [
        {"pointer": "C2", "reason": "这家企业 2023 年度已登记为优秀，请修改原有的一条。"}
    ]
    assert len(kept(centre)) == 1


@pytest.mark.parametrize(
    ("asked", "status", "slug"),
    [
        ({"headings": ("企业", "结果")}, 422, "assessment-errors"),
        ({"year": "2025"}, 422, "in-the-future"),
    ],
)
def test_notice_of_another_kind_or_of_a_year_to_come_is_refused(centre, asked, status, slug):
    answer = imported(centre, **asked)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:dongsheng:problem:{slug}")


def test_file_that_is_no_workbook_is_refused(centre):
    answer = centre.post("/assessments/import", files={"file": ("a.xlsx", b"PK")}, params=NOTICE)
    assert answer.status_code == 415


def test_form_has_the_headings_that_are_read(centre):
    [sheet] = read(centre.get("/assessments/form").content)
    assert tuple(sheet.rows[0]) == HEADINGS


def test_nobody_but_the_centre_says_what_an_assessment_came_to(credit, company):
    court = credit.client("credit:read", "credit:write", "credit:court", name="court")
    body = {"company_id": str(company), "year": 2023, "result": "excellent", "source": "通报"}
    assert court.post("/assessments", json=body).status_code == 403
    assert imported(court, (*A, "优秀", None)).status_code == 403
