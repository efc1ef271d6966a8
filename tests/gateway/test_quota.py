"""How often a caller may come is told with every answer, before it is refused."""

import pytest

from gateway.limits import Limiter
from kit.web.caller import Person
from tests.gateway.services import DispatchService
from tests.gateway.upstreams import always, reply

PATH = "/property/v1/compounds"


def told(answer):
    return answer.headers.get_list("ratelimit-policy"), answer.headers.get_list("ratelimit")


def test_every_answer_of_a_service_tells_what_is_left(gateway, upstream):
    door = gateway(property=upstream(), settings={"rate": 0.5, "burst": 3})

    answers = [door.get(PATH) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [told(answer) for answer in answers] == [
        (['"caller";q=3;w=6'], ['"caller";r=2;t=2']),
        (['"caller";q=3;w=6'], ['"caller";r=1;t=4']),
        (['"caller";q=3;w=6'], ['"caller";r=0;t=6']),
        (['"caller";q=3;w=6'], ['"caller";r=0;t=6']),
    ]
    assert int(answers[-1].headers["retry-after"]) <= 6


def test_each_person_behind_a_client_has_a_quota_of_its_own(gateway, upstream):
    door = gateway(property=upstream(), settings={"rate": 0.1, "burst": 1})
    people = [door.bearer(client="console", person=Person(id, "某")) for id in ("a", "b", "a")]
    assert [door.get(PATH, headers=each).status_code for each in people] == [200, 200, 429]


@pytest.mark.parametrize("status", [304, 404, 409, 500])
def test_so_do_answers_that_are_none(gateway, upstream, status):
    answer = gateway(property=upstream(always(reply(status)))).get(PATH)
    assert (answer.status_code, answer.headers["ratelimit"][:12]) == (status, '"caller";r=3')


def test_a_service_cannot_tell_another_quota_in_the_place_of_the_door(gateway, upstream):
    there = upstream(always(reply(200, b"", ("RateLimit", '"mine";r=1'), ("RateLimit-Policy", '"mine";q=1'))))
    assert told(gateway(property=there, settings={"burst": 9, "rate": 3}).get(PATH)) == (
        ['"caller";q=9;w=3'],
        ['"caller";r=8;t=1'],
    )


def test_so_does_a_failure_of_the_service(gateway, dead_address):
    answer = gateway(property=dead_address).get(PATH)
    assert (answer.status_code, answer.headers["ratelimit"][:12]) == (503, '"caller";r=3')


def test_so_do_the_gateways_own_operations(gateway, upstream):
    door = gateway(property=DispatchService(upstream, "property", "P", lift="电梯").there)
    bearer = door.bearer("dispatch:read")
    for path in ("/dispatch/v1/matters", "/dispatch/v1/requests", "/dispatch/v1/unknown"):
        assert told(door.get(path, headers=bearer))[0] == ['"caller";q=400;w=2']
    assert told(door.http.post("/auth/v1/token"))[0] == ['"token";q=30;w=15']
    assert told(door.http.get("/openapi.json"))[0] == ['"document";q=400;w=2']


def test_who_has_not_said_who_they_are_is_told_nothing(gateway, upstream):
    answer = gateway(property=upstream()).http.get(PATH)
    assert (answer.status_code, told(answer)) == (401, ([], []))


def test_what_is_left_comes_back_with_time():
    now = 0.0
    limiter = Limiter(rate=2, burst=4, clock=lambda: now)
    assert [(quota.left, quota.full) for quota in (limiter.admit("a"), limiter.admit("a"))] == [
        (3, 1),
        (2, 1),
    ]
    limiter.admit("a")
    now = 0.5
    assert limiter.admit("a").left == 1
    now = 100
    assert (limiter.admit("a").left, limiter.admit("b").left) == (3, 3)


def test_the_document_of_all_operations_names_the_headers(gateway, upstream):
    document = gateway(property=upstream(always(reply(503)))).http.get("/openapi.json").json()
    headers = document["components"]["headers"]
    assert {"RateLimit", "RateLimit-Policy"} <= headers.keys()
    for path in ("/dispatch/v1/matters", "/dispatch/v1/requests", "/auth/v1/token"):
        for operation in document["paths"][path].values():
            for answer in operation["responses"].values():
                named = document["components"]["responses"].get(answer.get("$ref", "").rpartition("/")[2])
                assert {"RateLimit", "RateLimit-Policy"} <= (named or answer)["headers"].keys(), path
    keys = document["paths"]["/auth/v1/jwks.json"]["get"]["responses"]["200"]
    assert "RateLimit" not in keys.get("headers", {})
