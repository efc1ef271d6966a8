"""The end of the whole set, orderly and not: what is left of it, and what is kept. The last of the scenarios."""

import os
import signal
import socket
from datetime import timedelta

import pytest

from tests.scenarios.conftest import DAY
from tests.scenarios.district import District, alive

pytestmark = pytest.mark.processes

CALL = {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"}


def test_when_all_is_killed_nothing_stays_behind_and_nothing_that_was_answered_for_is_lost(district, hand_in):
    later = DAY + timedelta(days=1)  # not on the day whose coverage other scenarios look at
    survey = hand_in("street-fuxing", "04-富兴街道.xlsx", as_of=later).json()
    with district.client("hotline") as hotline:
        taken = hotline.post("/dispatch/v1/requests", json=CALL).json()
    former = set(district.processes())
    assert (
        len(former) == 10
    )  # the launcher, PostgreSQL, five services, their worker, the gateway, the console
    for pid in (district.pid("postgres"), district.process.pid):
        os.kill(pid, signal.SIGKILL)
    district.process.wait()
    district.start()  # waits for what is left of the former set
    assert alive(former) == set()
    assert set(district.processes()).isdisjoint(former)
    with district.client("operator") as operator:
        assert operator.get(f"/dispatch/v1/requests/{taken['number']}").json()["state"] == "received"
        kept = operator.get("/property/v1/surveys", params={"street": "富兴街道"})
        assert kept.status_code == 200, kept.text
        assert survey["survey"] in [record["id"] for record in kept.json()["items"]]
        rows = operator.get("/property/v1/coverage", params={"street": "富兴街道", "on": later.isoformat()})
        assert rows.json()["items"][0]["compounds"] == survey["compounds"]


def test_ctrl_c_ends_all_of_it_within_seconds(district):
    former = set(district.processes())
    assert district.stop() < 10
    assert district.said().rstrip().endswith("Stopped.")
    assert alive(former) == set()
    refused = district.command("token")
    assert (refused.returncode, "nothing runs" in refused.stderr) == (1, True)


def test_a_taken_port_is_refused_before_anything_is_started(tmp_path):
    district = District(tmp_path / "checkout")
    port = int(district.settings["EMERGENCY_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        refused = district.command("run")
    assert refused.returncode == 1
    assert f"port {port} on 127.0.0.1 (EMERGENCY_PORT) cannot be used" in refused.stderr
    assert not (district.var / "log").exists()
    assert not (district.var / "postgres").exists()
