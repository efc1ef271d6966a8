"""Sessions from the plan to their day: planned, dated, put off, cancelled (L-3b, L-4c, L-6, N-2.1, N-2.2)."""

from datetime import datetime

import psycopg
import pytest

from kit.district.clock import SHANGHAI
from tests.lawstudy.conftest import done, refused

LECTURES = ["2024-L1", "2024-L2"]


def test_each_topic_with_a_month_has_a_session_and_no_day_is_made_up_for_it(lawstudy):
    rows = done(lawstudy.client().get("/sessions", params={"year": 2024}))["items"]
    assert [(row["month"], row["day"], row["state"], row["form"]) for row in rows] == [
        (f"2024-{month:02}", None, "planned", "pre_meeting") for month in range(5, 13)
    ]
    assert [row["unit"]["name"] for row in rows[:2]] == ["区司法局", "区应急管理局"]


def test_loading_again_makes_no_further_session(lawstudy):
    before = lawstudy.sql("SELECT * FROM sessions ORDER BY id")
    for loader in lawstudy.service.loaders:
        lawstudy.run(loader)
    assert lawstudy.sql("SELECT * FROM sessions ORDER BY id") == before


@pytest.mark.clause("L-4c")
def test_the_office_alone_dates_a_session_by_an_executive_meeting(office, justice, session_of, meeting):
    id = session_of("2024-P3")["id"]
    body = {"meeting": meeting("2024-07-15", begins_at="09:00", place="第一会议室")}
    told = refused(justice.post(f"/sessions/{id}/schedule", json=body), 403, "not-your-role")
    assert "区人民政府办公室" in told["detail"]
    row = done(office.post(f"/sessions/{id}/schedule", json=body))
    assert (row["state"], row["day"], row["begins_at"], row["place"]) == (
        "scheduled",
        "2024-07-15",
        "09:00",
        "第一会议室",
    )


# --------------------------------------------------------------------------------------------- when the text is due
@pytest.mark.clause("N-2.1")
@pytest.mark.parametrize(
    ("topic", "day", "due"),
    [
        ("2024-P3", "2024-07-18", "2024-07-15"),  # three working days before
        ("2024-P3", "2024-07-15", "2024-07-10"),  # over a weekend
        ("2024-P5", "2024-09-18", "2024-09-12"),  # 14 September, a Saturday, was worked; 15 to 17 were off
        (
            "2024-P6",
            "2024-10-08",
            "2024-09-27",
        ),  # 29 September, a Sunday, was worked; 1 to 7 October were off
    ],
)
def test_a_text_is_due_three_working_days_before_the_session(office, scheduled, topic, day, due):
    row = done(office.get(f"/sessions/{scheduled(topic, day)}"))
    assert (row["text_due_at"], row["text_due_provisional"]) == (f"{due}T23:59:59+08:00", False)


def test_how_many_working_days_is_a_setting(serve, lawstudy):
    from services.lawstudy.app import service
    from services.lawstudy.plan.roles import OFFICE

    other = serve(service, text_workdays=5)
    office = other.client("lawstudy:read", "lawstudy:write", OFFICE)
    id = next(row["id"] for row in done(office.get("/sessions"))["items"] if row["month"] == "2024-07")
    meeting = done(office.post("/meetings", json={"year": 2024, "held_on": "2024-07-15"}), 201)["id"]
    row = done(office.post(f"/sessions/{id}/schedule", json={"meeting": meeting}))
    assert row["text_due_at"] == "2024-07-08T23:59:59+08:00"


# ------------------------------------------------------------------------------------------- what cannot be its day
def test_a_pre_meeting_study_goes_with_a_meeting_and_not_a_day_alone(office, session_of):
    id = session_of("2024-P3")["id"]
    told = refused(office.post(f"/sessions/{id}/schedule", json={"day": "2024-07-15"}), 422, "no-meeting")
    assert told["errors"][0]["pointer"] == "/meeting"


def test_a_meeting_whose_day_is_not_known_dates_nothing(office, session_of):
    [seventh] = done(office.get("/meetings", params={"number": 7}))["items"]
    id = session_of("2024-P1")["id"]
    refused(
        office.post(f"/sessions/{id}/schedule", json={"meeting": seventh["id"]}), 409, "meeting-without-day"
    )


def test_a_session_does_not_leave_the_year_of_its_plan(office, session_of, meeting):
    id = session_of("2024-P8")["id"]
    body = {"meeting": meeting("2025-01-06"), "reason": "年底会议多"}
    told = refused(office.post(f"/sessions/{id}/schedule", json=body), 409, "outside-the-plan")
    assert [basis["clause"] for basis in told["basis"]] == ["L-6"]
    assert done(office.get(f"/sessions/{id}"))["state"] == "planned"


@pytest.mark.clause("N-2.2")
def test_another_month_than_the_plan_s_asks_for_a_reason(office, session_of, meeting):
    id = session_of("2024-P2")["id"]
    body = {"meeting": meeting("2024-07-02")}
    told = refused(office.post(f"/sessions/{id}/schedule", json=body), 409, "another-month")
    assert [basis["clause"] for basis in told["basis"]] == ["N-2.2"]
    row = done(office.post(f"/sessions/{id}/schedule", json=body | {"reason": "六月议题较多"}))
    assert (row["month"], row["day"], row["another_month"]) == ("2024-06", "2024-07-02", "六月议题较多")


# -------------------------------------------------------------------------------------------------------- lectures
@pytest.mark.clause("L-3b")
def test_a_lecture_studies_several_topics_and_may_have_a_day_of_its_own(office):
    row = done(office.post("/sessions", json={"year": 2024, "topics": LECTURES, "month": "2024-09"}), 201)
    assert (row["form"], row["state"], row["unit"]) == ("lecture", "planned", None)
    dated = done(
        office.post(f"/sessions/{row['id']}/schedule", json={"day": "2024-09-12", "begins_at": "15:00"})
    )
    assert (dated["day"], dated["meeting_id"], dated["begins_at"]) == ("2024-09-12", None, "15:00")


@pytest.mark.parametrize(
    ("topics", "status", "type"),
    [
        (["2024-X9"], 409, "outside-the-plan"),
        (["2024-L1", "2024-P3"], 422, "mixed-forms"),
        (["2024-P3"], 409, "topic-has-session"),
    ],
)
def test_a_session_outside_its_plan_is_refused(office, topics, status, type):
    told = refused(office.post("/sessions", json={"year": 2024, "topics": topics}), status, type)
    assert told["errors"][0]["pointer"].startswith("/topics")


def test_a_year_without_a_plan_has_no_sessions(office):
    refused(office.post("/sessions", json={"year": 2030, "topics": ["2030-P1"]}), 404, "no-such-plan")


def test_a_topic_is_free_again_once_its_session_is_cancelled(office):
    row = done(office.post("/sessions", json={"year": 2024, "topics": LECTURES}), 201)
    body = {"year": 2024, "topics": ["2024-L2"]}
    refused(office.post("/sessions", json=body), 409, "topic-has-session")
    done(office.post(f"/sessions/{row['id']}/cancel", json={"reason": "分开讲"}))
    done(office.post("/sessions", json=body), 201)
    told = office.post(f"/sessions/{row['id']}/reinstate", json={"reason": "误取消"})
    refused(told, 409, "topic-has-session")


# ------------------------------------------------------------------------------------- put off, cancelled, taken back
@pytest.mark.clause("N-2.2")
def test_what_is_put_off_has_no_day_and_comes_back_as_it_was(office, scheduled, meeting):
    id = scheduled("2024-P3", "2024-07-15")
    put_off = done(office.post(f"/sessions/{id}/postpone", json={"reason": "会议改期", "month": "2024-08"}))
    assert (put_off["state"], put_off["day"], put_off["postponed_to"]) == ("postponed", None, "2024-08")
    assert put_off["text_due_at"] is None
    body = {"meeting": meeting("2024-08-05"), "reason": "随会议延至八月"}
    back = done(office.post(f"/sessions/{id}/schedule", json=body))
    assert (back["state"], back["day"], back["postponed_to"]) == ("scheduled", "2024-08-05", None)


def test_a_cancelled_session_can_be_taken_back_and_every_step_stays_on_record(office, scheduled):
    id = scheduled("2024-P3", "2024-07-15")
    done(office.post(f"/sessions/{id}/cancel", json={"reason": "误操作"}))
    refused(office.post(f"/sessions/{id}/postpone", json={"reason": "不行"}), 409, "not-in-this-state")
    done(office.post(f"/sessions/{id}/reinstate", json={"reason": "误取消"}))
    row = done(office.get(f"/sessions/{id}"))
    assert (row["state"], row["day"]) == ("planned", None)
    actions = [
        step["action"] for step in row["steps"] if step["action"] != "open"
    ]  # by the loader, at its time
    assert actions == ["schedule", "cancel", "reinstate"]


def sequence(lawstudy, id: str) -> int:
    [(found,)] = lawstudy.sql("SELECT sequence FROM sessions WHERE id = %s", id)
    return found


@pytest.mark.clause("N-2.2")
def test_the_sequence_rises_whenever_the_time_changes_or_the_session_is_cancelled(
    lawstudy, office, scheduled, meeting
):
    id = scheduled("2024-P3", "2024-07-15")
    assert sequence(lawstudy, id) == 1
    same = done(office.get(f"/sessions/{id}"))["meeting_id"]
    done(office.post(f"/sessions/{id}/schedule", json={"meeting": same, "place": "党校礼堂"}))
    assert sequence(lawstudy, id) == 1  # another place is not another time
    done(office.post(f"/sessions/{id}/schedule", json={"meeting": meeting("2024-07-22")}))
    done(office.post(f"/sessions/{id}/postpone", json={"reason": "会议改期"}))
    done(office.post(f"/sessions/{id}/cancel", json={"reason": "不再学习"}))
    assert sequence(lawstudy, id) == 4


# --------------------------------------------------------------------------------------------------------- the chair
@pytest.mark.parametrize(
    "change",
    [
        pytest.param("day = '2024-07-15'", id="a planned session with a day"),
        pytest.param("state = 'scheduled'", id="a dated session without one"),
        pytest.param("state = 'held', day = '2024-07-15'", id="a session held without a passed text"),
        pytest.param("state = 'postponed'", id="one put off that does not know what it was"),
        pytest.param("state = 'film'", id="another state"),
        pytest.param("chair = 'head'", id="a chair before it was held"),
    ],
)
def test_the_database_refuses(lawstudy, session_of, change):
    with pytest.raises(psycopg.IntegrityError):
        lawstudy.sql(f"UPDATE sessions SET {change} WHERE id = %s", session_of("2024-P3")["id"])


def test_two_sessions_never_study_one_topic_whoever_writes(lawstudy, session_of):
    topic = session_of("2024-P3")["id"]
    other = session_of("2024-P4")["id"]
    with pytest.raises(psycopg.errors.UniqueViolation):
        lawstudy.sql(
            "INSERT INTO session_topics (session_id, topic_id, title)"
            " SELECT %s, topic_id, title FROM session_topics WHERE session_id = %s",
            other,
            topic,
        )


def test_a_session_is_dated_in_the_district_s_time(office, session_of, clock):
    clock.now = datetime(2024, 6, 30, 23, 59, tzinfo=SHANGHAI)
    assert session_of("2024-P3")["changed_at"].endswith("+08:00")


# -------------------------------------------------------------------------------------------------- which is the next
@pytest.mark.clause("L-3b")
def test_the_next_is_the_first_still_to_be_held_by_its_day_or_the_last_day_of_its_month(
    lawstudy, office, scheduled, session_of
):
    def coming(**asked):
        return done(lawstudy.client().get("/sessions/coming", params=asked))["items"]

    assert [row["month"] for row in coming()] == [f"2024-{month:02}" for month in range(6, 13)]
    third = scheduled("2024-P3", "2024-07-15")
    done(office.post(f"/sessions/{session_of('2024-P2')['id']}/cancel", json={"reason": "内容已学过"}))
    assert [row["id"] for row in coming(limit=1)] == [third]
    assert [row["id"] for row in coming(since="2024-07-15", limit=1)] == [third]
    assert [row["month"] for row in coming(since="2024-07-16", limit=1)] == ["2024-08"]
    done(office.post(f"/sessions/{third}/postpone", json={"reason": "会议冲突", "month": "2024-10"}))
    assert [row["postponed_to"] for row in coming(since="2024-10-01", limit=2)] == ["2024-10", None]


def test_those_that_come_are_paged_without_a_gap(lawstudy, office):
    row = done(office.post("/sessions", json={"year": 2024, "topics": LECTURES}), 201)  # some day of the year
    asked, found = {"limit": 3}, []
    while asked.get("cursor", "") is not None:
        page = done(office.get("/sessions/coming", params=asked))
        found, asked = found + page["items"], asked | {"cursor": page["next"]}
    whole = done(office.get("/sessions/coming"))["items"]
    assert found == whole
    assert {each["id"] for each in found[-2:]} == {whole[-2]["id"], row["id"]}
    assert whole[-1]["id"] == row["id"], "what has no month comes last"
