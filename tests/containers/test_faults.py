"""What only several hosts show: whatever is killed, halted or cut off, each accepted write is there once."""

import time

from deploy.plan import SERVICES
from tests.containers.engine import together
from tests.containers.load import Load, holds


def test_a_service_that_is_killed_and_started_again_loses_nothing_that_was_accepted(containers):
    with Load(containers, patient=True) as load:
        containers.running["office"].kill("SIGKILL")
        load.wait(10)
        containers.running["office"].start()
        containers.wait_for("office")
        load.wait(40)
    assert load.failures == []
    holds(containers, load)


def test_a_service_that_is_halted_keeps_the_others_from_nothing_and_goes_on_where_it_stood(containers):
    with Load(containers, patient=True) as load, containers.client("viewer") as viewer:
        containers.running["lawstudy"].pause()
        time.sleep(3)
        assert viewer.get("/property/v1/coverage").status_code == 200
        containers.running["lawstudy"].unpause()
        load.wait(40)
    assert load.failures == []
    holds(containers, load)


def test_a_service_that_is_cut_off_is_named_and_comes_back(containers):
    with Load(containers, patient=True) as load, containers.client("viewer") as viewer:
        with containers.cut_off("credit"):
            load.wait(10)
            told = viewer.get("/health/ready").json()
            assert told["services"] == {name: "down" if name == "credit" else "ok" for name in SERVICES}
        containers.wait()
        load.wait(40)
    assert load.failures == []
    holds(containers, load)


def test_postgres_that_is_killed_under_load_and_started_again_has_all_that_was_accepted(containers):
    with Load(containers, patient=True) as load:
        containers.running["postgres"].kill("SIGKILL")
        time.sleep(2)
        containers.running["postgres"].start()
        containers.wait_for_postgres()
        containers.wait()
        load.wait(40)
    assert load.failures == []
    holds(containers, load)


def test_every_service_and_both_gateways_are_replaced_without_one_failed_request(containers):
    with Load(containers, patient=False) as load:
        together(containers.replace, SERVICES)
        for gateway in ("gateway", "gateway-2"):
            containers.renew(gateway)
        load.wait(20)
    assert load.failures == []
    holds(containers, load)
