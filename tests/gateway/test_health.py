"""Whether the gateway lives, which services answer, and figures of what went through."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from tests.gateway.upstreams import always, json_reply, reply


def test_the_gateway_lives_whatever_the_services_do(gateway, dead_address):
    assert gateway(property=dead_address).http.get("/health/live").json() == {"status": "ok"}


def test_it_is_ready_when_all_services_are(gateway, upstream):
    property_, credit = upstream(always(json_reply({}))), upstream(always(json_reply({})))

    answer = gateway(property=property_, credit=credit).http.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "services": {"property": "ok", "credit": "ok"}, "circuits": {}}
    assert property_.seen[0].target == "/health/ready"


def test_a_service_below_a_path_is_asked_there(gateway, upstream):
    there = upstream(always(json_reply({})))

    gateway(property=there.address + "/inner").http.get("/health/ready")

    assert there.seen[0].target == "/inner/health/ready"


def test_one_service_that_is_down_does_not_close_the_door_to_the_others(gateway, upstream, dead_address):
    door = gateway(
        property=upstream(always(json_reply({}))), credit=dead_address, office=upstream(always(reply(503)))
    )

    answer = door.http.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded",
        "services": {"property": "ok", "credit": "down", "office": "down"},
        "circuits": {},
    }


def test_it_is_not_ready_when_no_service_is(gateway, dead_address):
    answer = gateway(property=dead_address).http.get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (503, "down")


def test_a_service_that_does_not_answer_is_not_waited_for(gateway, upstream, monkeypatch):
    monkeypatch.setattr("gateway.health._PATIENCE", 0.1)

    async def silent(_, __, ___):
        await asyncio.sleep(30)

    assert gateway(property=upstream(silent)).http.get("/health/ready").json()["status"] == "down"


def figures(door):
    families = text_string_to_metric_families(door.http.get("/metrics").text)
    return {
        (sample.labels["method"], sample.labels["path"], sample.labels["status"]): sample.value
        for family in families
        for sample in family.samples
        if sample.name == "http_requests_total"
    }


def test_what_goes_through_is_counted_by_service_and_never_by_address(gateway, upstream):
    door = gateway(property=upstream(), credit=upstream(always(reply(404))))

    door.get("/property/v1/people/13800000000")
    door.get("/property/v1/x")
    door.get("/credit/v1/x")
    door.http.get("/property/v1/x")

    assert figures(door) == {
        ("GET", "/property/v1/**", "200"): 2,
        ("GET", "/credit/v1/**", "404"): 1,
        ("GET", "/property/v1/**", "401"): 1,
    }
