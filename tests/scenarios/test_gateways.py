"""Two gateways before the same services: whoever comes through either finds the same, also when one of them dies."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from deploy.lifeline import tied
from deploy.tokens import read_environment
from tests.scenarios.district import free_ports
from tests.scenarios.door import eventually

REQUESTS = "/dispatch/v1/requests"
pytestmark = [pytest.mark.processes, pytest.mark.clause("P-2.2.2b")]


@pytest.fixture
def second(district):
    """The process of a second gateway, and its address."""
    (port,) = free_ports(1)
    environment = district.environment | read_environment(district.var) | {"GATEWAY_PORT": str(port)}
    base = f"http://127.0.0.1:{port}"
    with (district.folder / "second-gateway").open("wb") as output:
        process = subprocess.Popen(
            **tied([sys.executable, "-m", "gateway", "serve"]),
            cwd=district.folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        assert eventually(lambda: _answers(base), 30), (district.folder / "second-gateway").read_text()
        yield process, base
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def through(district, second):
    """The hotline at the first and at the second gateway, with one token for both."""
    with district.client("hotline") as first, beside(first, second) as other:
        yield first, other


def beside(client, second):
    """A client at the second gateway with another's token."""
    return httpx2.Client(base_url=second[1], headers=client.headers, timeout=30)


def _answers(base):
    try:
        return httpx2.get(f"{base}/health/ready", timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


def call(name, **fields):
    number = f"{name}-{time.time_ns()}"
    return {
        "matter": "property-service",
        "summary": "楼道灯不亮",
        "division": "天骄街道",
        "external_number": number,
    } | fields


def test_what_is_handed_in_through_one_is_read_and_worked_on_through_the_other(district, second, through):
    first, other = through
    taken = first.post(REQUESTS, json=call("either")).json()
    path = f"{REQUESTS}/{taken['number']}"
    assert other.get(path).json()["number"] == taken["number"]
    with district.client("street-tianjiao") as street, beside(street, second) as there:
        assert there.post(f"{path}/accept", json={}).json()["state"] == "accepted"
    assert first.get(path).json()["state"] == "accepted"


def test_the_same_number_and_the_same_key_through_the_other_is_the_same_request(through):
    first, other = through
    sent = call("again")
    one, two = first.post(REQUESTS, json=sent), other.post(REQUESTS, json=sent)
    assert (one.status_code, two.status_code) == (201, 200)
    elsewhere = other.post(REQUESTS, json=sent | {"matter": "government-affairs"})
    assert {each.json()["number"] for each in (one, two, elsewhere)} == {one.json()["number"]}

    plain = {name: value for name, value in sent.items() if name != "external_number"}
    key = {"Idempotency-Key": f"key-{time.time_ns()}"}
    kept = [each.post(REQUESTS, json=plain, headers=key).json()["number"] for each in (first, other)]
    assert kept[0] == kept[1] != one.json()["number"]


def test_a_gateway_that_is_killed_loses_and_doubles_nothing_that_goes_on_through_the_other(second, through):
    first, other = through
    process, _ = second
    sent = [call(f"killed-{number}") for number in range(60)]

    def hand_in(number):
        if number == 20:
            process.send_signal(signal.SIGKILL)
        try:
            answer = (first, other)[number % 2].post(REQUESTS, json=sent[number])
        except httpx2.HTTPError:  # it was the one that died: whoever has no answer asks again
            answer = first.post(REQUESTS, json=sent[number])
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["number"]

    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(hand_in, range(len(sent))))
    assert len(set(numbers)) == len(sent)
    for number, each in zip(numbers, sent, strict=True):
        listed = first.get(REQUESTS, params={"external_number": each["external_number"]}).json()["items"]
        assert [item["number"] for item in listed] == [number]
