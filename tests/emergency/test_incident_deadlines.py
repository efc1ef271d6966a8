"""The clocks of an accident as they run: announced, missed, kept."""

import asyncio

import pytest

from kit.context import Context
from services.emergency.app import service
from services.emergency.assignments.work import remind
from services.emergency.clocks.work import scan
from tests.kit.figures.looking import looked_at, said, tabled

NEAR, MISSED = "emergency.deadline.approaching", "emergency.deadline.missed"


def scan_now(emergency) -> None:
    emergency.running.run(scan)


def of(emergency, type: str) -> list[str]:
    return [data["deadline"] for _, data in emergency.events(type)]


@pytest.mark.clause("E-4.1a")
def test_an_approaching_deadline_is_announced_once(emergency):
    emergency.report()
    emergency.clock.advance(minutes=19)
    scan_now(emergency)
    assert of(emergency, NEAR) == []

    emergency.clock.advance(minutes=1)
    scan_now(emergency)
    scan_now(emergency)
    assert of(emergency, NEAR) == ["phone-report"]


@pytest.mark.clause("E-4.1a")
def test_a_missed_deadline_is_announced_once_and_kept_for_ever(emergency):
    incident = emergency.report()
    emergency.clock.advance(minutes=31)
    scan_now(emergency)
    scan_now(emergency)
    emergency.tell(incident, unit_informed_at="2024-06-24T09:50:00+08:00")
    emergency.duty.post(f"{incident}/reports", json={"reporter": "unit"})

    assert of(emergency, MISSED) == ["phone-report"]
    assert [each["deadline"] for each in emergency.duty.get(f"{incident}/breaches").json()] == [
        "phone-report"
    ]
    phone = emergency.duty.get(f"{incident}/deadlines").json()[0]
    assert (phone["standing"], phone["breached"]) == ("met", True)


def test_two_scans_at_once_announce_everything_once(emergency):
    for _ in range(3):
        emergency.report(deaths=10)
    emergency.clock.advance(hours=3)
    now = emergency.clock()

    async def once() -> None:
        async with emergency.running.database.transaction() as session:
            await scan(Context.of_system(session, now))

    async def at_once() -> None:
        await asyncio.gather(*(once() for _ in range(4)))

    emergency.running.call(at_once)

    assert sorted(of(emergency, MISSED)) == sorted(["phone-report", "written-report", "upward-city"] * 3)
    assert len(emergency.running.sql("SELECT * FROM breaches")) == 9


@pytest.mark.clause("E-4.1a")
def test_the_units_written_report_after_an_hour_is_late_on_the_record(emergency):
    incident = emergency.report(unit_informed_at="2024-06-24T09:30:00+08:00", reporter="unit")
    emergency.clock.advance(minutes=61)
    emergency.duty.post(
        f"{incident}/reports", json={"kind": "written", "channel": "written", "reporter": "unit"}
    )

    written = emergency.duty.get(f"{incident}/deadlines").json()[1]
    assert (written["standing"], written["late_minutes"], written["breached"]) == ("met_late", 1, True)
    assert of(emergency, MISSED) == ["written-report"]


def test_a_call_entered_late_but_made_in_time_is_no_breach(emergency):
    incident = emergency.report(
        occurred_at="2024-06-24T08:00:00+08:00",
        unit_informed_at="2024-06-24T08:10:00+08:00",
        reported_at="2024-06-24T08:35:00+08:00",
        reporter="unit",
    )
    assert "phone-report" not in [
        each["deadline"] for each in emergency.duty.get(f"{incident}/breaches").json()
    ]


@pytest.mark.clause("E-4.1e")
def test_the_window_for_changed_casualties_is_seven_days_for_traffic_and_fire(emergency):
    road = emergency.duty.get(emergency.report(kind="road_traffic")).json()
    other = emergency.duty.get(emergency.report()).json()

    def window(taken: dict) -> str:
        return next(each["due"] for each in taken["deadlines"] if each["window"])

    assert (window(road)[:10], window(other)[:10]) == ("2024-07-01", "2024-07-24")


def test_a_graver_accident_has_further_to_go_up_and_back(emergency):
    incident = emergency.report()

    def upward() -> list[str]:
        rows = emergency.duty.get(f"{incident}/deadlines").json()
        return [each["id"] for each in rows if each["id"].startswith("upward")]

    assert upward() == ["upward-city"]
    emergency.tell(incident, deaths=10)
    assert upward() == ["upward-city", "upward-region", "upward-state"]
    emergency.tell(incident, deaths=2)
    assert upward() == ["upward-city"]


@pytest.mark.clause("E-4.1c")
def test_a_deadline_met_elsewhere_is_entered_by_the_office(emergency):
    incident = emergency.report(deaths=3)
    done = emergency.office.post(f"{incident}/deadlines/upward-region/done", json={"note": "市局已报"})
    by_route = emergency.office.post(f"{incident}/deadlines/upward-city/done", json={"note": "已报"})
    absent = emergency.office.post(f"{incident}/deadlines/upward-state/done", json={"note": "已报"})

    assert next(each for each in done.json() if each["id"] == "upward-region")["standing"] == "met"
    assert (by_route.status_code, by_route.json()["basis"][0]["clause"]) == (409, "E-4.1c")
    assert absent.status_code == 404


@pytest.mark.clause("E-4.1c")
def test_a_step_upward_that_a_rise_of_the_grade_asks_for_runs_from_the_rise(emergency):
    incident = emergency.report()
    emergency.duty.post(f"{incident}/route/headquarters-to-city", json={})
    emergency.clock.advance(hours=5)
    emergency.tell(incident, deaths=3)

    region = next(
        each for each in emergency.duty.get(f"{incident}/deadlines").json() if each["id"] == "upward-region"
    )
    assert (region["due"], region["since_zh"]) == ("2024-06-24T16:30:00+08:00", "事故等级升高")
    assert "upward-region" not in of(emergency, MISSED)


def test_a_scan_that_dies_before_its_end_is_made_up_for_by_the_next_and_nothing_comes_twice(emergency):
    emergency.report()
    emergency.clock.advance(minutes=31)

    async def die(context) -> None:
        await scan(context)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        emergency.running.run(die)
    assert of(emergency, MISSED) == []
    for _ in range(2):
        scan_now(emergency)
    assert of(emergency, MISSED) == ["phone-report"]


def test_the_scan_and_the_reminders_recur_every_minute():
    jobs = {name: (job.run, job.cron) for name, job in service.jobs.items()}
    assert jobs["scan-deadlines"] == (scan, "* * * * *")
    assert jobs["remind-of-tasks"] == (remind, "* * * * *")


@pytest.mark.clause("E-4.1a")
def test_a_call_that_turns_out_to_have_been_late_is_a_breach_from_then_on(emergency):
    incident = emergency.report(
        occurred_at="2024-06-24T08:40:00+08:00", reported_at="2024-06-24T09:00:00+08:00", reporter="unit"
    )
    before = emergency.duty.get(f"{incident}/deadlines").json()[0]
    emergency.tell(
        incident, unit_informed_at="2024-06-24T08:25:00+08:00", occurred_at="2024-06-24T08:20:00+08:00"
    )
    after = emergency.duty.get(f"{incident}/deadlines").json()[0]

    assert (before["standing"], after["standing"], after["late_minutes"]) == ("met", "met_late", 5)
    assert [each["due"] for each in emergency.duty.get(f"{incident}/breaches").json()][:1] == [
        "2024-06-24T08:55:00+08:00"
    ]


@pytest.mark.clause("E-4.1a")
def test_the_figure_of_deadlines_says_what_their_list_says(emergency):
    incident = emergency.report(deaths=3)
    emergency.clock.advance(minutes=45)
    emergency.duty.post(f"{incident}/deadlines/upward-city/done", json={"note": "电话已报"})

    answer = emergency.duty.get(f"{incident}/deadlines?format=svg&width=360")
    drawn = said(looked_at(answer.text))

    assert answer.headers["content-type"] == "image/svg+xml"
    for each in emergency.duty.get(f"{incident}/deadlines").json():
        assert each["asks"] in drawn
        assert each["due"][11:16] in drawn
        assert each["standing"] != "overdue" or f"已超{each['late_minutes']}分钟" in drawn
    assert "截至2024年6月24日10:15" in drawn
    assert emergency.duty.get(f"{incident}/deadlines?format=svg&width=100").status_code == 422
    rows = tabled(emergency.duty.get(f"{incident}/deadlines?format=docx"))
    listed = emergency.duty.get(f"{incident}/deadlines").json()
    assert [row[:2] for row in rows] == [[each["asks"], each["owner_name"]] for each in listed]
