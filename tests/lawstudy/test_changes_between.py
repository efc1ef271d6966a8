"""What goes wrong between plan, session, meeting and text when one of them changes, and does not (L-4a, L-6, L-7, N-2)."""

from datetime import datetime, timedelta
from threading import Thread

import pytest

from kit.testing import Client
from services.lawstudy.plan.roles import DEPARTMENT, JUSTICE
from tests.lawstudy.conftest import done, refused
from tests.lawstudy.documents import letter
from tests.lawstudy.drafts import Desk, as_draft, step
from tests.lawstudy.test_ledger import rows_of
from tests.lawstudy.test_texts import hand_in, passed


@pytest.fixture
def study(scheduled) -> str:
    """A pre-meeting study of the emergency bureau on 26 June 2024."""
    return scheduled("2024-P2", "2024-06-26")


@pytest.fixture
def bureau(department) -> Client:
    return department("emergency-bureau")


def test_the_same_file_is_handed_in_anew_after_a_session_was_cancelled_and_taken_back(
    bureau, justice, office, study, meeting
):
    data = letter()
    text = done(hand_in(bureau, study, data), 201)
    passed(justice, study, text)
    done(office.post(f"/sessions/{study}/cancel", json={"reason": "误"}))
    done(office.post(f"/sessions/{study}/reinstate", json={"reason": "误取消"}))
    done(office.post(f"/sessions/{study}/schedule", json={"meeting": meeting("2024-06-27")}))
    done(hand_in(bureau, study, data), 201)
    assert done(office.get(f"/sessions/{study}"))["state"] == "text_submitted"


def test_a_file_that_was_waiting_is_handed_in_anew_after_a_session_was_taken_back(
    bureau, justice, office, study, meeting
):
    data = letter()
    done(hand_in(bureau, study, data), 201)
    done(office.post(f"/sessions/{study}/cancel", json={"reason": "误"}))
    done(office.post(f"/sessions/{study}/reinstate", json={"reason": "误取消"}))
    done(office.post(f"/sessions/{study}/schedule", json={"meeting": meeting("2024-06-27")}))
    done(hand_in(bureau, study, data), 201)
    assert done(office.get(f"/sessions/{study}"))["state"] == "text_submitted"


def test_a_text_is_in_time_until_the_last_second_of_its_day_is_over(lawstudy, department, office, scheduled):
    study = scheduled("2024-P3", "2024-07-15")
    due = datetime.fromisoformat(done(office.get(f"/sessions/{study}"))["text_due_at"])
    lawstudy.clock.now = due + timedelta(milliseconds=500)
    b = lawstudy.client(
        "lawstudy:read", "lawstudy:write", DEPARTMENT, name="x", unit="development-reform-commission"
    )
    j = lawstudy.client("lawstudy:read", "lawstudy:write", JUSTICE, name="j", unit="justice-bureau")
    rows = done(j.get("/texts"))["items"]
    assert [r["standing"] for r in rows if r["session"]["id"] == study] == ["open"]
    text = done(hand_in(b, study, letter()), 201)
    passed(j, study, text)
    rows = done(j.get("/texts"))["items"]
    assert [r["standing"] for r in rows if r["session"]["id"] == study] == ["in_time"]


def test_a_pass_does_not_outlive_the_law_that_it_was_given_for(lawstudy, bureau, justice, office, study):
    text = done(hand_in(bureau, study, letter()), 201)
    passed(justice, study, text)
    done(office.post(f"/sessions/{study}/ready"))
    desk = Desk(lawstudy)
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    t = next(t for t in body["topics"] if t["id"] == "2024-P2")
    t["title"] = "中华人民共和国突发事件应对法"
    t["department"] = "区公安分局"
    desk.rewritten(place, body)
    desk.issued(place, "东政办发〔2024〕41号")
    row = done(office.get(f"/sessions/{study}"))
    assert row["state"] != "ready"


def test_a_session_that_was_put_off_follows_the_plan_to_another_month(lawstudy, office, study):
    done(office.post(f"/sessions/{study}/postpone", json={"reason": "改期", "month": "2024-07"}))
    desk = Desk(lawstudy)
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    t = next(t for t in body["topics"] if t["id"] == "2024-P2")
    t["month"] = "2024-09"
    body["exceptions"] = [{"month": "2024-06", "reason": "会议改期"}]
    desk.rewritten(place, body)
    desk.issued(place, "东政办发〔2024〕41号")
    ics = lawstudy.stranger().get("/calendar.ics").text
    event = next(each for each in ics.split("BEGIN:VEVENT") if study in each)
    assert "20240901" in event


def test_a_lecture_put_off_and_cancelled_stays_in_the_calendar(lawstudy, office):
    s = done(office.post("/sessions", json={"year": 2024, "topics": ["2024-L1"]}), 201)["id"]
    done(office.post(f"/sessions/{s}/schedule", json={"day": "2024-09-12", "begins_at": "09:00"}))
    assert s in lawstudy.stranger().get("/calendar.ics").text
    done(office.post(f"/sessions/{s}/postpone", json={"reason": "改期"}))
    assert s in lawstudy.stranger().get("/calendar.ics").text
    done(office.post(f"/sessions/{s}/cancel", json={"reason": "取消"}))
    b = lawstudy.stranger().get("/calendar.ics").text
    assert s in b


def test_a_meeting_of_cancelled_sessions_alone_may_be_removed(lawstudy, office, meeting, session_of):
    m = meeting("2024-06-26")
    s = session_of("2024-P2")["id"]
    done(office.post(f"/sessions/{s}/schedule", json={"meeting": m}))
    done(office.post(f"/sessions/{s}/cancel", json={"reason": "x"}))
    a = office.delete(f"/meetings/{m}", headers={"If-Match": "*"})
    assert a.status_code == 204


def test_the_day_of_what_was_held_does_not_move_with_its_meeting(
    lawstudy, bureau, justice, office, meeting, session_of
):
    m = meeting("2024-06-24")
    s = session_of("2024-P2")["id"]
    done(office.post(f"/sessions/{s}/schedule", json={"meeting": m}))
    text = done(hand_in(bureau, s, letter()), 201)
    passed(justice, s, text)
    done(office.post(f"/sessions/{s}/ready"))
    done(office.post(f"/sessions/{s}/delegate", json={"delegated_on": "2024-06-24", "how": "书面"}))
    done(office.post(f"/sessions/{s}/hold", json={"chair": "常务副区长"}))
    a = office.put(f"/meetings/{m}", json={"year": 2024, "held_on": "2024-06-03"}, headers={"If-Match": "*"})
    assert a.status_code == 409


def test_a_speaker_from_elsewhere_before_a_meeting_asks_for_a_reason(office, study):
    a = office.post(f"/sessions/{study}/speaker", json={"name": "某甲", "organisation": "某大学法学院"})
    assert a.status_code == 422


def test_an_expert_of_the_district_s_own_units_is_not_from_outside(office):
    s = done(office.post("/sessions", json={"year": 2024, "topics": ["2024-L1"]}), 201)["id"]
    a = office.post(
        f"/sessions/{s}/speaker",
        json={"name": "某甲", "title": "局长", "organisation": "区司法局", "invited_by": "区司法局"},
    )
    assert a.status_code in (409, 422)


def test_a_pre_meeting_study_has_the_month_and_department_of_the_plan(office, session_of):
    s = session_of("2024-P2")["id"]
    done(office.post(f"/sessions/{s}/cancel", json={"reason": "x"}))
    a = office.post(
        "/sessions", json={"year": 2024, "topics": ["2024-P2"], "unit": "天骄街道", "month": "2024-11"}
    )
    assert a.status_code in (409, 422)


def test_a_day_beside_a_meeting_is_refused(office, meeting):
    s = done(office.post("/sessions", json={"year": 2024, "topics": ["2024-L1"]}), 201)["id"]
    a = office.post(f"/sessions/{s}/schedule", json={"day": "2024-09-12", "meeting": meeting("2024-08-01")})
    assert a.status_code == 422


def test_what_the_office_cancelled_does_not_come_back_with_another_adjustment(lawstudy, office, session_of):
    s = session_of("2024-P6")["id"]
    done(office.post(f"/sessions/{s}/cancel", json={"reason": "不学"}))
    desk = Desk(lawstudy)
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    next(t for t in body["topics"] if t["id"] == "2024-P5")["month"] = "2024-10"
    body["exceptions"] = [{"month": "2024-09", "reason": "x"}]
    desk.rewritten(place, body)
    desk.issued(place, "东政办发〔2024〕41号")
    rows = done(office.get("/sessions", params={"year": 2024, "limit": 100}))["items"]
    mine = [r["state"] for r in rows if "2024-P6" in [t["topic_id"] for t in r["topics"]]]
    assert mine == ["cancelled"]


def test_a_file_is_given_back_without_folders_and_with_the_ending_of_what_it_is(
    lawstudy, bureau, office, study
):
    t = done(hand_in(bureau, study, letter(), "../../etc/讲稿.exe"), 201)
    assert t["name"] == "讲稿.docx"
    assert ".." not in office.get(f"/texts/{t['id']}").headers["content-disposition"]


def test_sessions_and_their_meeting_are_changed_at_once_without_waiting_for_each_other_for_ever(
    office, meeting, session_of
):
    at = meeting("2024-06-26")
    ids = [session_of(topic)["id"] for topic in ("2024-P2", "2024-P1", "2024-P3")]
    body = {"meeting": at, "reason": "并期"}
    for id in ids:
        done(office.post(f"/sessions/{id}/schedule", json=body))
    answers = []

    def schedule(id: str) -> None:
        for _ in range(6):
            answers.append(office.post(f"/sessions/{id}/schedule", json=body))

    def move() -> None:
        for each in range(6):
            told = {"year": 2024, "held_on": f"2024-06-{25 + each % 3}"}
            answers.append(office.put(f"/meetings/{at}", json=told, headers={"If-Match": "*"}))

    threads = [*(Thread(target=schedule, args=(id,)) for id in ids), Thread(target=move), Thread(target=move)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 409, 412}


@pytest.mark.parametrize(
    "since",
    ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"],
)
def test_a_date_that_no_calendar_has_is_no_date(lawstudy, since):
    assert lawstudy.stranger().get("/calendar.ics", headers={"If-Modified-Since": since}).status_code == 200


def test_whoever_schedules_or_hands_in_at_once_is_answered_one_after_the_other(bureau, office, study):
    at = done(office.get(f"/sessions/{study}"))["meeting_id"]
    answers = []

    def schedule(hour: int) -> None:
        for minute in range(6):
            body = {"meeting": at, "begins_at": f"{hour:02}:{minute:02}"}
            answers.append(office.post(f"/sessions/{study}/schedule", json=body))

    def submit(said: str) -> None:
        answers.append(hand_in(bureau, study, letter(said)))

    threads = [Thread(target=schedule, args=(8 + each,)) for each in range(3)]
    threads += [Thread(target=submit, args=(str(each % 2),)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200, 201}


@pytest.mark.clause("L-5")
def test_what_was_held_counts_and_stands_in_the_ledger_though_a_later_version_drops_it(
    lawstudy, bureau, justice, office, scheduled
):
    id = scheduled("2024-P2", "2024-06-24")
    passed(justice, id, done(hand_in(bureau, id, letter()), 201))
    done(office.post(f"/sessions/{id}/ready"))
    done(office.post(f"/sessions/{id}/hold", json={"chair": "区长"}))
    desk = Desk(lawstudy)
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    body["topics"] = [topic for topic in body["topics"] if topic["id"] != "2024-P2"]
    body["exceptions"] = [{"month": "2024-06", "reason": "已学习，不再列入"}]
    desk.rewritten(place, body)
    desk.issued(place, "东政办发〔2024〕41号")
    told = done(office.get("/compliance", params={"year": 2024}))
    assert told["content"]["categories"][3]["studied"] == 1
    assert told["pre_meeting"]["months"][5]["standing"] == "held"
    rows = rows_of(office.get("/ledger", params={"year": 2024}), "计划与落实", "序号")
    assert (rows[-1]["学习内容"], rows[-1]["备注"]) == ("《煤矿安全生产条例》", "计划调整后不再列入")


@pytest.mark.clause("L-6")
def test_an_adjustment_is_not_approved_before_the_version_that_it_adjusts(lawstudy):
    desk = Desk(lawstudy)
    place, _ = desk.adjusted(2024)
    step(desk.justice, place, "submit")
    told = step(desk.government, place, "approve", {"approved_by": "会议", "approved_on": "2024-05-29"})
    assert refused(told, 422, "approved-before-former")["errors"][0]["pointer"] == "/approved_on"
    done(step(desk.government, place, "approve", {"approved_by": "会议", "approved_on": "2024-05-30"}))


def test_the_ledger_tells_what_the_office_cancelled(office, session_of):
    done(office.post(f"/sessions/{session_of('2024-P6')['id']}/cancel", json={"reason": "不学"}))
    rows = rows_of(office.get("/ledger", params={"year": 2024}), "计划与落实", "序号")
    assert [row["进展"] for row in rows if row["学习内容"] == "《中华人民共和国预算法》"] == ["已取消"]
