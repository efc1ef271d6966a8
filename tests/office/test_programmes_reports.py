"""Units report on measures, dates are set, and what is owed is computed of both (P-4.2, T-5)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kit.district.clock import SHANGHAI
from services.office.plan.standing import SOON, Timeliness, standing
from services.office.supervision.owed import owed

MEDICINE = "traditional-medicine"
PLAN = "property-three-year"
REPORT = {"text": "已开展检查", "as_of": "2024-06-20"}
WRITTEN = {**REPORT, "due_on": "2024-06-30"}


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def report(caller, measure="5.1", programme=MEDICINE, **changes):
    body = {**(WRITTEN if programme == MEDICINE else REPORT), **changes}
    return caller.post("/progress-reports", json={"programme_id": programme, "measure": measure, **body})


def refused(answer, status, slug, pointer=None):
    problem = answer.json()
    assert (answer.status_code, problem["type"].rpartition(":")[2]) == (status, slug), problem
    if pointer is not None:
        assert [each["pointer"] for each in problem["errors"]] == [pointer]
    return problem


def owes(caller, programme=MEDICINE, **params):
    answer = caller.get("/owed", params={"programme": programme, "limit": 500, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def of_unit(caller, unit, **params):
    return [
        (each["due_on"], each["standing"], each["days_late"]) for each in owes(caller, unit=unit, **params)
    ]


# ------------------------------------------------------------------------------------ the rule
DUE = date(2024, 6, 30)
DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31))


@pytest.mark.clause("T-5")
@pytest.mark.parametrize(
    ("done", "day", "stands"),
    [
        (None, DUE - timedelta(SOON + 1), ("ahead", 0)),
        (None, DUE - timedelta(SOON), ("due_soon", 0)),
        (None, DUE, ("due_soon", 0)),
        (None, DUE + timedelta(1), ("missing", 1)),
        (DUE, DUE + timedelta(40), ("done", 0)),
        (DUE + timedelta(1), DUE + timedelta(40), ("late", 1)),
    ],
)
def test_what_is_due_on_a_day_is_due_to_its_end(done, day, stands):
    assert standing(DUE, done, day) == stands


@given(DAYS, DAYS, DAYS, st.integers(0, 40))
def test_late_is_counted_from_the_due_day_and_what_was_done_never_becomes_later(due, done, day, soon):
    stands, late = standing(due, done, day, soon)
    assert late == max(0, (done - due).days)
    assert stands is (Timeliness.LATE if late else Timeliness.DONE)
    open_, waiting = standing(due, None, day, soon)
    assert (open_ is Timeliness.MISSING) == (waiting > 0) == (day > due)


# ------------------------------------------------------------------------------------ reports of June
@pytest.mark.clause("T-5")
def test_the_last_second_of_june_is_in_time_and_the_first_of_july_a_day_late(district):
    district.open(MEDICINE, 1)
    district.at(moment("2024-06-30T23:59:59"))
    assert report(district.unit("区教体局")).status_code == 201
    district.at(moment("2024-07-01T00:00:00"))
    assert report(district.unit("区财政局")).status_code == 201
    reader = district.running.client("office:read")
    assert of_unit(reader, "区教体局") == [("2024-06-30", "done", 0)]
    assert of_unit(reader, "区财政局") == [("2024-06-30", "late", 1)]
    assert of_unit(reader, "区民政局") == [("2024-06-30", "missing", 1)]
    assert {
        each["standing"]
        for each in owes(reader, on="2024-06-30")
        if each["unit"]["id"] != "education-sports-bureau"
    } == {"due_soon"}


@pytest.mark.clause("T-5")
def test_every_june_september_and_december_a_report_is_due_from_every_department_and_missing_ones_stay(
    district,
):
    reader = district.running.client("office:read")
    assert of_unit(reader, "区民政局", on="2025-12-30", days=1) == [
        ("2024-06-30", "missing", 548),
        ("2024-09-30", "missing", 456),
        ("2024-12-31", "missing", 364),
        ("2025-06-30", "missing", 183),
        ("2025-09-30", "missing", 91),
        ("2025-12-31", "due_soon", 0),
    ]
    rows = owes(reader, on="2024-07-01")
    assert len(rows) == 31
    assert {each["by_month"] for each in rows} == {True}
    assert {each["basis"][0]["clause"] for each in rows} == {"T-5"}
    assert "health-commission" not in {each["unit"]["id"] for each in rows}


@pytest.mark.clause("T-5")
@pytest.mark.parametrize(("day", "soon"), [("2024-06-22", 0), ("2024-06-23", 31)])
def test_what_is_due_in_seven_days_is_due_soon_and_in_eight_not_yet(district, day, soon):
    assert len(owes(district.running.client("office:read"), on=day)) == soon


@pytest.mark.clause("T-5")
def test_how_soon_is_soon_is_a_setting_and_a_parameter(serve):
    from services.office.app import service

    reader = serve(service, due_soon_days=3).client("office:read")
    assert owes(reader, on="2024-06-26") == []
    assert len(owes(reader, on="2024-06-27")) == 31
    assert len(owes(reader, on="2024-06-01", days=29)) == 31


@pytest.mark.clause("P-4.2", "T-5")
def test_reports_are_added_to_and_what_is_taken_back_no_longer_counts(district):
    district.open(MEDICINE, 1)
    unit = district.unit("区教体局")
    first = report(unit).json()
    assert unit.get(f"/progress-reports/{first['id']}").json() == first
    assert of_unit(unit, "区教体局") == [("2024-06-30", "done", 0)]
    taken = unit.post(f"/progress-reports/{first['id']}/withdraw", json={"reason": "数据有误"}).json()
    assert taken["withdrawn_for"] == "数据有误"
    assert of_unit(unit, "区教体局") == [("2024-06-30", "due_soon", 0)]
    refused(
        unit.post(f"/progress-reports/{first['id']}/withdraw", json={"reason": "再撤"}),
        409,
        "report-withdrawn",
    )
    assert report(unit, text="更正后的报告").status_code == 201
    kept = unit.get("/progress-reports", params={"unit": "区教体局"}).json()["items"]
    assert [each["withdrawn_for"] for each in kept] == ["数据有误", None]


@pytest.mark.clause("P-4.2")
def test_a_later_report_corrects_an_earlier_one_that_stays_the_one_in_time(district):
    district.open(MEDICINE, 1)
    report(district.unit("区教体局"))
    district.at(moment("2024-07-05T10:00:00"))
    report(district.unit("区教体局"), text="补充")
    assert of_unit(district.running.client("office:read"), "区教体局") == [("2024-06-30", "done", 0)]


@pytest.mark.clause("P-4.2")
def test_only_the_unit_that_reported_takes_a_report_back(district):
    district.open(MEDICINE, 1)
    made = report(district.unit("区教体局")).json()["id"]
    answer = district.unit("区财政局").post(f"/progress-reports/{made}/withdraw", json={"reason": "不对"})
    refused(answer, 403, "not-responsible")


# ------------------------------------------------------------------------------------ who reports what
@pytest.mark.clause("P-4.2")
def test_a_unit_that_the_measure_does_not_name_is_refused_with_the_clause(district):
    district.open(PLAN, 1, 2)
    problem = refused(report(district.unit("区教体局"), "2.2.3", PLAN), 403, "not-responsible")
    assert "区教育体育局不是这条措施的责任单位" in problem["detail"]
    assert problem["basis"][0]["clause"] == "P-4.2"
    assert report(district.unit("区法院"), "2.2.3", PLAN).status_code == 201
    assert report(district.unit("天骄街道"), "2.2.3", PLAN).json()["unit"]["name"] == "天骄街道"
    assert report(district.unit("罕台镇"), "2.2.3", PLAN).status_code == 201


@pytest.mark.clause("P-4.2")
def test_whoever_has_no_unit_or_another_street_s_token_reports_nothing(district):
    district.open(PLAN, 1, 2)
    nobody = district.running.client("office:report")
    refused(report(nobody, "2.2.3", PLAN), 403, "no-unit")
    mixed = district.running.client("office:report", unit="tianjiao-street", division="建设街道")
    refused(report(mixed, "2.2.3", PLAN), 403, "another-division")
    refused(report(district.manager, "2.2.3", PLAN), 403, "not-your-role")


@pytest.mark.clause("P-4.2")
def test_a_street_sees_what_streets_beside_it_owe_and_report_not(district):
    district.open(PLAN, 1, 2)
    made = [
        report(district.unit(each), "2.2.3", PLAN).json()["id"] for each in ("天骄街道", "公园街道", "区法院")
    ]
    street = district.unit("天骄街道")
    seen = [each["id"] for each in street.get("/progress-reports").json()["items"]]
    assert seen == [made[0], made[2]]
    assert street.get(f"/progress-reports/{made[1]}").status_code == 404


# ------------------------------------------------------------------------------------ bad input
@pytest.mark.clause("P-4.2", "T-3")
def test_a_report_for_a_stage_that_is_over_or_not_begun_is_refused(district):
    unit = district.unit("区教体局")
    problem = refused(report(unit), 409, "stage-not-open")
    assert problem["basis"][0]["clause"] == "T-3"
    district.open(MEDICINE, 1)
    refused(report(unit, stage=2), 409, "stage-not-open")
    district.open(MEDICINE, 2)
    assert report(unit).json()["stage"] == 2
    assert report(unit, stage=1).json()["stage"] == 1
    district.manager.post(f"/programmes/{MEDICINE}/stages/1/close", json={"note": "已部署"})
    problem = refused(report(unit, stage=1), 409, "stage-closed")
    assert "安排部署阶段）已经结束" in problem["detail"]
    refused(report(unit, stage=9), 422, "unknown-reference", "/stage")


@pytest.mark.clause("P-4.2")
@pytest.mark.parametrize(
    ("changes", "slug", "pointer"),
    [
        ({"as_of": "2024-06-25"}, "in-the-future", "/as_of"),
        ({"share": 101}, "invalid-request", "/share"),
        ({"share": -1}, "invalid-request", "/share"),
        ({"text": " "}, "invalid-request", "/text"),
        ({"due_on": "2024-06-29"}, "no-such-due-day", "/due_on"),
        (
            {"evidence": [{"title": "通报", "url": "ftp://example.com/a"}]},
            "invalid-request",
            "/evidence/0/url",
        ),
        (
            {"evidence": [{"title": "通报", "url": "javascript:alert(1)"}]},
            "invalid-request",
            "/evidence/0/url",
        ),
        ({"evidence": [{"title": "通报", "url": "https://"}]}, "invalid-request", "/evidence/0/url"),
        ({"evidence": [{"title": "通报", "url": "https://a b"}]}, "invalid-request", "/evidence/0/url"),
    ],
)
def test_what_is_wrong_with_a_report_is_said_at_its_place_and_nothing_is_kept(
    district, changes, slug, pointer
):
    district.open(MEDICINE, 1)
    problem = refused(report(district.unit("区教体局"), **changes), 422, slug, pointer)
    assert problem["errors"][0]["reason"]
    assert district.running.sql("SELECT count(*) FROM progress_reports") == [(0,)]


@pytest.mark.clause("P-4.2")
def test_the_bounds_of_a_share_are_shares(district):
    district.open(MEDICINE, 1)
    unit = district.unit("区教体局")
    assert [report(unit, share=each).json()["share"] for each in (0, 100, None)] == [0, 100, None]


@pytest.mark.clause("P-4.2")
def test_an_unknown_measure_or_programme_is_not_found(district):
    unit = district.unit("区教体局")
    refused(report(unit, "9.9.9", PLAN), 422, "unknown-reference", "/measure")
    refused(report(unit, "2.2.3", "nothing"), 422, "unknown-reference", "/programme_id")
    assert unit.get(f"/programmes/{PLAN}/measures/9.9.9").status_code == 404
    assert owes(unit, "nothing") == []


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
