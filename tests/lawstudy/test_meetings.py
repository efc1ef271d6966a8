"""The register of executive meetings: what the gazette prints of them, and nothing else."""

import pytest

from tests.lawstudy.conftest import done, refused


def test_the_meetings_of_the_gazette_stand_with_what_is_printed_of_them(lawstudy):
    rows = done(lawstudy.client().get("/meetings", params={"year": 2024}))["items"]
    assert sorted((row["number"] or 0, row["held_on"]) for row in rows) == [
        (0, "2024-05-22"),
        (0, "2024-06-07"),
        (5, "2024-04-15"),
        (6, "2024-04-29"),
        (7, None),
    ]


def test_loading_again_changes_nothing_and_keeps_what_was_entered_since(lawstudy, office):
    [row] = done(office.get("/meetings", params={"held_on": "2024-06-07"}))["items"]
    body = {"year": 2024, "number": 8, "held_on": "2024-06-07", "agenda": row["agenda"]}
    etag = office.get(f"/meetings/{row['id']}").headers["etag"]
    done(office.put(f"/meetings/{row['id']}", json=body, headers={"If-Match": etag}))
    before = lawstudy.sql("SELECT * FROM meetings ORDER BY id")
    for loader in lawstudy.service.loaders:
        lawstudy.run(loader)
    assert lawstudy.sql("SELECT * FROM meetings ORDER BY id") == before


@pytest.mark.clause("L-4c")
def test_only_the_government_office_enters_meetings(justice, office):
    body = {"year": 2024, "number": 9, "held_on": "2024-07-15"}
    refused(justice.post("/meetings", json=body), 403, "not-your-role")
    done(office.post("/meetings", json=body), 201)


@pytest.mark.parametrize(
    ("body", "type", "pointer"),
    [
        ({"year": 2024}, "meeting-unknown", "/number"),
        ({"year": 2024, "held_on": "2025-01-02"}, "meeting-of-another-year", "/held_on"),
        ({"year": 2024, "number": 9, "begins_at": "09:00"}, "time-without-day", "/held_on"),
        ({"year": 2024, "number": 9, "begins_at": "09:00:30", "held_on": "2024-07-15"}, None, "/begins_at"),
        ({"year": 2024, "number": 9, "begins_at": "9点", "held_on": "2024-07-15"}, None, "/begins_at"),
        ({"year": 2024, "number": 0, "held_on": "2024-07-15"}, None, "/number"),
    ],
)
def test_what_is_no_meeting_is_refused_with_its_field(office, body, type, pointer):
    answer = office.post("/meetings", json=body)
    told = refused(answer, 422, type or "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == [pointer]


def test_a_number_stands_once_in_a_year(office):
    body = {"year": 2024, "number": 5, "held_on": "2024-07-15"}
    assert office.post("/meetings", json=body).status_code == 409


def change(office, id: str, **more) -> object:
    row = office.get(f"/meetings/{id}")
    kept = ("year", "number", "held_on", "begins_at", "place", "agenda", "source")
    body = {name: row.json()[name] for name in kept} | more
    return office.put(f"/meetings/{id}", json=body, headers={"If-Match": row.headers["etag"]})


@pytest.mark.clause("N-2.2")
def test_sessions_follow_a_meeting_whose_day_changes(office, scheduled):
    id = scheduled("2024-P3", "2024-07-15")
    before = done(office.get(f"/sessions/{id}"))
    done(change(office, before["meeting_id"], held_on="2024-07-22", begins_at="15:00", place="二楼会议室"))
    after = done(office.get(f"/sessions/{id}"))
    assert (after["day"], after["begins_at"], after["place"]) == ("2024-07-22", "15:00", "二楼会议室")
    assert after["text_due_at"] == "2024-07-17T23:59:59+08:00"


def test_what_was_said_of_the_session_alone_stays_when_its_meeting_changes(office, scheduled):
    id = scheduled("2024-P3", "2024-07-15", begins_at="08:30", place="党校礼堂")
    meeting = done(office.get(f"/sessions/{id}"))["meeting_id"]
    done(change(office, meeting, begins_at="15:00", place="二楼会议室"))
    after = done(office.get(f"/sessions/{id}"))
    assert (after["begins_at"], after["place"]) == ("08:30", "党校礼堂")


@pytest.mark.parametrize("more", [{"held_on": None, "number": 9}, {"held_on": "2025-01-06", "year": 2025}])
def test_a_meeting_with_sessions_keeps_a_day_of_its_year(office, scheduled, more):
    id = scheduled("2024-P3", "2024-07-15")
    meeting = done(office.get(f"/sessions/{id}"))["meeting_id"]
    refused(change(office, meeting, **more), 409, "meeting-has-sessions")
    assert done(office.get(f"/meetings/{meeting}"))["held_on"] == "2024-07-15"


def test_a_meeting_with_sessions_is_not_removed(office, scheduled):
    meeting = done(office.get(f"/sessions/{scheduled('2024-P3', '2024-07-15')}"))["meeting_id"]
    etag = office.get(f"/meetings/{meeting}").headers["etag"]
    refused(office.delete(f"/meetings/{meeting}", headers={"If-Match": etag}), 409, "meeting-has-sessions")
