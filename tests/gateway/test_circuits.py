"""A service that does not answer is not asked for a while; what it answers, whatever it is, is an answer."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.circuit import Circuit, Refused
from gateway.upstream import BadAnswer, Busy, Dropped, Silent, Unreachable
from tests.gateway.services import DispatchService
from tests.gateway.upstreams import always, reply

QUICK = {"circuit_failures": 3, "circuit_pause": 1}


def figure(door, name):
    families = text_string_to_metric_families(door.http.get("/metrics").text)
    return {
        sample.labels.get("service"): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


def test_after_a_run_of_failures_callers_are_answered_at_once_until_it_answers_again(
    gateway, upstream, monkeypatch
):
    monkeypatch.setattr("gateway.health._PATIENCE", 0.1)
    hanging, asked = threading.Event(), []

    async def sometimes(seen, _, writer):
        asked.append(seen.target)
        if hanging.is_set():
            await asyncio.sleep(30)
        writer.write(reply(200, b"ok"))

    door = gateway(property=upstream(sometimes), credit=upstream(), settings=QUICK | {"read_timeout": 0.2})
    hanging.set()
    assert [door.get("/property/v1/x").status_code for _ in range(3)] == [504] * 3

    began = time.monotonic()
    refused = [door.get("/property/v1/x") for _ in range(5)]
    assert time.monotonic() - began < 0.4
    assert {answer.status_code for answer in refused} == {503}
    assert {answer.json()["type"] for answer in refused} == {"urn:dongsheng:problem:service-down"}
    assert all(int(answer.headers["retry-after"]) == 1 for answer in refused)
    assert asked == ["/property/v1/x"] * 3, "it was asked although it does not answer"
    assert door.get("/credit/v1/x").status_code == 200
    assert figure(door, "upstream_circuit_open") == {"property": 1, "credit": 0}
    assert figure(door, "upstream_circuit_opened_total") == {"property": 1, "credit": 0}
    assert door.http.get("/health/ready").json()["circuits"] == {"property": "open"}

    time.sleep(1)
    assert door.http.get("/health/ready").json()["circuits"] == {"property": "half-open"}
    with ThreadPoolExecutor(4) as pool:  # one finds out, at the cost of nobody else
        found = sorted(each.status_code for each in pool.map(door.get, ["/property/v1/x"] * 4))
    assert found == [503, 503, 503, 504]
    assert door.get("/property/v1/x").status_code == 503

    hanging.clear()
    time.sleep(1)
    assert [door.get("/property/v1/x").status_code for _ in range(3)] == [200] * 3
    assert figure(door, "upstream_circuit_open") == {"property": 0, "credit": 0}
    assert door.http.get("/health/ready").json()["circuits"] == {}


@pytest.mark.parametrize("status", [400, 404, 409, 500, 502, 503, 504])
def test_an_answer_is_an_answer_whatever_its_status(gateway, upstream, status):
    there = upstream(always(reply(status)))
    door = gateway(property=there, settings=QUICK)

    assert {door.get("/property/v1/x").status_code for _ in range(8)} == {status}
    assert len(there.seen) == 8


def test_a_caller_who_is_slow_or_leaves_is_no_failure_of_the_service(gateway, upstream):
    async def reading(_, reader, __):
        await reader.read()

    door = gateway(property=upstream(reading, read_bodies=False), settings=QUICK | {"read_timeout": 0.2})
    for _ in range(3):
        with door.raw("POST /property/v1/x HTTP/1.1", "Content-Length: 900000", body=b"x" * 200_000) as slow:
            assert b"408" in slow.recv(100)
        door.raw("POST /property/v1/x HTTP/1.1", "Content-Length: 900000", body=b"x" * 200_000).close()
    time.sleep(0.1)

    assert figure(door, "upstream_circuit_open") == {"property": 0}


def test_the_list_over_all_services_does_not_wait_for_one_that_is_known_not_to_answer(
    gateway, upstream, dead_address
):
    there = DispatchService(upstream, "property", "P", lift="电梯").there
    door = gateway(property=there, credit=dead_address, settings=QUICK | {"circuit_pause": 60})
    for _ in range(3):
        door.get("/credit/v1/x")

    listed = door.get("/dispatch/v1/requests", headers=door.bearer("dispatch:read"))
    assert listed.json()["unavailable"] == ["credit"]


class TestCircuit:
    @pytest.fixture
    def clock(self):
        class Clock:
            now = 0.0

            def __call__(self):
                return self.now

        return Clock()

    @pytest.fixture
    def circuit(self, clock):
        return Circuit("property", 2, 10, clock)

    def fail(self, circuit, error=Silent):
        with pytest.raises(error), circuit.attempt():
            raise error("")

    def answer(self, circuit):
        with circuit.attempt():
            pass

    @pytest.mark.parametrize("error", [Unreachable, Silent, Dropped])
    def test_no_answer_opens_it(self, circuit, error):
        self.fail(circuit, error)
        assert circuit.state == "closed"
        self.fail(circuit, error)
        assert (circuit.state, circuit.opened) == ("open", 1)
        with pytest.raises(Refused) as refused, circuit.attempt():
            pytest.fail("it was asked")
        assert refused.value.seconds == 10

    @pytest.mark.parametrize("error", [BadAnswer, Busy, asyncio.CancelledError])
    def test_what_says_nothing_of_the_service_changes_nothing(self, circuit, clock, error):
        for _ in range(5):
            self.fail(circuit, error)
        assert circuit.state == "closed"
        self.fail(circuit)
        self.fail(circuit, error)
        self.fail(circuit)
        clock.now = 10
        self.fail(circuit, error)
        assert circuit.state == "half-open"
        self.answer(circuit)
        assert circuit.state == "closed"

    def test_an_answer_ends_the_run(self, circuit):
        for _ in range(5):
            self.fail(circuit)
            self.answer(circuit)
        assert circuit.opened == 0

    def test_one_at_a_time_finds_out(self, circuit, clock):
        self.fail(circuit)
        self.fail(circuit)
        clock.now = 10
        with circuit.attempt():
            with pytest.raises(Refused) as refused, circuit.attempt():
                pytest.fail("two were asked")
            assert refused.value.seconds == 1
        assert circuit.state == "closed"

    def test_a_failure_of_the_one_that_finds_out_opens_it_anew(self, circuit, clock):
        self.fail(circuit)
        self.fail(circuit)
        clock.now = 10
        self.fail(circuit)
        assert circuit.state == "open"
        clock.now = 19.9
        assert circuit.state == "open"
        clock.now = 20
        assert circuit.state == "half-open"

    def test_those_that_were_under_way_as_it_opened_do_not_keep_it_open(self, circuit, clock):
        with pytest.raises(Silent), circuit.attempt():
            self.fail(circuit)
            self.fail(circuit)
            clock.now = 9
            raise Silent("")
        clock.now = 10
        assert circuit.state == "half-open"
