"""The district on one screen: each service's own answer beside the others', whatever one of them does."""

import pytest

from tests.gateway.test_bulletin import told
from tests.gateway.test_counts import screen
from tests.gateway.upstreams import json_reply, reply

PARTS = {
    "targets": ("property", "coverage"),
    "requests": ("gateway", None),
    "rates": ("gateway", None),
    "accidents": ("emergency", "incidents"),
    "warnings": ("emergency", "warnings"),
    "patterns": ("gateway", None),
    "lists": ("credit", "lists"),
    "session": ("lawstudy", "sessions"),
}
PROPERTY = told(("housing-centre", "区房管服务中心", 6, 10, (1, 2)), figure="response")
OFFICE = told(("government-office", "区人民政府办公室", 10, 21, (0, 4)), figure="response")
PATTERN = {"id": "0197c1f2-7d4e-7000-8000-000000000001", "noticed_at": "2024-06-24T06:23:00+08:00"}
NOTICED = {"items": [PATTERN], "next": None}
DISPATCH = {
    "property": {"counts": screen(housing=2), "bulletin": PROPERTY, "patterns": NOTICED},
    "office": {"counts": screen(bureau=4), "bulletin": OFFICE},
}
REFUSED = {"type": "urn:dongsheng:problem:missing-scope", "status": 403}


@pytest.fixture
def district(gateway, upstream):
    """`district(credit=403)` is a gateway before five services, of which credit answers everything with 403."""

    def start(**failing):
        def service(name):
            async def handle(seen, _, writer):
                below = seen.path.removeprefix(f"/{name}/v1/")
                if name in failing:
                    writer.write(json_reply(REFUSED, failing[name]))
                elif below.startswith("dispatch/"):
                    told = DISPATCH.get(name, {}).get(below.removeprefix("dispatch/"))
                    writer.write(json_reply(told) if told else reply(404))
                else:
                    writer.write(json_reply({"target": seen.target}))

            return upstream(handle)

        names = ("property", "office", "emergency", "credit", "lawstudy")
        return gateway(**{name: service(name) for name in names})

    return start


def overview(door):
    answer = door.get("/overview", headers=door.bearer("dispatch:read"))
    assert answer.status_code == 200, answer.text
    return {each["part"]: each for each in answer.json()["items"]}


def states(shown):
    return {name: part["state"] for name, part in shown.items()}


ALL_OK = dict.fromkeys(PARTS, "ok")


@pytest.mark.clause("P-2.2.2b")
def test_every_part_is_the_service_s_own_answer_at_the_path_named(district):
    shown = overview(district())
    assert states(shown) == ALL_OK
    assert {name: part["service"] for name, part in shown.items()} == {
        name: service for name, (service, _) in PARTS.items()
    }
    for name, (service, below) in PARTS.items():
        part = shown[name]
        assert part["basis"], name
        if below:
            assert part["path"].startswith(f"/{service}/v1/{below}")
            assert part["data"] == {"target": part["path"]}
    assert shown["requests"]["data"]["total"]["open"] == 6
    rates = shown["rates"]["data"]
    assert rates["services"] == ["property", "office"]
    found = {each["figure"]: (each["numerator"], each["denominator"]) for each in rates["total"]}
    assert found == {"response": (16, 31), "solved": (0, 0), "satisfied": (0, 0)}
    assert shown["patterns"]["data"] == {"items": [PATTERN], "next": None, "unavailable": []}
    assert shown["lists"]["path"] == "/credit/v1/lists?newest=true"
    assert shown["session"]["path"] == "/lawstudy/v1/sessions/coming?limit=1"


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_service_that_is_away_leaves_the_other_parts(district, status):
    shown = overview(district(emergency=status))
    expected = ALL_OK | {"accidents": "away", "warnings": "away"}
    if status == 429:  # what is added up passes on a refusal, and has no sum without it
        expected |= {"requests": "away", "rates": "away", "patterns": "away"}
    else:
        assert shown["patterns"]["data"]["unavailable"] == ["emergency"]
    assert states(shown) == expected
    assert shown["warnings"]["data"] is None
    assert shown["warnings"]["path"] == "/emergency/v1/warnings?active=true&exercise=false"


@pytest.mark.parametrize("status", [401, 403])
def test_what_the_token_may_not_read_is_forbidden_and_the_rest_shown(district, status):
    shown = overview(district(credit=status))
    assert states(shown) == ALL_OK | dict.fromkeys(("lists", "requests", "rates", "patterns"), "forbidden")
    assert shown["lists"]["data"] is None


def test_services_that_nobody_listens_for_are_away(gateway, dead_address):
    shown = overview(gateway(property=dead_address))
    assert states(shown) == dict.fromkeys(PARTS, "away")


def test_an_answer_that_is_no_json_is_no_figure(gateway, upstream):
    async def handle(seen, _, writer):
        writer.write(reply(200, b"<html>") if seen.path.endswith("/lists") else reply(404))

    assert overview(gateway(credit=upstream(handle)))["lists"]["state"] == "away"


def test_nothing_is_shown_without_a_token(district):
    door = district()
    assert door.http.get("/overview").status_code == 401
    assert door.http.get("/overview", headers={"Authorization": "Bearer no.such.token"}).status_code == 401
