"""What is overdue of accidents, as it is told to whoever watches the service."""

import pytest

from services.emergency.overdue import alarms, assignments, deadlines
from services.emergency.plan.assignments import Kind
from tests.figures import overdue, plan


@pytest.mark.clause("E-4.1a")
def test_a_report_is_overdue_from_the_minute_after_its_term_until_it_is_there(emergency):
    incident = emergency.report()
    emergency.clock.advance(minutes=30)
    assert overdue(emergency.running, "accident") == {}
    emergency.clock.advance(minutes=1)
    assert overdue(emergency.running, "accident") == {("accident-report", "phone-report"): (1, 60)}
    emergency.duty.post(f"{incident}/reports", json={"reporter": "unit"})
    assert ("accident-report", "phone-report") not in overdue(emergency.running)


@pytest.mark.clause("E-5.4")
def test_an_inquiry_that_is_late_is_no_report_of_an_accident(emergency):
    emergency.report()
    emergency.clock.advance(days=62)
    assert ("accident-deadline", "investigation-report") in overdue(emergency.running)


def test_an_exercise_makes_nothing_overdue(emergency):
    emergency.start(emergency.report(exercise=True))
    emergency.clock.advance(days=62)
    assert overdue(emergency.running) == {}


def test_what_somebody_was_to_do_by_a_time_is_overdue_after_it(emergency):
    emergency.start(emergency.report())
    emergency.running.sql("UPDATE assignments SET due = %s", emergency.clock.now)
    assert overdue(emergency.running, "assignment") == {}
    emergency.clock.advance(minutes=5)
    found = overdue(emergency.running, "assignment")
    assert found
    assert {item for _, item in found} <= set(Kind)
    assert {seconds for _, seconds in found.values()} == {300}
    emergency.running.sql("UPDATE assignments SET state = 'done', done_at = %s", emergency.clock.now)
    assert overdue(emergency.running, "assignment") == {}


def test_what_was_done_is_not_read_again(emergency):
    emergency.start(emergency.report())
    running = emergency.running
    running.sql("UPDATE incident_deadlines SET done_at = due")
    running.sql("UPDATE assignments SET state = 'done', done_at = made_at")
    running.sql(
        "INSERT INTO incidents SELECT made.* FROM incidents i, generate_series(1, 5000) n,"
        " jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(),"
        " 'number', 'N' || n, 'closed_at', i.recorded_at, 'outcome', 'accident')) made"
    )
    running.sql(
        "INSERT INTO incident_deadlines SELECT made.* FROM incident_deadlines d, incidents i,"
        " jsonb_populate_record(d, jsonb_build_object('incident_id', i.id)) made"
        " WHERE i.number LIKE 'N%' AND d.deadline = 'phone-report'"
    )
    running.sql(
        "INSERT INTO assignments SELECT made.* FROM assignments a, incidents i,"
        " jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'incident_id', i.id)) made"
        " WHERE i.number LIKE 'N%' AND a.id = (SELECT id FROM assignments LIMIT 1)"
    )
    running.sql(
        "INSERT INTO alarms (id, number, service, matter, words, received_at, heard_at, state, reminders, reason,"
        " handled_at, handled_by) SELECT gen_random_uuid(), 'A' || n, 'property', 'noise', '{}', now(), now(), 'none',"
        " 1, 'x', now(), 'x' FROM generate_series(1, 5000) n"
    )
    running.sql("ANALYZE")
    for asked in (deadlines, assignments, alarms):
        said = plan(running, asked(emergency.clock.now))
        assert "Seq Scan" not in said, said
