"""Units report on measures, dates are set, and what is owed is computed of both (P-4.2, T-5)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.office.plan.standing import SOON, Timeliness, standing
from tests.office.reports import MEDICINE, PLAN, moment, of_unit, owes, refused, report

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


@pytest.mark.clause("T-5")
def test_a_report_answers_the_day_that_is_due_next_or_is_past_and_none_after(district):
    district.open(MEDICINE, 1)
    unit = district.unit("区财政局")
    told = refused(report(unit, due_on="2024-09-30"), 422, "not-due-next", "/due_on")
    assert "2024-06-30" in told["detail"]
    refused(report(unit, due_on="2034-06-30"), 422, "not-due-next", "/due_on")
    assert report(unit).status_code == 201
    district.running.clock.now = moment("2024-07-01T09:00:00")
    late = district.unit("区教育体育局")
    assert report(late).status_code == 201
    assert report(late, due_on="2024-09-30").status_code == 201


def test_how_things_stood_before_a_programme_is_no_report_on_it(district):
    district.open(MEDICINE, 1)
    refused(report(district.unit("区财政局"), as_of="2024-04-21"), 422, "before-programme", "/as_of")
