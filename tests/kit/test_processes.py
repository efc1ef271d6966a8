"""A service as it is in life: `serve --with-worker`, one process that answers, works and logs."""

import json
import signal

import httpx2
import pytest

from tests.kit.conftest import eventually, reachable


@pytest.fixture
def server(notebook, start):
    running = start("serve", "--with-worker")
    eventually(lambda: reachable(running))
    return running


@pytest.fixture
def http(notebook, server):
    with httpx2.Client(base_url=server.address, headers=notebook.client()._headers) as client:
        yield client


def texts(notebook):
    return {text for (text,) in notebook.sql("SELECT text FROM notes")}


def lines(server):
    return [json.loads(line) for line in server.said().splitlines()]


def test_one_process_answers_works_logs_and_ends_politely(notebook, server, http):
    assert http.post("/notes", json={"text": "买灯泡"}).status_code == 201
    eventually(lambda: "job: 买灯泡" in texts(notebook))
    eventually(lambda: "tick" in texts(notebook))
    traced = {"X-Request-ID": "r-42", "Traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    failed = http.post("/notes", params={"fail": True}, json={"text": "a"}, headers=traced)
    assert failed.status_code == 500
    assert http.get("/notes", params={"cursor": "13800000000"}).status_code == 422
    server.terminate()
    assert server.wait(timeout=15) in (0, -signal.SIGTERM)

    logged = lines(server)
    assert all(line["level"] and line["timestamp"] and line["event"] for line in logged)
    [written] = [line for line in logged if line.get("path") == "/notes" and line["status"] == 201]
    assert (written["method"], written["event"]) == ("POST", "request")
    assert written["request_id"]
    assert len(written["trace_id"]) == 32
    [unexpected] = [line for line in logged if line["event"] == "unexpected"]
    assert (unexpected["request_id"], unexpected["trace_id"]) == ("r-42", "ab" * 16)
    assert "RuntimeError: secret internals of a" in unexpected["exception"]
    assert "13800000000" not in server.said(), "an address is logged by its template"


def test_a_worker_in_the_server_outlives_its_database_too(notebook, server, http):
    eventually(lambda: "tick" in texts(notebook))
    notebook.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert http.post("/notes", json={"text": "after"}).status_code in (201, 503)
    assert http.post("/notes", json={"text": "after"}).status_code == 201
    eventually(lambda: "job: after" in texts(notebook))


def test_a_server_starts_before_its_database_and_is_not_ready(notebook, start):
    notebook.sql("ALTER TABLE audit_head RENAME TO elsewhere")
    server = start("serve")
    live = server.address.replace("/notebook/v1", "/health/live")
    eventually(lambda: answers(live) == 200)
    assert answers(live.replace("live", "ready")) == 503
    notebook.sql("ALTER TABLE elsewhere RENAME TO audit_head")
    assert answers(live.replace("live", "ready")) == 200


def answers(url):
    try:
        return httpx2.get(url).status_code
    except httpx2.HTTPError:
        return None
