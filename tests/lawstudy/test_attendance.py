"""Who was at a session: members expected, leave with a reason, extended, made up for, put right, counted (L-4b)."""

from io import BytesIO

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from tests.lawstudy.conftest import done, refused
from tests.lawstudy.documents import letter

STANDING = {"If-Match": "*"}
DAY = "2024-06-24"


@pytest.fixture
def held(office, justice, department, scheduled):
    """`held("2024-P2", "2024-06-24")` is a topic's session that was held."""

    def hold(topic: str = "2024-P2", day: str = DAY, unit: str = "emergency-bureau") -> str:
        id = scheduled(topic, day, reason="五月未能安排") if topic == "2024-P1" else scheduled(topic, day)
        files, said = {"file": ("讲稿.docx", letter(topic))}, {"local": "已开展检查"}
        text = done(department(unit).post(f"/sessions/{id}/texts", files=files, data=said), 201)
        done(justice.post(f"/sessions/{id}/review"))
        done(justice.post(f"/sessions/{id}/pass", json={"sha256": text["sha256"]}))
        done(office.post(f"/sessions/{id}/ready"))
        done(office.post(f"/sessions/{id}/hold", json={"chair": "区长"}))
        return id

    return hold


@pytest.fixture
def who(office):
    """`who("韩涛")` is a member's id."""
    rows = done(office.get("/members", params={"limit": 100}))["items"]
    found = {row["name"]: row["id"] for row in rows}
    return found.__getitem__


def record(client, id, *attendees, **more):
    return client.post(f"/sessions/{id}/attendance", json={"attendees": list(attendees), **more})


def statuses(shown):
    return {each["name"] or each["unit"]["name"]: each["status"] for each in shown["attendees"]}


@pytest.mark.clause("L-4b")
def test_the_members_in_office_that_day_are_expected_by_themselves(office, held):
    shown = done(office.get(f"/sessions/{held()}/attendance"))
    assert len(shown["attendees"]) == shown["members"]["expected"] == shown["members"]["unrecorded"] == 10
    assert {each["status"] for each in shown["attendees"]} == {None}
    assert shown["members"]["rate"] is None


@pytest.mark.clause("L-4b")
def test_who_was_no_longer_in_office_is_not_expected_and_cannot_be_recorded(office, held, who):
    [row] = done(office.get("/members", params={"name": "薛阳"}))["items"]
    entered = {key: row[key] for key in ("kind", "name", "post", "begins_on")}
    put = office.put(f"/members/{row['id']}", json=entered | {"ends_on": "2024-06-23"}, headers=STANDING)
    done(put)
    id = held()
    assert "薛阳" not in statuses(done(office.get(f"/sessions/{id}/attendance")))
    told = refused(record(office, id, {"member": who("王志")}, {"member": who("薛阳")}), 409, "not-in-office")
    assert told["errors"][0]["pointer"] == "/attendees/1/member"
    assert done(office.get(f"/sessions/{id}/attendance"))["members"]["unrecorded"] == 9


@pytest.mark.clause("L-4b")
def test_present_leave_and_absent_are_recorded_and_counted(office, held, who):
    id = held()
    leave = {"member": who("杜娟"), "status": "leave", "reason": "参加市里会议"}
    shown = done(
        record(office, id, {"member": who("韩涛")}, leave, {"member": who("王志"), "status": "absent"})
    )
    assert {name: status for name, status in statuses(shown).items() if status} == {
        "韩涛": "present",
        "杜娟": "leave",
        "王志": "absent",
    }
    counts = shown["members"]
    assert (counts["expected"], counts["present"], counts["leave"], counts["absent"]) == (10, 1, 1, 1)
    assert (counts["unrecorded"], counts["rate"]) == (7, "33.3")


@pytest.mark.clause("L-4b")
def test_leave_asks_for_a_reason(office, held, who):
    told = refused(record(office, held(), {"member": who("杜娟"), "status": "leave"}), 422, "invalid-request")
    assert told["errors"][0] == {"pointer": "/attendees/0", "reason": "请假的要填写请假事由。"}


@pytest.mark.clause("L-4b")
def test_departments_are_added_with_the_reason_and_others_are_not_departments(office, held):
    id = held()
    extended = {"unit": "区住建局", "kind": "extended"}
    told = refused(record(office, id, extended), 422, "extension-without-reason")
    assert told["errors"][0]["pointer"] == "/why_extended"
    town = {"unit": "泊尔江海子镇", "kind": "extended"}
    told = refused(record(office, id, extended, town, why_extended="涉及城乡建设"), 422, "not-a-department")
    assert told["errors"][0]["pointer"] == "/attendees/1/unit"
    invited = {"unit": "区人大常委会", "kind": "invited", "post": "副主任"}
    shown = done(record(office, id, extended, invited, why_extended="涉及城乡建设"))
    told = [(each["kind"], each["unit"]["name"], each["post"]) for each in shown["attendees"] if each["unit"]]
    assert told == [
        ("invited", "区人大常委会", "副主任"),
        ("extended", "区住房和城乡建设局", "主要负责人"),
    ]
    assert shown["attendees"][-1]["why_extended"] == "涉及城乡建设"
    assert shown["members"]["expected"] == 10


@pytest.mark.clause("L-4b", "L-4c")
def test_attendance_is_recorded_once_a_session_was_held_and_by_the_office(
    office, justice, scheduled, held, who
):
    planned = scheduled("2024-P3", "2024-07-15")
    refused(record(office, planned, {"member": who("韩涛")}), 409, "session-not-held")
    told = refused(record(justice, held(), {"member": who("韩涛")}), 403, "not-your-role")
    assert "区人民政府办公室" in told["detail"]


def test_nobody_is_recorded_twice_and_nothing_of_such_a_list_is_kept(office, held, who):
    id = held()
    done(record(office, id, {"member": who("韩涛")}))
    told = refused(
        record(office, id, {"member": who("王志")}, {"member": who("韩涛")}), 409, "already-recorded"
    )
    assert told["errors"] == [{"pointer": "/attendees/1", "reason": "已登记"}]
    twice = {"unit": "区财政局", "kind": "invited"}
    refused(record(office, id, twice, twice), 409, "already-recorded")
    assert done(office.get(f"/sessions/{id}/attendance"))["members"]["unrecorded"] == 9


def test_an_unknown_person_is_told_with_its_place(office, held):
    nobody = "01990000-0000-7000-8000-000000000000"
    told = refused(record(office, held(), {"member": nobody}), 422, "unknown-reference")
    assert told["errors"][0]["pointer"] == "/attendees/0/member"


def one_of(office, id, name):
    shown = done(office.get(f"/sessions/{id}/attendance"))
    return next(each for each in shown["attendees"] if each["name"] == name)


@pytest.mark.clause("L-4b")
def test_a_late_correction_needs_a_reason_and_the_old_entry_stays_on_record(lawstudy, office, held, who):
    id = held()
    done(record(office, id, {"member": who("韩涛")}))
    lawstudy.clock.advance(minutes=50)
    row = one_of(office, id, "韩涛")
    path = f"/attendance-records/{row['id']}"
    body = {"status": "leave", "reason": "在外招商", "why": "核对签到表"}
    refused(office.put(path, json=body), 428, "no-if-match")
    refused(office.put(path, json=body, headers={"If-Match": '"9"'}), 412, "changed-meanwhile")
    etag = office.get(path).headers["etag"]
    assert done(office.put(path, json=body, headers={"If-Match": etag}))["status"] == "leave"
    [step] = [
        each
        for each in done(office.get(f"/sessions/{id}"))["steps"]
        if each["action"] == "correct-attendance"
    ]
    assert (step["note"], step["seen"]["before"], step["seen"]["after"]) == ("核对签到表", "present", "leave")
    assert lawstudy.sql("SELECT count(*) FROM audit WHERE details->>'action' = 'correct-attendance'") == [
        (1,)
    ]


@pytest.mark.clause("L-4b")
def test_who_was_away_makes_up_for_it_and_who_was_present_need_not(office, held, who):
    id = held()
    away = {"member": who("杜娟"), "status": "leave", "reason": "出差"}
    done(record(office, id, {"member": who("韩涛")}, away))
    study = {"day": DAY, "how": "自学讲稿"}
    present = one_of(office, id, "韩涛")["id"]
    refused(office.post(f"/attendance-records/{present}/make-up", json=study), 409, "was-present")
    path = f"/attendance-records/{one_of(office, id, '杜娟')['id']}"
    refused(office.post(f"{path}/make-up", json=study | {"day": "2024-06-25"}), 422, "in-the-future")
    told = refused(office.post(f"{path}/make-up", json=study | {"day": "2024-06-23"}), 422, "made-up-before")
    assert told["errors"][0]["pointer"] == "/day"
    assert done(office.post(f"{path}/make-up", json=study))["made_up_on"] == DAY
    counts = done(office.get(f"/sessions/{id}/attendance"))["members"]
    assert (counts["rate"], counts["studied_rate"], counts["made_up"]) == ("50.0", "100.0", 1)
    body = {"status": "present", "why": "当天到会，签到漏记"}
    shown = done(office.put(path, json=body, headers=STANDING))
    assert (shown["status"], shown["reason"], shown["made_up_on"]) == ("present", None, None)


def test_an_attendance_of_another_session_is_taken_back_with_the_reason(office, held, who):
    id = held()
    done(record(office, id, {"member": who("韩涛")}))
    path = f"/attendance-records/{one_of(office, id, '韩涛')['id']}"
    done_without_body = office.post(f"{path}/withdraw", json={"why": "登记到了另一次学法"})
    assert done_without_body.status_code == 204
    refused(office.get(path), 404, "not-found")
    assert one_of(office, id, "韩涛")["status"] is None
    done(record(office, id, {"member": who("韩涛"), "status": "absent"}))


@pytest.mark.clause("L-4b")
def test_a_year_is_counted_by_person_and_by_session(office, held, who):
    first, second = held(), held("2024-P1", "2024-06-21", "justice-bureau")
    away = {"member": who("杜娟"), "status": "leave", "reason": "出差"}
    done(record(office, first, {"member": who("韩涛")}, away))
    done(record(office, second, {"member": who("韩涛")}, {"member": who("杜娟"), "status": "absent"}))
    path = f"/attendance-records/{one_of(office, second, '杜娟')['id']}/make-up"
    done(office.post(path, json={"day": DAY, "how": "自学"}))

    year = done(office.get("/attendance", params={"year": 2024}))
    assert year["sessions_held"] == 2
    assert len(year["persons"]) == 10
    by_name = {each["name"]: each for each in year["persons"]}
    told = by_name["杜娟"]
    assert (told["expected"], told["leave"], told["absent"], told["made_up"]) == (2, 1, 1, 1)
    assert (told["rate"], told["studied_rate"]) == ("0.0", "50.0")
    assert by_name["韩涛"]["rate"] == "100.0"
    assert (by_name["王志"]["unrecorded"], by_name["王志"]["rate"]) == (2, None)
    assert [(each["day"], each["expected"], each["rate"]) for each in year["sessions"]] == [
        ("2024-06-21", 10, "50.0"),
        ("2024-06-24", 10, "50.0"),
    ]
    assert done(office.get("/attendance", params={"year": 2025}))["persons"] == []


def test_a_new_post_of_the_same_person_is_counted_with_the_old_one(office, held, who):
    [row] = done(office.get("/members", params={"name": "王志"}))["items"]
    entered = {key: row[key] for key in ("kind", "name", "begins_on")}
    old = entered | {"post": row["post"], "ends_on": "2024-06-22"}
    done(office.put(f"/members/{row['id']}", json=old, headers=STANDING))
    done(office.post("/members", json=entered | {"post": "区委常委、副区长", "begins_on": "2024-06-23"}), 201)
    held(), held("2024-P1", "2024-06-21", "justice-bureau")
    persons = done(office.get("/attendance", params={"year": 2024}))["persons"]
    [told] = [each for each in persons if each["name"] == "王志"]
    assert (told["post"], told["expected"]) == ("区委常委、副区长", 2)


def test_an_invited_person_counts_where_recorded_and_is_never_expected(office, held):
    body = {"kind": "invited", "name": "某某", "post": "区人大常委会副主任", "begins_on": "2024-06-01"}
    invited = done(office.post("/members", json=body), 201)["id"]
    id = held()
    held("2024-P1", "2024-06-21", "justice-bureau")
    assert "某某" not in statuses(done(office.get(f"/sessions/{id}/attendance")))
    done(record(office, id, {"member": invited}))
    persons = done(office.get("/attendance", params={"year": 2024}))["persons"]
    assert [(each["name"], each["expected"], each["present"]) for each in persons][-1] == ("某某", 1, 1)


def test_a_session_taken_back_is_not_counted(office, held, who):
    id = held()
    done(record(office, id, {"member": who("韩涛")}))
    done(office.post(f"/sessions/{id}/reopen", json={"reason": "登记有误"}))
    year = done(office.get("/attendance", params={"year": 2024}))
    assert (year["sessions_held"], year["persons"], year["sessions"]) == (0, [], [])


@pytest.mark.clause("L-4b")
def test_who_was_said_to_be_there_falls_away_with_a_session_taken_back_and_stays_in_its_steps(
    office, held, who, meeting
):
    id = held()
    done(record(office, id, {"member": who("韩涛")}))
    [recorded] = [
        each["id"] for each in done(office.get(f"/sessions/{id}/attendance"))["attendees"] if each["id"]
    ]
    done(office.post(f"/sessions/{id}/reopen", json={"reason": "当天没有学"}))
    made_up = office.post(f"/attendance-records/{recorded}/make-up", json={"day": DAY, "how": "自学"})
    refused(made_up, 404, "not-found")
    [gone] = [
        step["seen"]["attendances"]
        for step in done(office.get(f"/sessions/{id}"))["steps"]
        if step["action"] == "withdraw-attendance"
    ]
    assert gone == [{"member_id": who("韩涛"), "status": "present"}]
    done(office.post(f"/sessions/{id}/schedule", json={"meeting": meeting("2024-06-20")}))
    done(office.post(f"/sessions/{id}/hold", json={"chair": "区长"}))
    assert {each["status"] for each in done(office.get(f"/sessions/{id}/attendance"))["attendees"]} == {None}


@pytest.mark.clause("N-2.2")
def test_readers_that_go_by_time_alone_see_a_session_again_when_a_leave_is_taken_back(
    lawstudy, office, held, who
):
    id, member, reader = held(), who("韩涛"), lawstudy.stranger()
    given = done(office.put(f"/members/{member}/calendar-address"))
    path = given["path"].removeprefix("/lawstudy/v1")
    for table in ("sessions", "members"):
        lawstudy.sql(f"UPDATE {table} SET changed_at = '2024-06-01T00:00:00+08'")
    lawstudy.clock.advance(minutes=5)
    done(record(office, id, {"member": member, "status": "leave", "reason": "外出"}))
    [leave] = [
        each["id"] for each in done(office.get(f"/sessions/{id}/attendance"))["attendees"] if each["id"]
    ]
    without = reader.get(path)
    lawstudy.clock.advance(minutes=5)
    assert office.post(f"/attendance-records/{leave}/withdraw", json={"why": "误登"}).status_code == 204
    again = reader.get(path, headers={"If-Modified-Since": without.headers["Last-Modified"]})
    assert (again.status_code, id in without.text, id in again.text) == (200, False, True)


def test_the_year_is_a_table_to_print(office, held, who):
    done(record(office, held(), {"member": who("韩涛")}))
    answer = office.get("/attendance", params={"year": 2024, "format": "xlsx"})
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "2024年区人民政府常务会议学法参加情况"
    heads = next(row for row in rows if row[0] == "姓名")
    [told] = [row for row in rows if row[0] == "韩涛"]
    assert dict(zip(heads, told, strict=True))["到会率%"] == 100


@pytest.mark.parametrize(
    "change",
    [
        "status = 'leave', reason = NULL",
        "made_up_on = '2024-06-24'",
        "kind = 'extended'",
        "unit = 'finance-bureau'",
        "member_id = NULL",
        "status = 'late'",
    ],
)
def test_the_database_itself_refuses_what_contradicts_itself(lawstudy, office, held, who, change):
    done(record(office, held(), {"member": who("韩涛")}))
    with pytest.raises(psycopg.errors.CheckViolation):
        lawstudy.sql(f"UPDATE attendances SET {change}")
