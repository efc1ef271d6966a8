"""Dates of supervision are set, and who owes by them is named or released (P-4.2, T-5)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.office.plan.standing import standing
from services.office.supervision.owed import owed
from tests.office.reports import MEDICINE, PLAN, moment, of_unit, owes, refused, report


# ------------------------------------------------------------------------------------ dates of supervision
def set_date(district, **changes):
    body = {"programme_id": PLAN, "title": "第三季度督查", "day": "2024-09-20", **changes}
    return district.manager.post("/reporting-dates", json=body)


@pytest.mark.clause("P-4.2")
def test_a_date_of_supervision_makes_every_responsible_unit_owe_a_report_on_each_measure(district):
    assert owes(district.manager, PLAN, on="2024-12-01", days=366) == []
    assert set_date(district, measure="2.2.3").status_code == 201
    rows = owes(district.manager, PLAN, on="2024-09-13")
    assert len(rows) == 23
    assert {each["number"] for each in rows} == {"2.2.3"}
    assert {each["basis"][0]["clause"] for each in rows} == {"P-4.2"}
    assert owes(district.manager, PLAN, on="2024-09-12") == []
    assert set_date(district, title="全面督查").status_code == 201
    rows = owes(district.manager, PLAN, on="2024-09-13")
    assert (
        len(rows)
        == district.running.sql("SELECT count(*) FROM measure_units WHERE programme_id = %s", PLAN)[0][0]
    )
    assert len({(each["number"], each["unit"]["id"]) for each in rows}) == len(rows)


@pytest.mark.clause("P-4.2")
@pytest.mark.parametrize(
    ("changes", "slug", "pointers"),
    [
        ({"day": "2024-06-23"}, "past-reporting-date", ["/day"]),
        ({"day": None, "month": "2024-05"}, "past-reporting-date", ["/month"]),
        ({"day": None}, "month-or-day", ["/month", "/day"]),
        ({"month": "2024-09"}, "month-or-day", ["/month", "/day"]),
        ({"until": "2025-09-20"}, "bad-period", ["/until"]),
        ({"yearly": True, "until": "2024-09-19"}, "bad-period", ["/until"]),
        ({"measure": "9.9"}, "unknown-reference", ["/measure"]),
        ({"programme_id": "nothing"}, "unknown-reference", ["/programme_id"]),
    ],
)
def test_a_date_that_cannot_be_is_refused_at_its_place(district, changes, slug, pointers):
    problem = refused(set_date(district, **changes), 422, slug)
    assert [each["pointer"] for each in problem["errors"]] == pointers


@pytest.mark.clause("P-4.2")
def test_today_and_this_month_may_still_be_set(district):
    assert set_date(district, day="2024-06-24").status_code == 201
    assert set_date(district, day=None, month="2024-06", title="月底").json()["first_due_on"] == "2024-06-30"


@pytest.mark.clause("P-4.2", "T-5")
def test_what_is_owed_already_is_not_changed_away(district):
    made = set_date(district, measure="2.2.5", yearly=True)
    path, tag = f"/reporting-dates/{made.json()['id']}", {"If-Match": "*"}
    body = {"programme_id": PLAN, "title": "第三季度督查", "measure": "2.2.5", "yearly": True}
    assert district.manager.put(path, json={**body, "day": "2024-09-25"}, headers=tag).status_code == 200
    district.at(moment("2025-01-10T09:00:00"))
    district.manager = district.running.client("office:read", "office:write", "office:manage")
    moved = district.manager.put(path, json={**body, "day": "2025-09-25"}, headers=tag)
    refused(moved, 409, "reporting-date-fixed")
    refused(district.manager.delete(path, headers=tag), 409, "reporting-date-fixed")
    kept = {**body, "day": "2024-09-25"}
    refused(
        district.manager.put(path, json={**kept, "until": "2025-01-09"}, headers=tag),
        422,
        "bad-period",
        "/until",
    )
    assert district.manager.put(path, json={**kept, "until": "2025-01-10"}, headers=tag).status_code == 200
    [row] = owes(district.manager, PLAN, on="2026-10-01")
    assert (row["due_on"], row["days_late"]) == ("2024-09-25", 736)


@pytest.mark.clause("P-4.2")
def test_a_date_that_somebody_answered_stays(district):
    district.open(PLAN, 1, 2)
    made = set_date(district, measure="2.2.5").json()["id"]
    assert (
        report(district.unit("区住房保障综合服务中心"), "2.2.5", PLAN, due_on="2024-09-20").status_code == 201
    )
    answer = district.manager.delete(f"/reporting-dates/{made}", headers={"If-Match": "*"})
    refused(answer, 409, "reporting-date-fixed")


@pytest.mark.clause("T-5")
def test_dates_of_a_document_are_nobodys_to_change(district):
    [june, *_] = district.manager.get("/reporting-dates", params={"programme_id": MEDICINE}).json()["items"]
    assert (june["by_document"], june["basis"][0]["clause"]) == (True, "T-5") or june["by_document"]
    answer = district.manager.delete(f"/reporting-dates/{june['id']}", headers={"If-Match": "*"})
    problem = refused(answer, 409, "date-of-document")
    assert problem["basis"][0]["clause"] == "T-5"


@pytest.mark.clause("P-4.2")
def test_only_the_government_office_sets_dates(district):
    body = {"programme_id": PLAN, "title": "督查", "day": "2024-09-20"}
    refused(district.unit("区住房保障综合服务中心").post("/reporting-dates", json=body), 403, "not-your-role")


@pytest.mark.clause("P-4.2")
def test_a_leap_day_falls_due_every_year(district):
    district.at(moment("2028-01-10T09:00:00"))
    district.manager = district.running.client("office:read", "office:write", "office:manage")
    set_date(district, day="2028-02-29", yearly=True, measure="2.2.5")
    set_date(district, title="二月", day=None, month="2028-02", yearly=True, measure="2.7")
    rows = owes(district.manager, PLAN, on="2029-03-01")
    assert [(each["number"], each["due_on"]) for each in rows] == [
        ("2.2.5", "2028-02-29"),
        ("2.7", "2028-02-29"),
        ("2.2.5", "2029-02-28"),
        ("2.7", "2029-02-28"),
    ]


@pytest.mark.clause("T-5")
def test_nothing_falls_due_after_a_programme_is_over_and_what_was_due_before_stays(district):
    for number in range(1, 5):
        district.open(MEDICINE, number)
        closed = district.manager.post(f"/programmes/{MEDICINE}/stages/{number}/close", json={"note": "完成"})
        assert closed.status_code == 200
    assert owes(district.manager, on="2026-01-01") == []
    district.running.sql("UPDATE programme_stages SET closed_on = '2024-09-30' WHERE state = 'closed'")
    assert {each["due_on"] for each in owes(district.manager, on="2026-01-01")} == {
        "2024-06-30",
        "2024-09-30",
    }


# ------------------------------------------------------------------------------------ who is responsible
def held(district, measure, programme=PLAN):
    path = f"/programmes/{programme}/measures/{measure}/units"
    return {each["unit"]["id"]: each for each in district.manager.get(path).json()["items"]}


@pytest.mark.clause("P-4.2")
def test_departments_that_a_document_does_not_name_are_named_with_a_reason_and_owe_from_then_on(district):
    path = f"/programmes/{PLAN}/measures/2.5.2/units"
    body = {"unit": "区住建局", "since": "2024-09-21", "reason": "督查室明确"}
    set_date(district, measure="2.5.2", yearly=True)
    added = district.manager.post(path, json=body)
    assert added.status_code == 201
    assert len(held(district, "2.5.2")) == 16
    assert of_unit(district.manager, "区住建局", programme=PLAN, on="2025-09-20") == [
        ("2025-09-20", "due_soon", 0)
    ]
    refused(district.manager.post(path, json=body), 409, "already-responsible", "/since")
    refused(district.manager.post(path, json={**body, "unit": "各社区"}), 422, "not-one-unit", "/unit")
    refused(district.unit("区法院").post(path, json=body), 403, "not-the-lead")


@pytest.mark.clause("P-4.2")
def test_a_town_that_has_no_part_in_it_is_released_with_a_reason_and_may_come_back(district):
    set_date(district, measure="2.4.1", day="2024-06-25")
    path = f"/programmes/{PLAN}/measures/2.4.1/units"
    body = {"until": "2024-04-18", "reason": "没有住宅小区"}
    lead = district.unit("区住房保障综合服务中心")
    assert lead.post(f"{path}/铜川镇/release", json=body).json()["released_for"] == "没有住宅小区"
    assert of_unit(lead, "铜川镇", programme=PLAN) == []
    assert of_unit(lead, "罕台镇", programme=PLAN) == [("2024-06-25", "due_soon", 0)]
    assert lead.post(f"{path}/铜川镇/release", json=body).status_code == 404
    again = {"unit": "铜川镇", "since": "2024-06-25", "reason": "新建小区交付"}
    assert lead.post(path, json=again).status_code == 201
    assert of_unit(lead, "铜川镇", programme=PLAN) == [("2024-06-25", "due_soon", 0)]


@pytest.mark.clause("P-4.2")
def test_a_unit_that_the_document_names_is_not_released(district):
    path = f"/programmes/{PLAN}/measures/2.2.3/units/区法院/release"
    refused(
        district.manager.post(path, json={"until": "2024-06-24", "reason": "忙"}), 409, "named-by-document"
    )


@pytest.mark.clause("P-4.2")
def test_measures_are_listed_by_chapter_and_by_who_is_responsible(district):
    path = f"/programmes/{PLAN}/measures"
    assert len(district.manager.get(path, params={"chapter": "2"}).json()["items"]) == 8
    court = district.manager.get(path, params={"unit": "区法院"}).json()["items"]
    assert [each["number"] for each in court] == ["2.2.3"]
    assert [each["written"] for each in court[0]["printed"]][:3] == ["区法院", "各街道", "相关镇"]
    assert len(district.manager.get(path, params={"unit": "天骄街道"}).json()["items"]) == 26


# ------------------------------------------------------------------------------------ SQL and the rule
@pytest.mark.clause("P-4.2", "T-5")
def test_the_statement_says_of_every_row_what_the_rule_says(district):
    district.open(MEDICINE, 1)
    for day, unit in (("06-30", "区教体局"), ("07-03", "区财政局"), ("07-09", "区民政局")):
        district.at(moment(f"2024-{day}T12:00:00"))
        report(district.unit(unit))

    async def rows(context, day, soon):
        return list(await context.session.execute(select(owed(day, soon))))

    seen = set()
    for ahead in range(30):
        day = date(2024, 6, 20) + timedelta(ahead)
        for row in district.running.run(rows, day, 5):
            assert (row.standing, row.days_late) == standing(row.due_on, row.done_on, day, 5)
            seen.add(row.standing)
    assert seen == {"done", "late", "missing", "due_soon"}
