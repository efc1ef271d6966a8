"""Two real workers on one database: what they scan for is told once, also after both were killed."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.emergency.processes import EmergencyProcess

MISSED, REMINDED = "emergency.deadline.missed", "emergency.tasks.unacknowledged"
INCIDENTS, SCANS = 4, 12


@pytest.fixture
def workers(emergency) -> Iterator[list[EmergencyProcess]]:
    started: list[EmergencyProcess] = []
    yield started
    for process in started:
        process.kill()


def start(emergency, workers: list[EmergencyProcess], count: int) -> None:
    """Start so many workers more, and wait until all of them have signed on."""
    known = signed_on(emergency)
    workers += [EmergencyProcess(emergency.running, "worker") for _ in range(count)]
    wait(workers, lambda: len(signed_on(emergency) - known) == count)


def signed_on(emergency) -> set[int]:
    return {id for (id,) in emergency.running.sql("SELECT id FROM procrastinate_workers")}


def scan_often(emergency, workers: list[EmergencyProcess]) -> None:
    """Have many scans done at once by whoever is free; a recurring job alone would come once a minute."""
    emergency.running.sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        " SELECT 'default', task, jsonb_build_object('timestamp', n)"
        " FROM unnest(ARRAY['scan-deadlines', 'remind-of-tasks']) task, generate_series(1, %s) n",
        SCANS,
    )
    wait(workers, lambda: emergency.running.sql("SELECT 1 FROM procrastinate_jobs LIMIT 1") == [])


def wait(workers: list[EmergencyProcess], done) -> None:
    until = time.monotonic() + 60
    while not done():
        assert any(worker.lives() for worker in workers), workers[-1].said()
        assert time.monotonic() < until
        time.sleep(0.05)


def told(emergency) -> tuple[Counter, Counter]:
    """How often each deadline of each incident was told of as missed, and each task as unacknowledged."""
    missed = Counter((data["number"], data["deadline"]) for _, data in emergency.events(MISSED))
    tasks = Counter(task for _, data in emergency.events(REMINDED) for task in data["tasks"])
    return missed, tasks


@pytest.mark.clause("E-4.1a")
def test_two_workers_tell_of_everything_once_and_so_does_one_after_both_were_killed(emergency, workers):
    # The workers go by the real clock, by which these accidents are long past all their deadlines.
    for _ in range(INCIDENTS):
        emergency.report(deaths=3)

    start(emergency, workers, 2)
    scan_often(emergency, workers)
    missed, tasks = told(emergency)
    assert len({number for number, _ in missed}) == INCIDENTS
    assert {"phone-report", "written-report", "upward-city"} <= {deadline for _, deadline in missed}
    assert set(missed.values()) == set(tasks.values()) == {1}
    assert sum(missed.values()) == emergency.running.sql("SELECT count(*) FROM breaches")[0][0]

    for worker in workers:
        worker.kill()
    start(emergency, workers, 1)
    scan_often(emergency, workers)
    assert told(emergency)[0] == missed
