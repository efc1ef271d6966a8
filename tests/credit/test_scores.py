"""A score is the sum of its parts, each of which says what it rests on (P-2.3.2a, P-2.3.2b)."""

from datetime import date
from decimal import Decimal

import pytest

from tests.credit.conftest import held, listed
from tests.kit.figures.looking import looked_at, said, squeezed, tabled

pytestmark = pytest.mark.clause("P-2.3.2a")
#: What a company has that has everything at its most, of what people enter.
BASE = {"B01": 24, "B02": 16, "B03": 4, "B04": 2.4, "B05": 4, "B06": 0.8, "B07": 0.8, "B11": 8}


def parts(score: dict) -> Decimal:
    return (
        Decimal(score["start"])
        + sum(Decimal(line["points"]) for line in score["lines"])
        + Decimal(score["rounding"])
    )


def test_parts_come_to_the_score(enter, score, company):
    for item in BASE:
        enter(item, company)
    enter("N03", company)
    enter("G03", company)
    told = score()
    assert Decimal(told["score"]) == parts(told) == Decimal("57.00")
    assert (told["grade"], told["next"]) == ("C", {"grade": "B", "missing": "3.00"})


def test_nine_findings_of_a_quarter_count_six_and_show_which_were_cut(enter, score, company):
    for day in range(11, 20):
        enter("N11", company, on=f"2024-06-{day}")
    lines = score()["lines"]
    assert [line["points"] for line in lines] == ["-1"] * 6 + ["0"] * 3
    assert [line["cuts"] for line in lines[6:]] == [[{"by": "item", "points": "1"}]] * 3


@pytest.mark.parametrize(("on", "counts"), [("2026-03-30", True), ("2026-03-31", False)])
def test_good_record_counts_twelve_months_half_open(enter, score, company, clock, on, counts):
    enter("G03", company, on="2024-03-31")
    assert bool(score(as_of=on.replace("2026", "2025"))["lines"]) is counts


def test_bad_record_of_a_project_counts_by_its_area(credit, enter, score, company):
    small = held(credit, company, 500)
    held(credit, company, 9500)
    enter("N03", project_id=str(small))
    [line] = score()["lines"]
    assert (line["points"], line["share"]) == ("-0.3", {"basis": "area", "part": "500", "whole": "10000"})


def test_serious_record_of_a_project_counts_in_full(credit, enter, score, company):
    small = held(credit, company, 500)
    held(credit, company, 9500)
    enter("X05", project_id=str(small))
    assert score()["lines"][0]["points"] == "-18"


def test_unknown_area_counts_by_the_mean_and_says_so(credit, enter, score, company):
    small = held(credit, company, 500)
    held(credit, company, None)
    held(credit, company, 300)
    enter("N03", project_id=str(small))
    [line] = score()["lines"]
    assert (line["points"], line["share"]["basis"]) == ("-2", "mean")


def test_act_is_put_down_to_who_was_in_charge_then(credit, enter, score, company):
    later = listed(credit, "乙物业（虚构）")
    project = held(credit, company, 500, until=date(2024, 5, 31))
    held(credit, later, 500, since=date(2024, 6, 1), project=project)
    assert enter("N03", project_id=str(project), on="2024-05-31")["company_id"] == str(company)
    assert enter("N03", project_id=str(project), on="2024-06-01")["company_id"] == str(later)


def test_veto_makes_the_grade_the_lowest(enter, score, company):
    for item in BASE:
        enter(item, company)
    enter("X12", company)
    told = score()
    assert (told["grade"], told["vetoed"]) == ("C", True)


def test_what_if_stores_nothing(centre, enter, score, company):
    kept = enter("N03", company)
    body = {
        "add": [
            {
                "item": "N01",
                "company_id": str(company),
                "acted_at": "2024-06-20T10:00:00+08:00",
                "evidence": [{"title": "决定书"}],
            }
        ],
        "without": [kept["id"]],
    }
    answer = centre.post(f"/companies/{company}/what-if", json=body)
    assert [line["item"] for line in answer.json()["lines"]] == ["N01"]
    assert [line["item"] for line in score()["lines"]] == ["N03"]


def test_withdrawn_record_counts_no_more_and_once(centre, enter, score, company):
    first, _ = enter("N05", company, on="2024-06-10"), enter("N05", company, on="2024-06-11")
    for _ in range(2):
        assert centre.post(f"/records/{first['id']}/withdraw", json={"reason": "查无此事"}).status_code == 200
    assert [line["points"] for line in score()["lines"]] == ["-3"]


def test_known_at_answers_by_what_was_entered_then(clock, enter, score, company):
    before = clock.now
    clock.now = before.replace(hour=10)
    enter("N05", company, on="2024-06-20")
    assert score(known_at=before.isoformat())["lines"] == []
    assert len(score(known_at=clock.now.isoformat())["lines"]) == 1


def test_what_if_takes_no_fact_of_another_company(credit, centre, company):
    other = listed(credit, "乙物业（虚构）")
    fact = {"item": "N03", "acted_at": "2024-06-20T10:00:00+08:00", "evidence": [{"title": "检查记录"}]}
    refused = centre.post(f"/companies/{company}/what-if", json={"add": [fact | {"company_id": str(other)}]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/add/0")
    tried = centre.post(f"/companies/{company}/what-if", json={"add": [fact]})
    assert [line["item"] for line in tried.json()["lines"]] == ["N03"]


def test_what_if_leaves_out_only_what_is_known_of_the_company(credit, centre, enter, company):
    own, strange = enter("N03", company)["id"], enter("N03", listed(credit, "乙物业（虚构）"))["id"]
    body = {"without": [own, strange, "01990000-0000-7000-8000-000000000001"]}
    refused = centre.post(f"/companies/{company}/what-if", json=body)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/without/1", "/without/2"]


def test_what_registers_show_by_themselves_is_no_taking_part(credit, score, company):
    credit.sql(
        "INSERT INTO records (id, company_id, item, acted_at, entered_at, share_part, share_whole, origin, origin_key,"
        " recorder, client, evidence) VALUES (gen_random_uuid(), %s, 'B08', '2024-06-01', now(), 0, 4, 'test', '1', 'system',"
        " 'test', '[]')",
        company,
    )
    told = score()
    assert (told["score"], told["grade"]) == ("0.00", "C（缺失）")


def test_next_grade_is_a_better_one(enter, score, company):
    enter("B01", company)
    told = score()
    assert (told["grade"], told["next"]) == ("B", {"grade": "A", "missing": "46.00"})


@pytest.mark.clause("P-2.3.2a")
class TestWhereThePropertyServiceIsSilent:
    """Base items stand as they were known last, and the answer says so."""

    @pytest.fixture(autouse=True)
    def silent(self, credit) -> None:
        credit.sql(
            "INSERT INTO feeds_read (source, next, read_at) VALUES ('property', '1-1', '2024-06-24 08:00+08')"
        )

    def test_the_answer_says_since_when(self, score):
        assert score()["silent"]["note"] == (
            "物业服务自 2024-06-24 08:00 起没有答复，基础信息按此前最后取得的值计算。"
        )

    @pytest.mark.parametrize("asked", [{"as_of": "2024-06-23"}, {"known_at": "2024-06-24T08:00:00+08:00"}])
    def test_what_was_known_before_is_said_as_it_was(self, score, asked):
        assert score(**asked)["silent"] is None

    def test_once_it_answers_nothing_is_said(self, credit, score):
        credit.sql("UPDATE feeds_read SET read_at = '2024-06-24 09:20+08'")
        assert score()["silent"] is None


def test_the_waterfall_says_what_the_score_says(credit, centre, enter, score, company):
    small = held(credit, company, 500)
    held(credit, company, 9500)
    enter("B01", company)
    enter("N03", project_id=str(small))
    for day in range(11, 18):
        enter("N11", company, on=f"2024-06-{day}")
    told = score()
    drawn = said(looked_at(centre.get(f"/companies/{company}/score?format=svg&width=360").text))

    for line in told["lines"]:
        points = f"+{line['points']}" if Decimal(line["points"]) > 0 else line["points"]
        assert f"{line['item']}{squeezed(line['name'])}，{line['acted_at'][:10]}" in drawn
        assert f"，{points}" in drawn
        assert all(f"未计入{cut['points']}分" in drawn for cut in line["cuts"])
    assert "按面积折算500/10000" in drawn
    assert (
        f"得分，距{told['next']['grade']}还差{told['next']['missing']}分，{told['score']}{told['grade']}"
        in drawn
    )
    rows = tabled(centre.get(f"/companies/{company}/score?format=docx"))
    shown = [Decimal(row[1]) for row in rows]
    assert sum(shown[:-1]) == shown[-1] == Decimal(told["score"])
    assert len(rows) == len(told["lines"]) + (2 if told["rounding"] == "0" else 3)
