"""How the year 2024 stands with the study system, asked on any day of it (L-3a, L-3b, L-5, N-2.1)."""

from datetime import date, datetime

import pytest

from kit.district.clock import SHANGHAI
from tests.kit.figures.looking import looked_at, said, squeezed, tabled
from tests.lawstudy.conftest import done, refused


@pytest.fixture
def held(lawstudy):
    """`held("2024-P2", "2024-06-24")` writes that a topic's session was held on a day."""

    def write(topic: str, day: str) -> None:
        lawstudy.sql(
            "UPDATE sessions SET state = 'held', day = %s, text_workdays = 3, text_due_at = now(), chair = 'head',"
            " passed_sha256 = 'x', passed_at = '2024-01-01' WHERE id = (SELECT session_id FROM session_topics"
            " WHERE topic_id = %s AND live)",
            *(day, topic),
        )

    return write


def asked(lawstudy, clock, on: str) -> dict:
    clock.now = datetime.combine(date.fromisoformat(on), clock.now.time(), SHANGHAI)
    return done(lawstudy.client().get("/compliance", params={"year": 2024}))


@pytest.mark.clause("L-3a")
def test_months_without_study_are_listed_and_those_still_open_say_until_when(lawstudy, clock, held):
    held("2024-P2", "2024-06-24")
    told = asked(lawstudy, clock, "2024-07-10")["pre_meeting"]
    assert told["without"] == ["2024-05"]
    assert told["open"] == ["2024-07", "2024-08", "2024-09", "2024-10", "2024-11", "2024-12"]
    months = {each["month"]: each for each in told["months"]}
    assert (months["2024-06"]["standing"], months["2024-06"]["held"]) == ("held", 1)
    assert (months["2024-07"]["standing"], months["2024-07"]["until"]) == ("open", "2024-07-31")
    assert months["2024-04"]["standing"] == "not_asked"
    assert [basis["clause"] for basis in told["basis"]] == ["L-3a"]


@pytest.mark.clause("L-3a")
def test_a_study_counts_for_the_month_in_which_it_was_held(lawstudy, clock, held):
    held("2024-P2", "2024-07-02")
    assert asked(lawstudy, clock, "2024-07-10")["pre_meeting"]["without"] == ["2024-05", "2024-06"]


def test_a_month_that_the_plan_excuses_says_why(lawstudy, clock):
    lawstudy.sql(
        "INSERT INTO month_exceptions (version_id, month, reason)"
        " SELECT id, '2024-05', '制度五月底才印发' FROM plan_versions"
    )
    [may] = [
        each
        for each in asked(lawstudy, clock, "2024-07-10")["pre_meeting"]["months"]
        if each["month"] == "2024-05"
    ]
    assert (may["standing"], may["reason"]) == ("excused", "制度五月底才印发")


@pytest.mark.clause("L-3b")
def test_lectures_held_are_counted_against_two(lawstudy, office, clock, held):
    lectures = asked(lawstudy, clock, "2024-06-24")["lectures"]
    assert (lectures["held"], lectures["wanting"], lectures["until"]) == (0, 2, "2024-12-31")
    for topic, day in (("2024-L1", "2024-06-20"), ("2024-L2", "2024-06-21")):
        done(office.post("/sessions", json={"year": 2024, "topics": [topic]}), 201)
        assert asked(lawstudy, clock, "2024-06-24")["lectures"]["to_come"] == 1
        held(topic, day)
    lectures = asked(lawstudy, clock, "2025-01-02")["lectures"]
    assert (lectures["held"], lectures["enough"], lectures["until"]) == (2, True, None)


@pytest.mark.clause("N-2.1")
def test_late_and_missing_texts_are_named(lawstudy, clock, scheduled):
    june, july = scheduled("2024-P2", "2024-06-26"), scheduled("2024-P3", "2024-07-15")
    lawstudy.sql(
        "UPDATE sessions SET state = 'passed', passed_sha256 = 'x', passed_at = '2024-06-25' WHERE id = %s",
        june,
    )
    told = asked(lawstudy, clock, "2024-07-12")["texts"]
    assert [each["session_id"] for each in told["late"]] == [june]
    assert [(each["session_id"], each["unit"]["name"]) for each in told["missing"]] == [
        (july, "区发展和改革委员会")
    ]


@pytest.mark.clause("L-5")
def test_the_seven_kinds_of_content_are_covered_by_what_was_studied(lawstudy, clock, held):
    held("2024-P2", "2024-06-24")
    content = asked(lawstudy, clock, "2024-07-10")["content"]
    assert [(each["planned"], each["studied"]) for each in content["categories"]] == [
        (0, 0),
        (0, 0),
        (5, 0),
        (9, 1),
        (0, 0),
        (0, 0),
        (0, 0),
    ]
    assert content["not_studied"] == [1, 2, 3, 5, 6, 7]
    assert content["not_planned"] == [1, 2, 5, 6, 7]


def test_a_year_without_a_plan_is_an_answer(lawstudy):
    refused(lawstudy.client().get("/compliance", params={"year": 2030}), 404, "no-such-plan")


@pytest.mark.clause("L-3a", "L-3b")
def test_the_figure_of_the_year_says_how_each_month_stands(lawstudy, clock, held):
    held("2024-P2", "2024-06-24")
    told = asked(lawstudy, clock, "2024-07-10")
    drawn = said(looked_at(lawstudy.client().get("/compliance?year=2024&format=svg").text))
    for each in told["pre_meeting"]["months"]:
        month = int(each["month"][5:])
        now = "（本月）" if month == 7 else ""
        counted = (
            f"，已学{each['held']}次，待学{each['to_come']}次" if each["held"] or each["to_come"] else ""
        )
        until = f"，最迟{month}月{each['until'][8:]}日" if each["until"] else ""
        assert f"{month}月{now}，{each['standing_zh']}{counted}{until}" in drawn
    assert squeezed(told["lectures"]["sentence"]) in drawn
    rows = tabled(lawstudy.client().get("/compliance?year=2024&format=docx"))
    assert [row[:4] for row in rows] == [
        [each["month"], each["standing_zh"], f"{each['held']}", f"{each['to_come']}"]
        for each in told["pre_meeting"]["months"]
    ]
