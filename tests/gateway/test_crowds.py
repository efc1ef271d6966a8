"""So many requests at a time, to one service and in all; what is beyond is told to come again, not put aside."""

import asyncio
import threading
import time
from contextlib import contextmanager

import httpx2
import pytest
from pydantic import ValidationError

from tests.gateway.upstreams import reply


@pytest.fixture
def slow(upstream):
    """A service that answers once it is let go."""
    let_go = threading.Event()

    async def waiting(_, __, writer):
        await asyncio.to_thread(let_go.wait, 20)
        writer.write(reply(200, b"ok"))

    there = upstream(waiting)
    there.let_go = let_go.set
    yield there
    let_go.set()


@contextmanager
def asked(door, path, times):
    """So many requests under way at once, given as tasks of a thread; their answers are read at the end."""
    answers = []

    async def ask_all():
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(
            base_url=door.address, headers=door.bearer(), limits=limits, timeout=30
        ) as http:
            answers.extend(await asyncio.gather(*(http.get(path) for _ in range(times))))

    thread = threading.Thread(target=lambda: asyncio.run(ask_all()))
    thread.start()
    yield answers
    thread.join(30)
    assert not thread.is_alive()


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def figure(door, line):
    return line in door.http.get("/metrics").text.splitlines()


def assert_busy(answer, slug):
    assert answer.status_code == 503
    assert answer.json()["type"] == f"urn:dongsheng:problem:{slug}"
    assert int(answer.headers["retry-after"]) == 1
    assert answer.headers["x-request-id"]


def test_a_service_is_asked_so_much_at_a_time_so_many_wait_and_more_are_sent_away(gateway, upstream, slow):
    settings = {"connections": 3, "waiting": 2, "connection_wait": 20}
    door = gateway(property=slow, credit=upstream(), settings=settings)

    with asked(door, "/property/v1/x", 5) as answers:
        wait_for(lambda: figure(door, 'upstream_requests_waiting{service="property"} 2.0'))
        wait_for(lambda: len(slow.seen) == 3)
        assert figure(door, 'upstream_requests_in_flight{service="property"} 3.0')
        began = time.monotonic()
        refused = door.get("/property/v1/x")
        assert time.monotonic() - began < 2
        assert_busy(refused, "service-busy")
        assert refused.json()["service"] == "property"
        assert door.get("/credit/v1/x").status_code == 200
        slow.let_go()

    assert [answer.status_code for answer in answers] == [200] * 5
    assert slow.connections == 3
    assert door.get("/property/v1/x").status_code == 200
    assert figure(door, 'upstream_requests_in_flight{service="property"} 0.0')


def test_who_waits_is_sent_away_after_a_while(gateway, slow):
    door = gateway(property=slow, settings={"connections": 1, "connection_wait": 0.2})
    with asked(door, "/property/v1/x", 1):
        wait_for(lambda: slow.seen)
        assert_busy(door.get("/property/v1/x"), "service-busy")
        slow.let_go()
    assert len(slow.seen) == 1


def test_a_caller_who_leaves_the_line_leaves_no_gap(gateway, slow):
    door = gateway(property=slow, settings={"connections": 1, "waiting": 1, "connection_wait": 20})
    with asked(door, "/property/v1/x", 1):
        wait_for(lambda: slow.seen)
        with door.raw("GET /property/v1/x HTTP/1.1"):
            wait_for(lambda: figure(door, 'upstream_requests_waiting{service="property"} 1.0'))
        wait_for(lambda: figure(door, 'upstream_requests_waiting{service="property"} 0.0'))
        slow.let_go()
    assert [door.get("/property/v1/x").status_code for _ in range(3)] == [200] * 3


def test_the_gateway_works_on_so_many_in_all_and_is_seen_all_the_while(gateway, upstream, slow):
    door = gateway(
        property=slow,
        office=slow,
        credit=upstream(),
        settings={"connections": 5, "waiting": 0, "requests": 6},
    )

    with asked(door, "/property/v1/x", 5) as answers, asked(door, "/office/v1/x", 1):
        wait_for(lambda: figure(door, "requests_in_flight 6.0"))
        assert_busy(door.get("/credit/v1/x"), "gateway-busy")
        assert_busy(door.http.post("/auth/v1/token"), "gateway-busy")
        assert door.http.get("/health/live").status_code == 200
        slow.let_go()

    assert [answer.status_code for answer in answers] == [200] * 5
    assert door.get("/credit/v1/x").status_code == 200
    assert figure(door, "requests_in_flight 0.0")


def test_a_slow_service_cannot_take_all_places_by_any_settings(gateway, upstream):
    with pytest.raises(ValidationError, match="GATEWAY_CONNECTIONS"):
        gateway(property=upstream(), settings={"connections": 3, "waiting": 2, "requests": 5})
