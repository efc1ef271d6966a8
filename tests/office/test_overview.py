"""The supervision office sees what is late, missing and due soon, by unit and by leader in charge (P-4.2, T-3, T-5)."""

from datetime import datetime
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from kit.district.clock import SHANGHAI

MEDICINE, PLAN = "traditional-medicine", "property-three-year"


def report(caller, **body):
    made = {"programme_id": MEDICINE, "measure": "5.1", "text": "已开展", "as_of": "2024-06-20", **body}
    answer = caller.post("/progress-reports", json=made)
    assert answer.status_code == 201, answer.text


@pytest.fixture
def july(district):
    """Reports of June: one in time, one late by three days, all others missing; seen on 5 July."""
    district.open(MEDICINE, 1)
    report(district.unit("区教体局"), due_on="2024-06-30")
    district.at(datetime(2024, 7, 3, 9, tzinfo=SHANGHAI))
    report(district.unit("区财政局"), due_on="2024-06-30")
    district.at(datetime(2024, 7, 5, 9, tzinfo=SHANGHAI))
    return district


def overview(district, programme=MEDICINE, **params):
    answer = district.running.client("office:read").get(f"/programmes/{programme}/overview", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def of(told, unit):
    [found] = [each for each in told["units"] if each["unit"]["id"] == unit]
    return found


def counts(tally):
    return [tally[each] for each in ("missing", "late", "due_soon", "most_days_late")]


@pytest.mark.clause("T-5", "P-4.2")
def test_every_department_that_is_late_or_missing_is_listed_with_its_days(july):
    told = overview(july)
    assert counts(told["whole"]) == [29, 1, 0, 5]
    assert counts(of(told, "finance-bureau")) == [0, 1, 0, 3]
    assert counts(of(told, "civil-affairs-bureau")) == [1, 0, 0, 5]
    assert "education-sports-bureau" not in {each["unit"]["id"] for each in told["units"]}
    assert len(told["items"]) == 30
    [late] = [each for each in told["items"] if each["unit"]["id"] == "finance-bureau"]
    assert (late["standing"], late["due_on"], late["done_on"], late["days_late"]) == (
        "late",
        "2024-06-30",
        "2024-07-03",
        3,
    )
    assert late["by_month"] is True
    assert (late["number"], late["basis"][0]["clause"]) == ("5.1", "T-5")


@pytest.mark.clause("P-4.2", "D-1")
def test_units_stand_under_the_leaders_in_charge_of_them(july):
    told = overview(july)
    assert [each["name"] for each in of(told, "emergency-bureau")["leaders"]] == ["高明"]
    by_name = {each["leader"]["name"]: each for each in told["leaders"]}
    assert "emergency-bureau" in {each["id"] for each in by_name["高明"]["units"]}
    assert [each["name"] for each in of(told, "audit-bureau")["leaders"]] == ["韩涛"]
    assert sum(len(each["units"]) for each in told["leaders"]) == sum(
        len(each["leaders"]) for each in told["units"]
    )
    for each in told["items"]:
        assert each["leaders"] == of(told, each["unit"]["id"])["leaders"]


@pytest.mark.clause("P-4.2", "D-2")
def test_who_acts_for_a_leader_who_is_away_is_said_beside_the_one_in_charge(july):
    desk = july.running.client("office:read", "office:write", "office:manage", unit="government-office")
    away = {
        "leader": "gao-ming",
        "begins_at": "2024-07-05T08:00:00+08:00",
        "ends_at": "2024-07-08T18:00:00+08:00",
        "reason": "出差",
    }
    answer = desk.post("/absences", json=away)
    assert answer.status_code == 201, answer.text
    unit = of(overview(july), "emergency-bureau")
    assert [each["name"] for each in unit["leaders"]] == ["高明"]
    assert [each["name"] for each in unit["acting"]] == ["杜娟"]
    assert [each["name"] for each in of(overview(july, on="2024-07-04"), "emergency-bureau")["acting"]] == [
        "高明"
    ]


@pytest.mark.clause("D-3", "T-5")
def test_before_the_first_division_document_leaders_are_said_to_be_unknown(district):
    told = overview(district, on="2024-06-01", days=30)
    assert counts(told["whole"]) == [0, 0, 31, 0]
    assert {tuple(each["leaders"]) for each in told["units"]} == {()}
    assert [each["leader"] for each in told["leaders"]] == [None]
    assert "没有施行的领导工作分工文件" in told["notes"][0]


@pytest.mark.clause("P-4.2")
@pytest.mark.parametrize(
    ("day", "soon"), [("2024-09-12", 0), ("2024-09-13", 1), ("2024-09-20", 1), ("2024-09-21", 0)]
)
def test_due_soon_begins_seven_days_before_and_ends_with_the_day(district, day, soon):
    body = {"programme_id": PLAN, "measure": "2.2.5", "title": "第三季度督查", "day": "2024-09-20"}
    assert district.manager.post("/reporting-dates", json=body).status_code == 201
    whole = overview(district, PLAN, on=day)["whole"]
    assert whole["due_soon"] == soon
    assert whole["missing"] == (day > "2024-09-20")


@pytest.mark.clause("P-4.2")
def test_words_by_which_nobody_is_counted_are_told(district):
    notes = overview(district, PLAN)["notes"]
    assert [each for each in notes if "各相关部门”（措施 2.5.2）" in each and "没有列名" in each]
    assert [each for each in notes if "各社区" in each and "街道（镇）一并报告" in each]
    assert len(notes) == 2


@pytest.mark.clause("T-5")
def test_what_was_due_earlier_can_be_left_out(july):
    assert overview(july, since="2024-07-01")["items"] == []
    assert len(overview(july, since="2024-06-30")["items"]) == 30


@pytest.mark.clause("P-4.2", "T-5")
def test_the_workbook_says_the_same_by_unit_by_leader_and_item_by_item(july):
    told = overview(july)
    answer = july.running.client("office:read").get(
        f"/programmes/{MEDICINE}/overview", params={"format": "xlsx"}
    )
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    assert book.sheet_names == ["按单位", "按分管领导", "逐项"]
    units, leaders, items = (book.get_sheet_by_name(each).to_python() for each in book.sheet_names)

    def below(rows, first):
        begin = next(at for at, row in enumerate(rows) if row[0] == first) + 1
        return rows[begin:]

    rows = below(items, "条款")[: len(told["items"])]
    assert rows[0][0] == "T-5"
    [finance] = [row for row in rows if row[3] == "区财政局"]
    assert (finance[1], finance[5], finance[6], finance[8], finance[9]) == (
        "5.1",
        "6 月书面报告",
        "2024-06-30（6月）",
        "逾期完成",
        3,
    )
    assert len([row for row in rows if row[8] == "逾期未完成"]) == 29
    by_unit = below(units, "单位")
    assert len([row for row in by_unit if row[3] in (0, 1) and row[1]]) == 30
    assert next(row for row in by_unit if row[0] == "合计")[3:6] == [29, 1, 0]
    names = [row[0] for row in below(leaders, "分管领导")]
    assert any("高明" in each for each in names)


@pytest.mark.clause("P-4.2")
def test_a_street_reads_what_it_owes_and_not_the_overview(district):
    body = {"programme_id": PLAN, "measure": "2.4.1", "title": "督查", "day": "2024-06-25"}
    district.manager.post("/reporting-dates", json=body)
    street = district.unit("天骄街道")
    assert street.get(f"/programmes/{PLAN}/overview").status_code == 403
    mine = street.get("/owed").json()["items"]
    streets = [(each["unit"]["name"], each["due_on"]) for each in mine if each["programme_id"] == PLAN]
    assert streets == [("天骄街道", "2024-06-25")]


@pytest.mark.clause("P-4.2")
def test_an_overview_of_nothing_is_not_found(district):
    assert district.running.client("office:read").get("/programmes/nothing/overview").status_code == 404
