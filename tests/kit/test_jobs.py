"""Jobs: enqueued with the write, run once, retried, rescued from a killed worker."""

from datetime import UTC, datetime

import pytest
from croniter import croniter
from procrastinate.exceptions import TaskNotFound

from kit.storage.pending import defer
from tests.kit.conftest import eventually


def texts(notebook):
    return [text for (text,) in notebook.sql("SELECT text FROM notes ORDER BY written_at, text")]


def queued(notebook, name):
    return notebook.sql("SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name = %s", name)


async def enqueue(context, name, **arguments):
    defer(context.session, name, **arguments)


def test_a_job_runs_after_the_transaction_that_enqueued_it(notebook):
    notebook.run(lambda context: enqueue(context, "remember", text="later"))
    assert texts(notebook) == []
    notebook.work()
    assert texts(notebook) == ["later"]
    assert queued(notebook, "remember") == []


def test_a_rollback_takes_its_jobs_back(notebook):
    async def fail(context):
        await enqueue(context, "remember", text="never")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        notebook.run(fail)
    assert queued(notebook, "remember") == []


def test_a_job_of_an_unknown_name_is_a_mistake_found_at_once(notebook):
    with pytest.raises(TaskNotFound):
        notebook.run(lambda context: enqueue(context, "rememer", text="typo"))


def test_a_job_waits_for_its_time(notebook):
    notebook.run(
        lambda context: enqueue(context, "remember", text="tomorrow", at=datetime(2099, 1, 1, tzinfo=UTC))
    )
    notebook.work()
    assert texts(notebook) == []


def test_a_failing_job_leaves_nothing_is_told_of_and_waits_longer_each_time(notebook, capfd):
    notebook.run(lambda context: enqueue(context, "spoil"))
    pauses = []
    for _ in range(11):
        notebook.work()
        pauses += notebook.sql(
            "SELECT extract(epoch FROM scheduled_at - now())::int FROM procrastinate_jobs WHERE status = 'todo'"
        )
        notebook.sql("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    assert texts(notebook) == []
    assert [round(pause, -len(str(pause)) + 1) for (pause,) in pauses[:4]] == [3, 9, 30, 80]
    assert queued(notebook, "spoil") == [("failed", 11)]
    assert '"job": "spoil", "error": "RuntimeError", "event": "job-failed"' in capfd.readouterr().out
    assert 'jobs{state="failed"} 1.0' in notebook.http.get("/metrics").text


def test_the_figures_of_the_queue_tell_what_waits_and_what_is_tried_again(notebook):
    assert 'jobs{state="failed"} 0.0' in notebook.http.get("/metrics").text
    notebook.run(lambda context: enqueue(context, "spoil"))
    assert 'jobs{state="todo"} 1.0' in notebook.http.get("/metrics").text
    notebook.work()
    told = notebook.http.get("/metrics").text
    assert 'jobs{state="todo"} 0.0' in told
    assert 'jobs{state="retrying"} 1.0' in told


def test_failed_jobs_are_forgotten_after_a_month(notebook):
    notebook.run(lambda context: enqueue(context, "spoil"))
    notebook.sql("UPDATE procrastinate_jobs SET attempts = 10")
    notebook.work()
    forget = work_of(notebook, "forget-failed")
    notebook.sql("UPDATE procrastinate_events SET at = now() - interval '29 days'")
    forget()
    assert queued(notebook, "spoil") == [("failed", 11)]
    notebook.sql("UPDATE procrastinate_events SET at = now() - interval '31 days'")
    forget()
    assert queued(notebook, "spoil") == []


def work_of(notebook, task):
    """Run one of the queue's own recurring tasks now."""
    queue = notebook.database.queue.app

    async def once():
        async with queue.open_async():
            await queue.tasks[task].func(timestamp=0)

    return lambda: notebook.call(once)


@pytest.mark.parametrize(
    ("cron", "ticks"),
    [
        ("* * * * * */15", ["00:00:15", "00:00:30", "00:00:45", "00:01:00"]),
        ("* * * * * */30", ["00:00:30", "00:01:00", "00:01:30", "00:02:00"]),
        ("17 * * * *", ["00:17:00", "01:17:00", "02:17:00", "03:17:00"]),
    ],
)
def test_cron_reads_the_seconds_last(cron, ticks):
    times = croniter(cron, datetime(2024, 6, 24, tzinfo=UTC))
    assert [f"{times.get_next(datetime):%H:%M:%S}" for _ in ticks] == ticks


def test_every_recurring_job_recurs_at_most_every_ten_seconds(notebook):
    periodic = notebook.database.queue.app.periodic_registry.periodic_tasks.values()
    assert {task.task.name for task in periodic} > {
        "forget-idempotency-keys",
        "rescue-stalled",
        "forget-failed",
    }
    for task in periodic:
        times = croniter(task.cron, datetime(2024, 6, 24, tzinfo=UTC))
        first, second = times.get_next(float), times.get_next(float)
        assert second - first >= (1 if task.task.name == "tick" else 10)


# Workers as they are in life: processes, some of them killed.


def test_a_job_whose_worker_was_killed_is_rescued_and_done_by_the_next(notebook, start):
    notebook.run(lambda context: enqueue(context, "remember", text="rescued", seconds=2))
    first = start("worker")
    eventually(lambda: queued(notebook, "remember") == [("doing", 0)])
    first.kill()
    assert queued(notebook, "remember") == [("doing", 0)]
    notebook.sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    work_of(notebook, "rescue-stalled")()
    assert queued(notebook, "remember") == [("todo", 1)]
    start("worker")
    eventually(lambda: "rescued" in texts(notebook))
    assert texts(notebook).count("rescued") == 1


def test_a_recurring_job_ticks_once_with_two_workers(notebook, start):
    start("worker"), start("worker")
    seen = (
        "SELECT (SELECT count(*) FROM notes WHERE text = 'tick'), max(defer_timestamp)"
        " FROM procrastinate_periodic_defers WHERE task_name = 'tick'"
    )
    eventually(lambda: texts(notebook).count("tick") >= 1)
    [(before, since)] = notebook.sql(seen)
    eventually(lambda: texts(notebook).count("tick") >= before + 3)
    [(after, until)] = notebook.sql(seen)
    # By the seconds that ticks were due in, since a busy machine does some of them late; one may be waiting at first.
    assert after - before <= until - since + 1, "one a second, not two"
    assert queued(notebook, "tick") in ([], [("todo", 0)], [("doing", 0)])


def test_a_worker_stopped_politely_finishes_its_job(notebook, start):
    notebook.run(lambda context: enqueue(context, "remember", text="finished", seconds=1))
    worker = start("worker")
    eventually(lambda: queued(notebook, "remember") == [("doing", 0)])
    worker.terminate()
    assert worker.wait(timeout=15) == 0
    assert "finished" in texts(notebook)
    assert queued(notebook, "remember") == []


def test_a_stalled_tick_gives_way_to_the_next_one(notebook):
    insert = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)"
        " VALUES ('default', 'tick', 'tick', '{\"timestamp\": 1}', %s)"
    )
    notebook.sql(insert, "doing")
    notebook.sql(insert, "todo")
    work_of(notebook, "rescue-stalled")()
    assert queued(notebook, "tick") == [("todo", 0)]
