"""Yearly notices of days off: a year without one is provisional, its notice counts open due times again (N-2.1)."""

from datetime import date, datetime

import pytest

from kit.district.clock import SHANGHAI
from kit.district.workdays import Notice, add_workdays, is_workday
from services.lawstudy.plan.notices import doubts
from tests.lawstudy.conftest import done, refused

NOTICE = {
    "number": "国办发明电〔2026〕9号（虚构）",
    "holidays": [
        {"first": "2027-01-01", "last": "2027-01-03"},
        {"first": "2027-02-05", "last": "2027-02-11"},
        {"first": "2027-04-03", "last": "2027-04-05"},
        {"first": "2027-05-01", "last": "2027-05-05"},
        {"first": "2027-06-09", "last": "2027-06-09"},
        {"first": "2027-09-15", "last": "2027-09-15"},
        {"first": "2027-10-01", "last": "2027-10-07"},
    ],
    "worked": ["2027-02-20", "2027-05-08"],
}


def notice(year: int, off: list[str], worked: list[str]) -> Notice:
    days = [frozenset(map(date.fromisoformat, each)) for each in (off, worked)]
    return Notice(year, *days)


# -------------------------------------------------------------------------------------------------------- the count
@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2027-02-09", False),  # given off, though a Tuesday
        ("2027-02-20", True),  # worked in return, though a Saturday
        ("2027-02-21", False),
        ("2027-02-22", True),
    ],
)
def test_an_entered_notice_settles_its_year(day, worked):
    entered = (notice(2027, ["2027-02-09"], ["2027-02-20"]),)
    assert is_workday(date.fromisoformat(day), entered) == (worked, False)


def test_an_entered_notice_settles_the_last_week_of_the_year_before_as_well():
    entered = (notice(2027, ["2027-01-01"], ["2026-12-27"]),)
    assert is_workday(date(2026, 12, 28)).provisional
    assert is_workday(date(2026, 12, 27), entered) == (True, False)
    assert is_workday(date(2026, 12, 28), entered) == (True, False)


def test_the_last_week_of_an_entered_year_still_waits_for_the_notice_after_it():
    entered = (notice(2027, ["2027-01-01"], []),)
    assert is_workday(date(2027, 12, 24), entered) == (True, False)
    assert is_workday(date(2027, 12, 27), entered) == (True, True)


def test_an_entered_notice_goes_before_the_library():
    assert not is_workday(date(2024, 5, 3)).workday
    assert is_workday(date(2024, 5, 3), (notice(2024, [], []),)).workday


def test_working_days_are_counted_back_over_days_off_and_worked_weekends():
    entered = (notice(2027, ["2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11"], ["2027-02-20"]),)
    assert add_workdays(date(2027, 2, 12), -1, entered) == (date(2027, 2, 5), False)
    assert add_workdays(date(2027, 2, 22), -1, entered) == (date(2027, 2, 20), False)


# --------------------------------------------------------------------------------------------------- the rule's doubts
def test_a_notice_as_it_should_be_leaves_no_doubt():
    assert list(doubts(2028, [date(2028, 1, 1), date(2028, 1, 2)], [])) != []  # holidays by law are missing
    every_day = [date(2035, month, day) for month in (1, 5, 10) for day in range(1, 8)]
    assert list(doubts(2035, every_day, [date(2035, 5, 12)])) == []


@pytest.mark.parametrize(
    ("change", "pointer", "says"),
    [
        ({"worked": ["2027-02-22"]}, "/worked", "不是周末"),
        ({"worked": ["2027-02-06"]}, "/worked", "同时列为放假"),
        ({"worked": ["2028-02-05"]}, "/worked", "不在 2027 年内"),
        ({"holidays": NOTICE["holidays"][:-1]}, "/holidays", "2027-10-01"),
        ({"holidays": [{"first": "2027-10-07", "last": "2027-10-01"}]}, "/holidays/0/last", "2027-10-07 至"),
    ],
)
def test_what_no_notice_says_is_refused_with_its_field(lawstudy, office, change, pointer, says):
    told = refused(office.put("/holiday-notices/2027", json=NOTICE | change), 422, "notice-in-doubt")
    assert any(error["pointer"] == pointer and says in error["reason"] for error in told["errors"])
    assert lawstudy.sql("SELECT * FROM holiday_notices") == []


# ------------------------------------------------------------------------------------------------- what it does here
@pytest.fixture
def in_2027(lawstudy, office, clock) -> str:
    """A session of 2027 on 12 February, two days after what would be worked without the notice."""
    lawstudy.sql("INSERT INTO topics (id, plan_year) VALUES ('2027-P1', 2027)")
    lawstudy.sql(
        "WITH made AS (INSERT INTO sessions (id, plan_year, form, state, month, unit, text_due_provisional, sequence,"
        " entered_at, changed_at, version) VALUES (gen_random_uuid(), 2027, 'pre_meeting', 'planned', '2027-02',"
        " 'justice-bureau', false, 0, now(), now(), 1) RETURNING id)"
        " INSERT INTO session_topics (session_id, topic_id, title) SELECT id, '2027-P1', '某条例（虚构）' FROM made"
    )
    [row] = done(office.get("/sessions", params={"year": 2027}))["items"]
    meeting = done(office.post("/meetings", json={"year": 2027, "held_on": "2027-02-12"}), 201)["id"]
    done(office.post(f"/sessions/{row['id']}/schedule", json={"meeting": meeting}))
    return row["id"]


@pytest.mark.clause("N-2.1")
def test_a_due_time_is_provisional_until_the_notice_is_entered_and_then_counted_again(office, in_2027):
    before = done(office.get(f"/sessions/{in_2027}"))
    assert (before["text_due_at"], before["text_due_provisional"]) == ("2027-02-09T23:59:59+08:00", True)
    told = done(office.put("/holiday-notices/2027", json=NOTICE))
    assert told["recounted"] == 1
    after = done(office.get(f"/sessions/{in_2027}"))
    assert (after["text_due_at"], after["text_due_provisional"]) == ("2027-02-02T23:59:59+08:00", False)


def test_a_weekend_worked_in_return_counts_as_the_notice_says(office, in_2027):
    worked = NOTICE | {"worked": ["2027-01-30", "2027-01-31"]}
    done(office.put("/holiday-notices/2027", json=worked))
    assert done(office.get(f"/sessions/{in_2027}"))["text_due_at"].startswith("2027-02-02")
    corrected = NOTICE | {
        "holidays": [*NOTICE["holidays"], {"first": "2027-02-02", "last": "2027-02-03"}],
        "worked": ["2027-01-30", "2027-01-31"],
    }
    done(office.put("/holiday-notices/2027", json=corrected))
    assert done(office.get(f"/sessions/{in_2027}"))["text_due_at"].startswith("2027-01-31")


def test_the_same_notice_again_moves_nothing(lawstudy, office, in_2027):
    done(office.put("/holiday-notices/2027", json=NOTICE))
    assert done(office.put("/holiday-notices/2027", json=NOTICE))["recounted"] == 0
    assert [row["year"] for row in done(office.get("/holiday-notices"))] == [2027]


def test_what_was_held_keeps_the_due_time_it_had(lawstudy, office, in_2027):
    lawstudy.sql(
        "UPDATE sessions SET state = 'held', chair = 'head', passed_sha256 = 'x', passed_at = %s WHERE id = %s",
        datetime(2027, 2, 8, tzinfo=SHANGHAI),
        in_2027,
    )
    done(office.put("/holiday-notices/2027", json=NOTICE))
    assert done(office.get(f"/sessions/{in_2027}"))["text_due_at"].startswith("2027-02-09")


def test_the_office_alone_enters_notices(justice):
    refused(justice.put("/holiday-notices/2027", json=NOTICE), 403, "not-your-role")
