"""Traces of the whole set, told to a collector of the test's own: what one caller began is one tree, and shows nobody's data."""

import json

import psycopg
import pytest

from deploy.plan import SERVICES
from deploy.tokens import read_environment
from kit.testing import SECRET
from tests.collector import Collector
from tests.kit.receivers import Receiver
from tests.scenarios.district import District
from tests.scenarios.door import eventually

pytestmark = pytest.mark.processes

ID, ROOT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACE = {"traceparent": f"00-{ID}-{ROOT}-01"}
#: What must stand in no span: who called, what about, under which number and with which right.
CITIZEN = {"name": "额尔敦巴雅尔", "phone": "13847712345"}
SAID = {
    "matter": "property-service",
    "summary": "楼下忽然爆炸",
    "description": "有人被困在里面",
    "division": "天骄街道",
    "external_number": "trace-7f3a9",
    "citizen": CITIZEN,
}
REQUESTS = "/dispatch/v1/requests"
DELIVERED, RAN = "deliver dispatch.request.alarming", "run settle-hand-over"


@pytest.fixture(scope="module")
def collector():
    started = Collector()
    yield started
    started.close()


@pytest.fixture(scope="module")
def traced(tmp_path_factory, collector):
    """A set of its own that tells the collector."""
    district = District(tmp_path_factory.mktemp("traced") / "checkout")
    district.environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "3000"}
    district.start()
    yield district
    assert district.process is not None
    if district.process.poll() is None:
        district.stop()


@pytest.fixture(scope="module")
def told(traced, collector):
    """A request with an accident in its words is handed in and handed on; the spans, once all have been told."""
    receiver = Receiver()
    with traced.client("operator") as operator:
        subscription = {
            "name": "traced",
            "url": receiver.url,
            "secret": SECRET,
            "types": ["dispatch.request.alarming"],
        }
        assert operator.post("/property/v1/subscriptions", json=subscription).status_code == 201
    with traced.client("hotline") as hotline:
        taken = hotline.post(REQUESTS, json=SAID, headers=TRACE)
        assert taken.status_code == 201, taken.text
        path = f"{REQUESTS}/{taken.json()['number']}"
        moved = hotline.post(
            f"{path}/transfer", json={"matter": "law-consultation", "note": "属于法律咨询"}, headers=TRACE
        )
        assert moved.status_code == 200, moved.text
        listed = hotline.get(REQUESTS, params={"external_number": SAID["external_number"]}, headers=TRACE)
        assert len(listed.json()["items"]) == 2
        secret = hotline.headers["authorization"].removeprefix("Bearer ")
    assert eventually(lambda: receiver.got, 30)
    _run_now(traced)

    def all_told():
        names = [span.name for span in collector.of(ID)]
        return names.count(DELIVERED) >= 2 and RAN in names and _below(collector.of(ID), RAN, "POST")

    assert eventually(all_told, 40), sorted({span.name for span in collector.of(ID)})
    receiver.close()
    return collector.of(ID), receiver, secret


def _run_now(traced):
    """The job that waits for the other service's answer does not wait."""
    url = read_environment(traced.var)["LAWSTUDY_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'settle-hand-over'"
        )


def _below(spans, name, begins):
    """The spans right below those of a name."""
    above = {span.id for span in spans if span.name == name}
    return [span for span in spans if span.parent in above and span.name.startswith(begins)]


def test_all_that_followed_is_one_tree_under_the_callers_span(told):
    spans, *_ = told
    known = {span.id for span in spans} | {ROOT}
    assert [span for span in spans if span.parent not in known] == []
    begun = [(span.process, span.name, span.kind) for span in spans if span.parent == ROOT]
    assert sorted(begun) == [
        ("dongsheng-gateway", f"GET {REQUESTS}", "SERVER"),
        ("dongsheng-gateway", f"POST {REQUESTS}", "SERVER"),
        ("dongsheng-gateway", f"POST {REQUESTS}/{{number}}/transfer", "SERVER"),
    ]
    assert {span.process for span in spans} == {
        f"dongsheng-{name}" for name in ("gateway", "worker", *SERVICES)
    }


def test_a_request_goes_from_the_gateway_through_its_service_into_the_database(told):
    spans, *_ = told
    asked = [span for span in _below(spans, f"POST {REQUESTS}", "POST property") if span.kind == "CLIENT"]
    assert len(asked) == 1
    [taken] = [span for span in spans if span.parent == asked[0].id]
    assert (taken.process, taken.name, taken.kind) == (
        "dongsheng-property",
        "POST /property/v1/dispatch/requests",
        "SERVER",
    )
    assert taken.about == {
        "http.request.method": "POST",
        "url.scheme": "http",
        "http.response.status_code": 201,
        "http.route": "/property/v1/dispatch/requests",
    }
    kept = [span for span in spans if span.parent == taken.id]
    assert {"INSERT dispatch_requests", "INSERT dispatch_steps", "COMMIT"} <= {span.name for span in kept}
    [inserted] = [span for span in kept if span.name == "INSERT dispatch_requests"]
    assert inserted.kind == "CLIENT"
    assert inserted.about["db.system.name"] == "postgresql"
    assert inserted.about["db.namespace"] == "property"
    assert (inserted.about["db.operation.name"], inserted.about["db.collection.name"]) == (
        "INSERT",
        "dispatch_requests",
    )


def test_an_event_is_in_the_trace_of_what_made_it_true_and_so_is_what_a_receiver_does(told):
    spans, receiver, _ = told
    taken = {span.id for span in spans if span.name == "POST /property/v1/dispatch/requests"}
    delivered = [span for span in spans if span.name == DELIVERED and span.parent in taken]
    assert {span.kind for span in delivered} == {"PRODUCER"}
    posts = [span for span in spans if span.parent in {each.id for each in delivered}]
    [heard] = [span for span in spans if span.parent in {each.id for each in posts}]
    assert (heard.process, heard.name) == ("dongsheng-emergency", "POST /emergency/v1/events")
    assert _below(spans, heard.name, "INSERT alarms")

    [(head, body)] = receiver.requests
    _, trace, sent_by, _ = {name.lower(): value for name, value in head.items()}["traceparent"].split("-")
    assert (trace, sent_by in {span.id for span in posts}) == (ID, True)
    _, trace, written_by, _ = json.loads(body)["traceparent"].split("-")
    assert (trace, written_by in taken) == (ID, True)


def test_a_job_goes_on_in_the_trace_of_what_enqueued_it(told):
    spans, *_ = told
    [ran] = [span for span in spans if span.name == RAN]
    assert (ran.process, ran.kind) == ("dongsheng-worker", "CONSUMER")
    [enqueued] = [span for span in spans if span.id == ran.parent]
    assert (enqueued.process, enqueued.name) == ("dongsheng-lawstudy", "POST /lawstudy/v1/dispatch/requests")
    assert _below(spans, RAN, "SELECT dispatch_requests")


def test_no_span_shows_personal_data_secrets_or_what_was_said(told, traced, collector):
    _, _, token = told
    sought = [
        *CITIZEN.values(),
        SAID["summary"],
        SAID["description"],
        SAID["external_number"],
        "Bearer",
        token,
        SECRET,
    ]
    sought += ["external_number=", "DS-P", "personal_key", "password"]
    whole = b"\n".join(collector.bodies)
    assert [each for each in sought if each.encode() in whole] == []
    assert collector.paths == {"/v1/traces"}


def test_who_watches_the_processes_leaves_no_span(told, traced, collector):
    with traced.client() as http:
        assert http.get("/health/ready").status_code == 200
    assert [span.name for span in collector.spans if "/health" in span.name or "/metrics" in span.name] == []


def test_what_was_not_told_yet_is_told_at_the_end_and_a_caller_who_wants_no_record_has_none(
    told, traced, collector
):
    kept, dropped = "5" * 32, "6" * 32
    with traced.client("operator") as http:
        for trace, flag in ((kept, 1), (dropped, 0)):
            headers = {"traceparent": f"00-{trace}-{ROOT}-0{flag}"}
            assert http.get("/property/v1/companies", headers=headers).status_code == 200
    traced.stop()
    names = {span.name for span in collector.of(kept)}
    assert {"GET /property/v1/**", "GET property", "GET /property/v1/companies"} <= names
    assert collector.of(dropped) == []
    assert dropped in (traced.var / "log" / "property.log").read_text()
