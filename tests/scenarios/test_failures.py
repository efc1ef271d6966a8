"""What the set refuses, and a service that dies: it is named, the others go on, it comes back."""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.scenarios.door import eventually

pytestmark = pytest.mark.processes

CALL = {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"}


def test_a_second_run_in_the_same_folder_is_refused(district):
    again = district.command("run")
    assert again.returncode == 1
    assert f"runs already, as process {district.process.pid}" in again.stderr


def test_a_token_for_a_client_that_is_not_known_is_refused_with_those_that_are(district):
    asked = district.command("token", "nobody")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "'nobody'" in asked.stderr
    assert "street-tianjiao" in asked.stderr


def test_the_start_says_how_to_get_a_token_and_prints_none(district):
    assert "export TOKEN=$(make -s token)" in district.said()
    assert not re.search(r"eyJ[\w-]+\.", district.said())


@pytest.mark.parametrize("client", [(), ("viewer",)])
def test_the_token_that_is_asked_for_works(district, client):
    token = district.command("token", *client).stdout.strip()
    with district.client() as http:
        answer = http.get("/office/v1/units", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_service_that_is_killed_is_named_the_others_go_on_and_it_comes_back(district):
    with district.client("viewer") as viewer, district.client("hotline") as hotline:
        taken = hotline.post("/dispatch/v1/requests", json=CALL).json()
        os.kill(district.pid("lawstudy"), signal.SIGKILL)
        refused = eventually(lambda: _refused(viewer.get("/lawstudy/v1/plans")), 5)
        assert (refused["type"], refused["service"]) == ("urn:dongsheng:problem:service-down", "lawstudy")
        assert viewer.get("/property/v1/coverage").status_code == 200
        assert viewer.get(f"/dispatch/v1/requests/{taken['number']}").status_code == 200
        listed = viewer.get("/dispatch/v1/requests").json()
        assert listed["unavailable"] == ["lawstudy"]
        assert taken["number"] in [request["number"] for request in listed["items"]]
        assert eventually(lambda: viewer.get("/lawstudy/v1/plans").status_code == 200, 20)
    assert eventually(lambda: "lawstudy is ready again" in district.said(), 5)


def test_a_service_that_hangs_and_is_killed_before_it_answers_keeps_nobody_waiting_and_takes_nothing_twice(
    district,
):
    with (
        district.client("viewer") as viewer,
        district.client("hotline") as hotline,
        ThreadPoolExecutor() as pool,
    ):
        matter = next(
            each["code"]
            for each in hotline.get("/dispatch/v1/matters").json()["items"]
            if each["service"] == "lawstudy"
        )
        call = CALL | {"matter": matter, "summary": "挂起时派来的诉求"}
        hangs = district.pid("lawstudy")
        os.kill(hangs, signal.SIGSTOP)
        sent = pool.submit(hotline.post, "/lawstudy/v1/dispatch/requests", json=call)
        began = time.monotonic()
        for _ in range(5):
            assert viewer.get("/property/v1/coverage").status_code == 200
        assert time.monotonic() - began < 5, "another service notices"
        assert not sent.done()
        os.kill(hangs, signal.SIGKILL)
        answer = sent.result(10)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:dongsheng:problem:service-down")
        assert eventually(lambda: viewer.get("/lawstudy/v1/plans").status_code == 200, 20)
        taken = hotline.get("/lawstudy/v1/dispatch/requests").json()["items"]
        assert call["summary"] not in [request["summary"] for request in taken]
    assert eventually(lambda: "lawstudy is ready again" in district.said(), 5)


def test_the_worker_is_started_again_by_itself_while_all_services_go_on(district):
    former, others = district.pid("worker"), set(district.processes())
    os.kill(former, signal.SIGKILL)
    assert eventually(lambda: "worker is ready again" in district.said(), 20)
    assert others - set(district.processes()) == {former}
    assert district.pid("worker") not in others


def _refused(answer):
    return answer.json() if answer.status_code == 503 else None
