"""Spans are told to a collector where one is named; without it nothing of OpenTelemetry's SDK is even imported."""

import subprocess
import sys
import time

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kit import spans
from kit.storage import db
from kit.storage.pending import defer
from kit.telling_spans import summary
from tests.collector import Collector
from tests.kit.conftest import eventually
from tests.kit.receivers import tell

ID, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACE = {"traceparent": f"00-{ID}-{CALLER}-01"}
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture
def collector(monkeypatch):
    started = Collector()
    monkeypatch.setenv(ENDPOINT, started.url)
    yield started
    spans.end()
    started.close()


@pytest.fixture
def telling(collector):
    """Spans are told; `telling()` ends that, and gives them."""
    spans.begin("notebook")

    def told():
        spans.end()
        return collector.spans

    return told


def test_without_a_collector_nothing_of_the_sdk_is_imported_by_any_process():
    looks = (
        "import sys, gateway.__main__, kit.cli, services.property.app, deploy.worker\n"
        "from kit import spans\n"
        "spans.begin('property')\n"
        "with spans.span('x') as span: span.answered(200)\n"
        "beginnings = ('opentelemetry.sdk', 'opentelemetry.exporter', 'opentelemetry.proto', 'google', 'requests')\n"
        "print(spans.told(), [name for name in sys.modules if name.startswith(beginnings)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", looks], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False []\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        (ENDPOINT, ""),
    ],
)
def test_a_collector_is_told_nothing_where_the_environment_says_so(
    collector, monkeypatch, capfd, name, value
):
    monkeypatch.setenv(name, value)
    spans.begin("notebook")
    assert not spans.told()
    assert ("spans-not-told" in capfd.readouterr().out) == name.endswith("PROTOCOL")


@pytest.mark.parametrize(
    ("environment", "process"),
    [
        ({}, "dongsheng-notebook"),
        ({"OTEL_SERVICE_NAME": "mine"}, "mine"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=ours,deployment.environment.name=test"}, "ours"),
    ],
)
def test_a_process_is_called_after_what_it_serves_unless_the_environment_names_it(
    collector, monkeypatch, environment, process
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spans.begin("notebook")
    with spans.span("x"):
        pass
    spans.end()
    assert [span.process for span in collector.spans] == [process]


def test_a_request_is_a_span_named_after_its_route_whose_trace_the_log_names(
    telling, notebook, client, capfd
):
    assert client.get("/notes?limit=7", headers=TRACE).status_code == 200
    assert client.get("/nowhere/13847712345").status_code == 404
    begun, unknown = (span for span in telling() if span.kind == "SERVER")
    assert (begun.name, begun.kind, begun.trace, begun.parent) == (
        "GET /notebook/v1/notes",
        "SERVER",
        ID,
        CALLER,
    )
    assert begun.about == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "http.response.status_code": 200,
        "http.route": "/notebook/v1/notes",
    }
    assert (unknown.name, unknown.parent, unknown.failed) == ("GET", "", False)
    assert "http.route" not in unknown.about
    lines = [line for line in capfd.readouterr().out.splitlines() if '"event": "request"' in line]
    assert [unknown.trace in line for line in lines] == [False, True]


def test_a_fault_of_ours_is_a_failed_span_without_what_it_said(telling, collector, client):
    assert client.post("/notes", params={"fail": True}, json={"text": "a"}).status_code == 500
    [span] = [span for span in telling() if span.kind == "SERVER"]
    assert (span.failed, span.about["error.type"]) == (True, "500")
    assert b"secret internals" not in b"".join(collector.bodies)


def test_a_collector_that_is_away_is_one_line_and_keeps_nothing_from_being_answered(
    collector, client, monkeypatch, capfd
):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    collector.status = 400
    spans.begin("notebook")
    for times in (1, 2, 3):
        assert client.get("/notes").status_code == 200
        eventually(lambda times=times: collector.asked >= times)
    collector.status = 200
    assert client.get("/notes").status_code == 200
    eventually(lambda: collector.spans)
    spans.end()
    assert client.get("/notes").status_code == 200
    said = capfd.readouterr()
    assert (said.out.count("collector-away"), said.out.count("collector-back")) == (1, 1)
    assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nowhere"])
def test_a_process_ends_though_the_collector_never_answered(monkeypatch, capfd, address):
    monkeypatch.setenv(ENDPOINT, address)
    spans.begin("notebook")
    with spans.span("x"):
        pass
    begun = time.monotonic()
    spans.end()
    assert time.monotonic() - begun < 8
    assert "Traceback" not in "".join(capfd.readouterr())


def test_who_wants_no_record_has_none_and_what_is_asked_on_its_behalf_says_so(telling):
    with spans.span("x", parent=f"00-{ID}-{CALLER}-00") as span:
        assert span.parent.startswith(f"00-{ID}-")
        assert span.parent.endswith("-00")
        assert spans.current() == span.parent
    assert telling() == []


def test_a_part_of_what_begins_here_is_recorded_where_a_ratio_says_so(collector, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    spans.begin("notebook")
    with spans.span("ours", parent=None), spans.span("below"):
        pass
    with spans.span("a caller's", parent=TRACE["traceparent"]):
        pass
    spans.end()
    assert [span.name for span in collector.spans] == ["a caller's"]


def test_a_statement_is_a_span_below_what_it_is_for_and_of_its_values_nothing_is_told(telling, notebook):
    async def execute():
        engine = db.create_engine(SecretStr(notebook.url), size=1, overflow=0)
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))  # for nobody
                with spans.span("for somebody"):
                    await connection.execute(
                        text("SELECT * FROM notes WHERE text = :said"), {"said": "额尔敦"}
                    )
                    with pytest.raises(ProgrammingError):
                        await connection.execute(text("DELETE FROM nowhere WHERE text = '13847712345'"))
        finally:
            await engine.dispose()

    notebook.call(execute)
    read, wrong, above = telling()
    assert (read.name, read.kind, read.parent, read.failed) == ("SELECT notes", "CLIENT", above.id, False)
    assert read.about["db.operation.name"] == "SELECT"
    assert (wrong.name, wrong.failed, wrong.about["error.type"]) == ("DELETE nowhere", True, "UndefinedTable")
    assert not {"额尔敦", "13847712345"} & {
        str(value) for span in (read, wrong) for value in span.about.values()
    }


@pytest.mark.parametrize(
    ("statement", "command", "table"),
    [
        ("SELECT a, b FROM companies AS c JOIN x ON true", "SELECT", "companies"),
        ('INSERT INTO "events" (a) VALUES (%s)', "INSERT", "events"),
        ("update companies set name = 'from somebody'", "UPDATE", "companies"),
        ("DELETE FROM ONLY legs", "DELETE", "legs"),
        ("WITH told AS (SELECT 1) SELECT * FROM told", "SELECT", "told"),
        ("SELECT pg_try_advisory_lock(1)", "SELECT", ""),
        ("LISTEN written", "LISTEN", ""),
        ("", "", ""),
    ],
)
def test_a_statement_is_told_by_its_command_and_table(statement, command, table):
    assert summary(statement) == (command, table)


async def _enqueue(context):
    defer(context.session, "remember", text="later")


def test_a_job_goes_on_in_its_trace_and_one_of_before_begins_its_own(telling, notebook):
    notebook.run(_enqueue)
    with_trace = TRACE["traceparent"]

    async def enqueue_below(context):
        with spans.span("enqueuing", parent=with_trace):
            await _enqueue(context)
            await notebook.database.commit(context.session)
            context.session.info["pending"].jobs.clear()

    notebook.run(enqueue_below)
    notebook.work()
    told = telling()
    [above] = [span for span in told if span.name == "enqueuing"]
    ran = [span for span in told if span.name == "run remember"]
    assert {(span.trace == ID, span.parent) for span in ran} == {(True, above.id), (False, "")}
    assert notebook.sql("SELECT count(*) FROM notes WHERE text = 'later'") == [(2,)]


def test_a_job_that_bears_a_trace_runs_where_spans_are_told_no_more(telling, notebook):
    async def enqueue_below(context):
        with spans.span("enqueuing"):
            await _enqueue(context)
            await notebook.database.commit(context.session)
            context.session.info["pending"].jobs.clear()

    notebook.run(enqueue_below)
    assert [span.name for span in telling() if span.name == "enqueuing"]
    notebook.work()
    assert notebook.sql("SELECT text FROM notes") == [("later",)]


def test_an_event_names_the_trace_of_its_write_only_where_spans_are_told(telling, notebook, client):
    with spans.span("writing", parent=TRACE["traceparent"]) as span:
        tell(notebook, "told")
    telling()
    tell(notebook, "untold")
    notebook.wait_for_horizon()
    events = client.get("/changes").json()["items"]
    assert [each.get("traceparent") for each in events if each["data"]["text"] == "told"] == [span.parent]
    assert ["traceparent" in each for each in events if each["data"]["text"] == "untold"] == [False]
