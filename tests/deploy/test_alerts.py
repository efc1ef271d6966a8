"""Alerts of states that are caused in a running service: what it tells then is judged by the rules, as Prometheus has it."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from kit.settings import Subscriber
from kit.storage.pending import defer
from kit.testing import SECRET
from services.emergency.app import service as emergency_service
from services.office.app import service as office_service
from tests.emergency.conftest import Emergency
from tests.figures import is_sealed
from tests.kit.conftest import eventually, notebook  # noqa: F401 - a fixture
from tests.kit.dispatch.conftest import Desk
from tests.kit.notebook.app import service as notebook_service
from tests.kit.receivers import admin, receiver, state, subscribe, tell  # noqa: F401 - fixtures
from tests.kit.test_own_subscriptions import declared
from tests.kit.test_switched_off import switched_off
from tests.monitoring import firing, needs_prometheus, series_of

pytestmark = needs_prometheus

#: What fires of a service that is by itself, without workers, gateway and backups.
ALONE = {"WorkerGone", "BackupUnknown"}


@pytest.fixture
def fires(tmp_path):
    """`fires(running)`: the alerts of what it tells now, should it stay so.

    earlier: what it told before, for six hours; sealed: as a worker that goes on would have left the audit.
    """

    def judge(running, *, earlier: str = "", sealed: bool = True) -> set[str]:
        if sealed:
            eventually(lambda: is_sealed(running))
        told = running.http.get("/metrics").text
        texts = [(earlier, 360), (told, 120)] if earlier else [(told, 120)]
        minutes = sum(each for _, each in texts)
        labels = {"job": "dongsheng", "part": running.service.name, "instance": "one"}
        return firing(tmp_path, series_of(texts, **labels), minutes - 30) - ALONE

    return judge


def test_a_service_with_nothing_wrong_is_silent(fires, notebook, admin, receiver):  # noqa: F811
    subscribe(admin, receiver.url)
    tell(notebook, "a")
    notebook.work()
    assert fires(notebook) == set()


def test_nobody_works_on_what_is_due(fires, notebook):  # noqa: F811
    async def enqueue(context):
        defer(context.session, "remember", text="a")

    notebook.run(enqueue)
    assert fires(notebook) == set()
    notebook.sql("UPDATE procrastinate_events SET at = now() - interval '6 minutes'")
    assert fires(notebook) == {"JobQueueStalled"}
    notebook.work()
    assert fires(notebook) == set()


def test_a_worker_is_there_or_gone(tmp_path, notebook):  # noqa: F811
    def judged() -> set[str]:
        told = notebook.http.get("/metrics").text
        return firing(tmp_path, series_of([(told, 60)], part="notebook"), 50)

    assert "WorkerGone" in judged()
    notebook.sql("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert "WorkerGone" not in judged()
    notebook.sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert "WorkerGone" in judged()


def test_a_job_failed_for_good_until_it_is_queued_again_as_the_handbook_says(fires, notebook):  # noqa: F811
    async def enqueue(context):
        defer(context.session, "remember", text="a")

    notebook.run(enqueue)
    notebook.sql("UPDATE procrastinate_jobs SET status = 'failed', attempts = 11")
    assert fires(notebook) == {"JobsFailed"}
    notebook.sql(
        "UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = now() WHERE status = 'failed'"
    )
    notebook.work()
    assert fires(notebook) == set()
    assert notebook.sql("SELECT text FROM notes") == [("a",)]


def test_the_audit_is_not_sealed(fires, notebook):  # noqa: F811
    tell(notebook, "a")
    notebook.clock.advance(seconds=120)
    assert fires(notebook, sealed=False) == set()
    notebook.clock.advance(seconds=1)
    assert fires(notebook, sealed=False) == {"AuditNotSealed"}


def test_a_clients_receiver_takes_nothing(fires, notebook, admin, receiver):  # noqa: F811
    subscribe(admin, receiver.url)
    receiver.answer = lambda _event: 503
    tell(notebook, "a")
    notebook.work()
    notebook.clock.advance(hours=1, seconds=1)
    assert fires(notebook) == {"EventsUndeliveredToClient"}
    for _ in range(80):
        notebook.clock.advance(hours=1)
        notebook.work()
    assert fires(notebook) == {"EventsGivenUp"}


def test_a_receiver_is_switched_off_until_it_is_switched_on_again(fires, notebook, admin, receiver):  # noqa: F811
    switched_off(notebook, admin, receiver)
    assert fires(notebook) == {"SubscriptionSwitchedOff", "EventsUndeliveredToClient"}
    receiver.answer = lambda _event: 204
    operator = notebook.client("notebook:audit", "notebook:subscribe", name="operator")
    assert operator.post(f"/deliveries/{state(admin)['id']}/switch-on").status_code == 200

    def is_silent() -> bool:
        notebook.work()  # again, as a transaction of another test may hide events for a while
        return fires(notebook) == set()

    eventually(is_silent)


def test_another_service_takes_nothing(fires, serve, receiver):  # noqa: F811
    named = Subscriber(name="credit", url=receiver.url, secret=SECRET)
    running = serve(notebook_service, subscribers=(named,))
    declared(running, receiver.url)
    receiver.answer = lambda _event: 503
    tell(running, "a")
    running.work()
    running.clock.advance(seconds=601)
    assert fires(running) == {"EventsUndelivered"}


def test_the_pool_is_used_up(fires, serve, tmp_path):
    running = serve(notebook_service, pool_size=1, pool_overflow=1)
    before = running.http.get("/metrics").text
    pool = running.app.state.database.engine.pool
    pool._timeout = 0.1

    async def use_up():
        database = running.app.state.database
        held = [database.reading() for _ in range(2)]
        for each in held:
            await (await each.__aenter__()).execute(text("SELECT 1"))
        return held

    held = running.call(use_up)
    assert fires(running, sealed=False) == {"PoolUsedUp"}
    assert running.client().get("/notes").status_code == 503
    series = series_of(
        [(before, 10), (running.http.get("/metrics").text, 10)], part="notebook", instance="one"
    )
    assert "PoolTimeouts" not in firing(tmp_path, series, 9)
    assert "PoolTimeouts" in firing(tmp_path, series, 11)

    async def let_go():
        await asyncio.gather(*(each.__aexit__(None, None, None) for each in held))

    running.call(let_go)
    assert fires(running) == set()


def test_the_database_is_away(fires, notebook, monkeypatch):  # noqa: F811
    away = create_async_engine("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    monkeypatch.setattr(notebook.app.state.database, "_glances", lambda: AsyncSession(away))
    assert fires(notebook) == {"DatabaseDown", "FiguresMissing"}


@pytest.mark.clause("P-2.2.2b")
def test_requests_are_late(fires, serve):
    desk = Desk(serve(office_service))
    for _ in range(11):
        desk.sent()
    before = desk.running.http.get("/metrics").text
    assert fires(desk.running, earlier=before) == set()
    desk.running.clock.advance(days=30)
    desk.running.work()
    assert fires(desk.running, earlier=before) == {"LateRequestsGrowing"}


@pytest.mark.clause("E-4.1a")
def test_a_report_of_an_accident_is_late(fires, serve):
    emergency = Emergency(serve(emergency_service))
    incident = emergency.report()
    emergency.clock.advance(minutes=30)
    emergency.running.work()
    assert fires(emergency.running) == set()
    emergency.clock.advance(minutes=1)
    emergency.running.work()
    assert fires(emergency.running) == {
        "AccidentReportOverdue",
        "AccidentWorkOverdue",
    }  # which is its unit's task
    emergency.duty.post(f"{incident}/reports", json={"reporter": "unit"})
    emergency.running.work()
    assert "AccidentReportOverdue" not in fires(emergency.running)
