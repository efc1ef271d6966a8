"""The first report of an accident: taken with whatever is known."""

from datetime import datetime, timedelta

import pytest

NOW = "2024-06-24T09:30:00+08:00"


def deadline(incident: dict, id: str) -> dict:
    return next(each for each in incident["deadlines"] if each["id"] == id)


@pytest.mark.clause("E-1.5", "E-4.3")
def test_an_assessment_says_grade_level_reasons_and_what_would_raise_them(emergency):
    answer = emergency.duty.post("/assessments", json={"deaths": 2, "direct_loss_yuan": "9999999.99"})

    found = answer.json()
    assert (found["grade"], found["grade_zh"], found["response_level"]) == ("general", "一般", "IV")
    assert {
        "field": "deaths",
        "at": 3,
        "becomes": "larger",
        "says": "再死亡1人即为较大事故",
        "clause": "E-1.5",
    } in found["next"]
    assert {"field": "direct_loss_yuan", "at": "10000000.00", "becomes": "larger"}.items() <= next(
        each for each in found["next"] if each["field"] == "direct_loss_yuan" and each["becomes"] == "larger"
    ).items()
    assert [each["clause"] for each in found["basis"]] == ["E-1.5", "E-4.3"]
    assert emergency.running.sql("SELECT count(*) FROM incidents") == [(0,)]


#: What is told, with grade and level just below a bound of the plan and at it.
BOUNDS = [
    ("deaths", 2, 3, ("general", "IV"), ("larger", "III")),
    ("deaths", 9, 10, ("larger", "III"), ("major", "II")),
    ("deaths", 29, 30, ("major", "II"), ("especially_major", "I")),
    ("serious_injuries", 9, 10, ("general", "IV"), ("larger", "III")),
    ("serious_injuries", 49, 50, ("larger", "III"), ("major", "II")),
    ("serious_injuries", 99, 100, ("major", "II"), ("especially_major", "I")),
    ("direct_loss_yuan", "9999999.99", "10000000", ("general", "IV"), ("larger", "III")),
    ("direct_loss_yuan", "49999999.99", "50000000.00", ("larger", "III"), ("major", "II")),
    ("direct_loss_yuan", "99999999.99", "100000000", ("major", "II"), ("especially_major", "I")),
    ("endangered", 2, 3, ("general", "IV"), ("general", "III")),
    ("endangered", 9, 10, ("general", "III"), ("general", "II")),
    ("endangered", 29, 30, ("general", "II"), ("general", "I")),
    ("beyond_company_capacity", False, True, ("general", "IV"), ("general", "III")),
    ("headquarters_decides_iii", False, True, ("general", "IV"), ("general", "III")),
    ("beyond_district_capacity", False, True, ("general", "IV"), ("general", "II")),
]


@pytest.mark.clause("E-1.5", "E-4.3")
def test_every_bound_of_the_plan_from_both_sides_and_what_is_next_leads_to_it(emergency):
    for field, below, at, under, reached in BOUNDS:
        before, after = (
            emergency.duty.post("/assessments", json={field: value}).json() for value in (below, at)
        )
        assert (before["grade"], before["response_level"]) == under, (field, below)
        assert (after["grade"], after["response_level"]) == reached, (field, at)
        raised = {rise["becomes"] for rise in before["next"] if rise["field"] == field}
        assert {new for old, new in zip(under, reached, strict=True) if old != new} <= raised


@pytest.mark.clause("E-1.5", "E-4.3")
def test_a_reason_names_field_value_threshold_and_clause(emergency):
    found = emergency.duty.post("/assessments", json={"deaths": 4, "direct_loss_yuan": "12000000"}).json()
    assert found["reasons"] == [
        {"field": "deaths", "value": 4, "threshold": 3, "clause": "E-1.5"},
        {"field": "direct_loss_yuan", "value": "12000000.00", "threshold": "10000000.00", "clause": "E-1.5"},
        {"field": "grade", "value": "larger", "threshold": "larger", "clause": "E-4.3"},
    ]


@pytest.mark.clause("E-4.3")
def test_the_missing_count_as_endangered_and_not_as_dead(emergency):
    found = emergency.duty.post("/assessments", json={"endangered": 1, "missing": 2}).json()
    assert (found["grade"], found["response_level"]) == ("general", "III")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"deaths": -1}, "/deaths"),
        ({"deaths": 1.5}, "/deaths"),
        ({"deaths": True}, "/deaths"),
        ({"direct_loss_yuan": "1.001"}, "/direct_loss_yuan"),
        ({"direct_loss_yuan": 1.1}, "/direct_loss_yuan"),
        ({"direct_loss_yuan": "NaN"}, "/direct_loss_yuan"),
        ({"direct_loss_yuan": "-0.01"}, "/direct_loss_yuan"),
        ({"dead": 1}, "/dead"),
    ],
)
def test_numbers_that_cannot_be_are_refused_with_a_pointer(emergency, body, pointer):
    refused = emergency.duty.post("/assessments", json=body)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]


@pytest.mark.clause("E-4.1d", "E-4.2")
def test_a_place_and_a_time_are_enough_and_what_is_missing_is_named(emergency):
    answer = emergency.duty.post("/incidents", json={"place": "天骄北路工地", "occurred_at": "now"})

    taken = answer.json()
    assert answer.status_code == 201
    assert taken["number"] == "DS-E-20240624-0001"
    assert answer.headers["Location"].endswith(taken["number"])
    assert (taken["assessment"]["grade"], taken["assessment"]["response_level"]) == ("general", "IV")
    assert [each["name"] for each in taken["missing_fields"]] == [
        "事故发生单位",
        "现场情况",
        "简要经过",
        "伤亡人数（含下落不明）",
        "直接经济损失初步估计",
    ]
    assert len(taken["tasks"]) == 23
    assert {each["part"] for each in taken["tasks"]} == {"first-response"}


def test_a_report_with_neither_unit_nor_place_says_what_to_give(emergency):
    refused = emergency.duty.post("/incidents", json={"occurred_at": "now"})
    assert refused.status_code == 422
    assert "事故地点" in refused.json()["errors"][0]["reason"]


@pytest.mark.clause("E-4.1a")
def test_the_clock_runs_from_when_the_head_of_the_unit_was_told(emergency):
    incident = emergency.report(
        occurred_at="2024-06-24T09:00:00+08:00", unit_informed_at="2024-06-24T09:10:00+08:00"
    )
    taken = emergency.duty.get(incident).json()

    phone, written = deadline(taken, "phone-report"), deadline(taken, "written-report")
    assert (phone["due"], phone["since"], phone["provisional"]) == (
        "2024-06-24T09:40:00+08:00",
        "unit_informed_at",
        False,
    )
    assert written["due"] == "2024-06-24T10:10:00+08:00"
    assert phone["basis"][0]["clause"] == "E-4.1a"


@pytest.mark.clause("E-4.1a")
def test_until_that_is_known_the_clock_runs_from_the_earliest_time_and_says_so(emergency):
    incident = emergency.report(occurred_at="2024-06-24T09:05:00+08:00")

    before = deadline(emergency.duty.get(incident).json(), "phone-report")
    emergency.tell(incident, unit_informed_at="2024-06-24T09:20:00+08:00")
    after = deadline(emergency.duty.get(incident).json(), "phone-report")

    assert (before["due"], before["provisional"]) == ("2024-06-24T09:35:00+08:00", True)
    assert "尚不知道" in before["since_zh"]
    assert (after["due"], after["provisional"]) == ("2024-06-24T09:50:00+08:00", False)


@pytest.mark.clause("E-4.1a")
@pytest.mark.parametrize(("minutes", "standing", "breached"), [(30, "met", False), (31, "met_late", True)])
def test_the_units_call_meets_the_phone_deadline_or_is_late(emergency, minutes, standing, breached):
    informed = datetime.fromisoformat(NOW) - timedelta(minutes=minutes)
    incident = emergency.report(unit_informed_at=informed.isoformat(), reporter="unit")

    phone = deadline(emergency.duty.get(incident).json(), "phone-report")

    assert (phone["standing"], phone["breached"]) == (standing, breached)


@pytest.mark.clause("E-4.1b")
def test_somebody_on_the_scene_may_report_and_the_units_clock_still_runs(emergency):
    incident = emergency.report(reporter="scene")
    assert deadline(emergency.duty.get(incident).json(), "phone-report")["standing"] == "running"


@pytest.mark.clause("E-4.1c", "E-5.4")
def test_the_national_deadlines_run_beside_the_local_ones_with_their_articles(emergency):
    taken = emergency.duty.get(emergency.report(deaths=3)).json()

    upward = {each["id"]: each["due"] for each in taken["deadlines"] if each["id"].startswith("upward")}
    assert upward == {
        "upward-city": "2024-06-24T11:30:00+08:00",
        "upward-region": "2024-06-24T13:30:00+08:00",
    }
    investigation = deadline(taken, "investigation-report")
    assert investigation["due"] == "2024-08-23T23:59:59+08:00"
    assert "第二十七" in investigation["article"]


@pytest.mark.clause("E-4.1d")
@pytest.mark.parametrize(
    ("field", "told", "kept"),
    [
        ("occurred_at", "2024-06-24T09:36:00+08:00", "2024-06-24T09:36:00+08:00"),
        ("reported_at", "2024-06-24T09:36:00+08:00", "2024-06-24T09:36:00+08:00"),
        ("unit_informed_at", "2024-06-25T09:00:00+08:00", "2024-06-25T09:00:00+08:00"),
        ("occurred_at", "02:10", "02:10"),
        ("division", "伊金霍洛旗", "伊金霍洛旗"),
        ("supervisor", "区魔法局", "区魔法局"),
        ("endangered", -2, "-2"),
        ("direct_loss_yuan", "50万", "50万"),
        ("scene", "塌" * 5001, "塌" * 2000),
        ("kind", "explosion", "explosion"),
        ("colour", "红", "红"),
    ],
)
def test_what_cannot_be_read_of_a_call_is_kept_as_it_was_told_and_the_call_is_taken(
    emergency, field, told, kept
):
    taken = emergency.duty.post(
        "/incidents", json={"place": "天骄北路", "occurred_at": "now"} | {field: told}
    )

    assert taken.status_code == 201, taken.text
    assert [(each["field"], each["text"]) for each in taken.json()["unread"]] == [(field, kept)]
    assert taken.json().get(field) in (None, "other")


@pytest.mark.parametrize(
    "written", ["139 0000 0001", "(0477)8575464", "0477-8575464转801", "call me", 13900000001]
)
def test_a_reporters_number_is_taken_however_it_is_written(emergency, written):
    taken = emergency.duty.post("/incidents", json={"place": "天骄北路", "reporter_phone": written})
    assert (taken.status_code, taken.json()["unread"]) == (201, [])
    looker = emergency.role("personal:read")
    [report] = looker.get(f"/incidents/{taken.json()['number']}/reports", params={"reveal": True}).json()
    assert report["reporter_phone"] == str(written)


def test_what_could_not_be_read_is_struck_once_a_report_tells_it(emergency):
    incident = emergency.report(direct_loss_yuan="50万")
    assert [each["name"] for each in emergency.duty.get(incident).json()["unread"]] == ["直接经济损失（元）"]
    emergency.tell(incident, direct_loss_yuan="500000.00")
    assert emergency.duty.get(incident).json()["unread"] == []


def test_a_clock_five_minutes_ahead_is_no_error(emergency):
    emergency.report(occurred_at="2024-06-24T09:35:00+08:00")


def test_the_same_idempotency_key_twice_is_the_same_incident(emergency):
    body, headers = {"place": "天骄北路", "occurred_at": "now"}, {"Idempotency-Key": "call-1"}
    first = emergency.duty.post("/incidents", json=body, headers=headers)
    again = emergency.duty.post("/incidents", json=body, headers=headers)

    assert first.json() == again.json()
    assert emergency.running.sql("SELECT count(*) FROM incidents") == [(1,)]


def test_the_reporters_phone_is_sealed_masked_and_each_look_is_audited(emergency):
    incident = emergency.report(reporter_name="王调度", reporter_phone="13912345678")

    masked = emergency.duty.get(f"{incident}/reports").json()[0]
    refused = emergency.duty.get(f"{incident}/reports", params={"reveal": True})
    revealed = emergency.role("personal:read").get(f"{incident}/reports", params={"reveal": True}).json()[0]

    assert (masked["reporter_name"], masked["reporter_phone"]) == ("王**", "139****5678")
    assert refused.status_code == 403
    assert revealed["reporter_phone"] == "13912345678"
    assert emergency.running.sql("SELECT count(*) FROM audit WHERE action = 'emergency.personal.seen'") == [
        (1,)
    ]
    assert b"13912345678" not in emergency.running.sql("SELECT reporter_phone FROM incident_reports")[0][0]


def test_a_streets_token_sees_and_reports_only_its_own_accidents(emergency):
    elsewhere = emergency.report(division="铜川镇")
    street = emergency.role(division="天骄街道")

    assert street.get(elsewhere).status_code == 404
    assert street.get("/incidents").json()["items"] == []
    refused = street.post("/incidents", json={"place": "x", "occurred_at": "now", "division": "铜川镇"})
    own = street.post("/incidents", json={"place": "x", "occurred_at": "now"})
    assert (refused.status_code, own.json()["division"]) == (403, "天骄街道")
    moved = street.post(f"/incidents/{own.json()['number']}/reports", json={"facts": {"division": "铜川镇"}})
    assert moved.status_code == 403


def test_the_list_filters_and_leaves_exercises_out(emergency):
    emergency.report(deaths=3)
    emergency.report()
    emergency.report(exercise=True)

    larger = emergency.duty.get("/incidents", params={"grade": "larger"}).json()["items"]
    every = emergency.duty.get("/incidents").json()["items"]
    drills = emergency.duty.get("/incidents", params={"exercise": True}).json()["items"]

    assert [each["number"][-4:] for each in larger] == ["0001"]
    assert [each["number"][-4:] for each in every] == ["0002", "0001"]
    assert [each["mark"] for each in drills] == ["【演练】"]


def test_the_list_of_a_street_is_asked_for_by_any_of_its_names(emergency):
    emergency.report(division="铜川镇")
    emergency.report(division="天骄街道")

    def listed(division: str) -> list[str]:
        answer = emergency.duty.get("/incidents", params={"division": division})
        return [each["division"] for each in answer.json()["items"]]

    assert listed("铜川镇") == listed("tongchuan-town") == ["铜川镇"]
    unknown = emergency.duty.get("/incidents", params={"division": "魔法街道"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "?division")


@pytest.mark.clause("E-1.3")
def test_an_accident_under_another_special_plan_is_referred_to_it(emergency):
    taken = emergency.duty.get(emergency.report(special_plan="东胜区煤矿事故专项预案")).json()
    assert taken["scope"]["covered"] is False
    assert taken["scope"]["referred_to"] == "东胜区煤矿事故专项预案"
    assert taken["scope"]["basis"][0]["clause"] == "E-1.3"
