"""What a service tells Prometheus of its database."""

import asyncio
import re

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kit.audit import auditing
from kit.events import standing
from kit.gauges import reading
from kit.storage import jobs
from kit.storage.db import create_engine
from kit.storage.pending import defer
from kit.testing import SECRET
from tests.figures import figures, is_sealed, of
from tests.kit.conftest import eventually
from tests.kit.notebook.app import service


async def enqueue(context, name, **arguments):
    defer(context.session, name, **arguments)


def test_the_figures_tell_the_version_the_schema_and_the_process(notebook):
    found = figures(notebook)
    assert of(found, "database_up") == 1
    assert [labels for name, labels in found if name == "dongsheng_build_info"]
    revisions = {dict(labels)["revision"] for name, labels in found if name == "database_schema_info"}
    told = {row for (row,) in notebook.sql("SELECT version_num FROM alembic_version")}
    assert revisions == told
    assert {name for name, _ in found} >= {"process_resident_memory_bytes", "process_cpu_seconds_total"}
    assert {dict(labels)["figures"] for name, labels in found if name == "figures_missing"} == {
        "schema", "jobs", "audit", "subscriptions", "requests", "deadlines"
    }  # fmt: skip
    assert not any(value for (name, _), value in found.items() if name == "figures_missing")


def test_what_is_not_sealed_is_told_with_its_age(notebook, client):
    client.post("/notes", json={"text": "a"})
    notebook.clock.advance(minutes=7)
    client.post("/notes", json={"text": "b"})
    found = figures(notebook)
    assert of(found, "audit_entries_unsealed") == 2
    assert of(found, "audit_unsealed_seconds") == 420
    eventually(lambda: is_sealed(notebook))
    found = figures(notebook)
    assert of(found, "audit_entries_unsealed") == 0
    assert of(found, "audit_unsealed_seconds") == 0
    assert of(found, "audit_entries_sealed_total") == 2


def test_the_first_job_that_is_due_is_told_with_its_age(notebook):
    assert of(figures(notebook), "jobs_due_seconds") == 0
    notebook.run(lambda context: enqueue(context, "remember", text="at once"))
    notebook.sql("UPDATE procrastinate_events SET at = now() - interval '5 minutes'")
    assert of(figures(notebook), "jobs_due_seconds") == pytest.approx(300, abs=5)
    notebook.sql("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 minute'")
    assert of(figures(notebook), "jobs_due_seconds") == 0
    notebook.sql("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 minute'")
    assert of(figures(notebook), "jobs_due_seconds") == pytest.approx(60, abs=5)


def test_jobs_that_failed_are_told_by_their_names(notebook):
    before = of(figures(notebook), "jobs_enqueued_total")
    for _ in range(2):
        notebook.run(lambda context: enqueue(context, "spoil"))
    notebook.sql("UPDATE procrastinate_jobs SET status = 'failed'")
    found = figures(notebook)
    assert of(found, "jobs_failed", task="spoil") == of(found, "jobs", state="failed") == 2
    assert of(found, "jobs_enqueued_total") == before + 2


def test_workers_that_give_signs_of_life_are_counted(notebook):
    notebook.sql(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now() - interval '20 seconds'),"
        " (now() - interval '40 seconds')"
    )
    assert of(figures(notebook), "workers_alive") == 2


def test_a_scrape_is_answered_while_the_pool_is_used_up_and_says_so(serve):
    running = serve(service, pool_size=1, pool_overflow=1)
    held = running.app.state.database

    async def use_up():
        sessions = [held.reading() for _ in range(2)]
        for session in sessions:
            await (await session.__aenter__()).execute(text("SELECT 1"))
        return sessions

    sessions = running.call(use_up)
    found = figures(running)
    assert of(found, "database_up") == 1
    assert of(found, "database_pool_connections", state="in_use") == 2
    assert of(found, "database_pool_limit") == 2

    async def let_go():
        for session in sessions:
            await session.__aexit__(None, None, None)

    running.call(let_go)
    assert of(figures(running), "database_pool_connections", state="in_use") == 0


def test_the_pool_knows_who_waits_and_who_waited_in_vain(notebook):
    async def crowd():
        engine = create_engine(SecretStr(notebook.url), size=1, overflow=0)
        engine.pool._timeout = 0.2
        async with engine.connect():
            waiting = asyncio.create_task(engine.connect().start())
            await asyncio.sleep(0.05)
            seen = engine.pool.waiting
            with pytest.raises(PoolTimeout):
                await waiting
        counted = engine.pool
        await engine.dispose()
        return seen, counted.waiting, counted.timeouts

    assert notebook.call(crowd) == (1, 0, 1)


def test_a_scrape_while_the_database_is_away_says_so_and_tells_the_rest(serve):
    gone = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    running = serve(service)
    database = running.database
    looks = database.glance
    away = create_engine(SecretStr(gone), size=1, overflow=0)
    database.glance = lambda: reading.AsyncSession(away)
    found = figures(running)
    assert of(found, "database_up") == 0
    assert of(found, "figures_missing", figures="audit") == 1
    assert of(found, "audit_entries_unsealed") is None
    assert of(found, "database_pool_connections", state="in_use") == 0
    database.glance = looks
    assert of(figures(running), "database_up") == 1


def test_what_cannot_be_read_in_time_is_missing_and_takes_nothing_else_with_it(notebook, monkeypatch):
    slow = text(auditing._UNSEALED.text.replace("FROM audit_head h", "FROM audit_head h, pg_sleep(10)"))
    monkeypatch.setattr(auditing, "_UNSEALED", slow)
    found = figures(notebook)
    assert of(found, "figures_missing", figures="audit") == 1
    assert of(found, "audit_entries_unsealed") is None
    assert of(found, "figures_missing", figures="subscriptions") == 0
    assert of(found, "jobs", state="todo") == 0


def test_a_scrape_ends_however_slow_all_is(notebook, monkeypatch):
    monkeypatch.setattr(reading, "PATIENCE", 0.3)
    slow = text(auditing._UNSEALED.text.replace("FROM audit_head h", "FROM audit_head h, pg_sleep(10)"))
    monkeypatch.setattr(auditing, "_UNSEALED", slow)
    found = figures(notebook)
    assert of(found, "database_up") == 1
    assert [of(found, "figures_missing", figures=each) for each in ("jobs", "audit", "deadlines")] == [
        0,
        1,
        1,
    ]


def test_a_scrape_writes_nothing(notebook):
    async def write():
        async with notebook.app.state.database.glance() as session:
            await session.execute(text("DELETE FROM events"))

    with pytest.raises(Exception, match="read-only"):
        notebook.call(write)


def test_a_method_that_nobody_knows_makes_no_figure_of_its_own(notebook):
    for method in ("BREW", "WHEN"):
        notebook.http.request(method, "/notebook/v1/notes")
    told = notebook.http.get("/metrics").text
    assert "BREW" not in told
    assert re.search(r'http_requests_total\{method="\(other\)".*\} 2\.0', told)


def test_no_label_holds_what_a_client_calls_its_subscription(notebook):
    subscriber = notebook.client("notebook:subscribe", "notebook:audit")
    body = {"name": "张三的手机", "url": "http://127.0.0.1:9", "types": ["*"], "secret": SECRET}
    answer = subscriber.post("/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    told = notebook.http.get("/metrics").text
    assert "张三" not in told
    assert f'subscription_failures{{client="tester",subscription="{made["id"]}"}} 0.0' in told


#: As the figures ask, with the table that may not be read from end to end.
ASKED = {
    "jobs": (jobs._COUNT, {"counted": jobs.COUNTED}, "procrastinate_jobs"),
    "due": (jobs._DUE, {}, "procrastinate_jobs"),
    "audit": (auditing._UNSEALED, {}, "audit"),
    "events": (standing._WAITING, {"counted": standing.COUNTED}, "events"),
}
MANY = 30_000


@pytest.fixture
def crowded(notebook, client):
    """Very many rows of everything that is counted; nearly all were sealed and delivered."""
    client.post("/notes", json={"text": "a"})
    notebook.sql(
        "INSERT INTO audit (at, client, action, subject, details)"
        " SELECT at, client, action, subject, details FROM audit, generate_series(1, %s)", MANY
    )  # fmt: skip
    notebook.sql(
        "INSERT INTO events (event_id, type, subject, time, data)"
        " SELECT gen_random_uuid(), type, subject, time, data FROM events, generate_series(1, %s)", MANY
    )  # fmt: skip
    notebook.sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
        " SELECT 'default', 'remember', (CASE WHEN mod(n, 100) = 0 THEN 'failed' ELSE 'todo' END)"
        "::procrastinate_job_status, now() + n * interval '1 second' FROM generate_series(1, %s) n", MANY
    )  # fmt: skip
    notebook.sql("ANALYZE")
    return notebook


def test_figures_of_very_many_rows_are_read_by_an_index(crowded):
    async def explain(context, statement, values):
        return list(await context.session.scalars(text(f"EXPLAIN {statement.text}"), values))

    for asked, (statement, values, table) in ASKED.items():
        plan = "\n".join(crowded.run(explain, statement, values))
        assert "Index" in plan, plan
        if asked != "jobs":  # which stops at so many that wait, by whatever way it comes to them
            assert not re.search(rf"Seq Scan on {table} ", plan), plan
